"""Received requests as a test inspects them, and as a failure message shows them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mockserver.verification.journal import UNEXPECTED

NO_REQUESTS = """\
no requests were received; what keeps them away, as a rule:
    a client that was created at import has the key of then: set mockserver_isolation = session \
in pytest's ini
    a client that is given a base URL: it should be `mockserver.base_url`, or OPENAI_BASE_URL
    a proxy (HTTP_PROXY, ALL_PROXY) that was read before the test: NO_PROXY has to name the server\
"""
"""What the list of no requests says."""


@dataclass(frozen=True, slots=True)
class ReceivedRequest:
    """One request, its response, and what decided the response.

    Headers are None where they are no longer kept. `status` is None where no response reached the
    client. `response` is the body that was sent. `completed` says whether all of it was sent; it is
    None while the response is being sent. `near_misses` has, for a request that no stub answered,
    the nearest stubs as the control API shows them. `skipped` has the stubs that matched but did
    not answer.
    """

    number: int
    operation: str | None
    method: str
    path: str
    query: str
    headers: Mapping[str, str] | None
    body: Any
    status: int | None
    response: Any
    response_headers: Mapping[str, str] | None
    decided_by: str
    fault: str | None
    near_misses: tuple[Mapping[str, Any], ...]
    skipped: tuple[Mapping[str, str], ...]
    completed: bool | None

    @classmethod
    def from_entry(cls, entry: Mapping[str, Any]) -> "ReceivedRequest":
        """Return the request that an entry of the control API's journal describes."""
        request, response = entry["request"], entry["response"]
        return cls(
            number=entry["number"],
            operation=entry["operation"],
            method=request["method"],
            path=request["path"],
            query=request["query"],
            headers=request["headers"],
            body=request["body"],
            status=response["status"],
            response=response["body"],
            response_headers=response["headers"],
            decided_by=entry["decided_by"],
            fault=entry["fault"],
            near_misses=tuple(entry.get("near_misses", ())),
            skipped=tuple(entry["skipped"]),
            completed=response["completed"],
        )

    @property
    def was_unexpected(self) -> bool:
        """Whether strictness refused it because no stub expected it."""
        return self.decided_by == UNEXPECTED

    def __str__(self) -> str:
        path = f"{self.path}?{self.query}" if self.query else self.path
        fault = f": {self.fault}" if self.fault else ""
        status = "no response" if self.status is None else str(self.status)
        line = f"{self.method} {path} -> {status}  {self.operation or '-'}"
        return f"{line}  decided by {self.decided_by}{fault}"


def format_requests(requests: Iterable[ReceivedRequest]) -> str:
    """Return requests as text, oldest first, each with its skipped stubs and near misses."""
    lines = []
    for request in sorted(requests, key=lambda request: request.number):
        lines.append(str(request))
        lines += [
            f"    skipped: {skipped['stub']}: {skipped['why']}" for skipped in request.skipped
        ]
        for miss in request.near_misses:
            lines.append(f"    near miss: {miss['name']} ({miss['source']})")
            lines += [
                f"        {condition['condition']}: it was {condition['actual']}"
                for condition in miss["conditions"]
                if not condition["matched"]
            ]
    return "\n".join(lines) or NO_REQUESTS
