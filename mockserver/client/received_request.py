"""Requests as a test sees them afterwards, and how a failure tells of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mockserver.verification.journal import UNEXPECTED


@dataclass(frozen=True, slots=True)
class Request:
    """One request, what was answered, and what decided it.

    Headers are None where they are no longer kept, `status` where no answer reached
    the client. `near_misses` has, for a request that no stub answered, the nearest
    stubs as the control API shows them; `passed_over` those that stepped aside.
    """

    number: int
    operation: str | None
    method: str
    path: str
    query: str
    headers: Mapping[str, str] | None
    body: Any
    status: int | None
    answer: Any
    answer_headers: Mapping[str, str] | None
    decided_by: str
    fault: str | None
    near_misses: tuple[Mapping[str, Any], ...]
    passed_over: tuple[Mapping[str, str], ...]

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> "Request":
        """Make one of an entry of the journal."""
        request, answer = entry["request"], entry["answer"]
        return cls(
            number=entry["number"],
            operation=entry["operation"],
            method=request["method"],
            path=request["path"],
            query=request["query"],
            headers=request["headers"],
            body=request["body"],
            status=answer["status"],
            answer=answer["body"],
            answer_headers=answer["headers"],
            decided_by=entry["decided_by"],
            fault=entry["fault"],
            near_misses=tuple(entry.get("near_misses", ())),
            passed_over=tuple(entry["passed_over"]),
        )

    @property
    def was_unexpected(self) -> bool:
        """Whether a strict server refused it, since no stub expected it."""
        return self.decided_by == UNEXPECTED

    def __str__(self) -> str:
        path = f"{self.path}?{self.query}" if self.query else self.path
        fault = f": {self.fault}" if self.fault else ""
        status = "no answer" if self.status is None else str(self.status)
        asked = f"{self.method} {path} -> {status}  {self.operation or '-'}"
        return f"{asked}  decided by {self.decided_by}{fault}"


def told(requests: Iterable[Request]) -> str:
    """Tell of requests, oldest first, a line each; below one, what nearly answered it."""
    lines = []
    for request in sorted(requests, key=lambda request: request.number):
        lines.append(str(request))
        lines += [f"    passed over: {over['stub']}: {over['why']}" for over in request.passed_over]
        for miss in request.near_misses:
            lines.append(f"    near miss: {miss['name']} ({miss['source']})")
            lines += [
                f"        {condition['condition']}: it was {condition['was']}"
                for condition in miss["conditions"]
                if not condition["held"]
            ]
    return "\n".join(lines) or "nothing was asked"
