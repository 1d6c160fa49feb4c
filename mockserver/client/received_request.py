"""Received requests as a test inspects them, and as a failure message shows them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from urllib.parse import parse_qs

from mockserver.http.headers import Headers
from mockserver.verification.journal import UNEXPECTED

NO_REQUESTS = """\
no requests were received; what keeps them away, as a rule:
    a client that was created at import has the key of then: set mockserver_isolation = session \
in pytest's ini
    a client that is given a base URL: it should be `mockserver.base_url`, or OPENAI_BASE_URL
    a proxy (HTTP_PROXY, ALL_PROXY) that was read before the test: NO_PROXY has to name the server\
"""
"""What the list of no requests says."""

MAX_POLLS = 500
"""How many of the newest requests are read to show a few: a run may have been polled often."""


@dataclass(frozen=True, slots=True)
class ReceivedRequest:
    """One request, its response, and what decided the response.

    `status` is None where no response reached the client. `response` is the body that was sent.
    `completed` says whether all of it was sent; it is None while the response is being sent. `hint`
    says what would have helped a refused request.
    `near_misses` has, for a request that no stub answered, the nearest stubs as the control API
    shows them. `skipped` has the stubs that matched but did not answer.

    A body is a value where it is JSON, and otherwise text. Bodies and headers are None where the
    server no longer keeps them; `body_truncated` and `response_truncated` then say so.
    """

    number: int
    operation: str | None
    method: str
    path: str
    query: str
    headers: Headers | None
    body: Any
    body_truncated: bool
    status: int | None
    response: Any
    response_truncated: bool
    response_headers: Headers | None
    decided_by: str
    fault: str | None
    hint: str | None
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
            headers=_headers(request["headers"]),
            body=request["body"],
            body_truncated=request["body_truncated"],
            status=response["status"],
            response=response["body"],
            response_truncated=response["body_truncated"],
            response_headers=_headers(response["headers"]),
            decided_by=entry["decided_by"],
            fault=entry["fault"],
            hint=entry["hint"],
            near_misses=tuple(entry.get("near_misses", ())),
            skipped=tuple(entry["skipped"]),
            completed=response["completed"],
        )

    @property
    def parameters(self) -> dict[str, list[str]]:
        """The parameters of the query: every value of each name, as `urllib.parse.parse_qs` has it.

        The server itself, and the `query` of a stub, take the last value of a repeated name.
        """
        return parse_qs(self.query, keep_blank_values=True)

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


def _headers(shown: Mapping[str, str | list[str]] | None) -> Headers | None:
    """Return the headers that the control API shows; a name that came repeatedly has a list."""
    if shown is None:
        return None
    several = ((name, [one] if isinstance(one, str) else one) for name, one in shown.items())
    return Headers([(name, value) for name, values in several for value in values])


def format_requests(requests: Iterable[ReceivedRequest], most: int | None = None) -> str:
    """Return requests as text, oldest first, each with its skipped stubs and near misses.

    What repeats, such as the polls of a run, is shown once, with how often it came. `most` is how
    many are shown, the newest.
    """
    ordered = sorted(requests, key=lambda request: request.number)
    groups = [(shown, len(list(same))) for shown, same in groupby(map(_lines, ordered))]
    lines = []
    for shown, times in groups if most is None else groups[-most:]:
        lines += [f"{shown[0]}  ({times} times)" if times > 1 else shown[0], *shown[1:]]
    return "\n".join(lines) or NO_REQUESTS


def _lines(request: ReceivedRequest) -> list[str]:
    lines = [str(request)]
    if request.hint:
        lines.append(f"    hint: {request.hint}")
    lines += [f"    skipped: {skipped['stub']}: {skipped['why']}" for skipped in request.skipped]
    for miss in request.near_misses:
        source = f" ({miss['source']})" if miss["source"] else ""
        lines.append(f"    near miss: {miss['name']}{source}")
        lines += [
            f"        {condition['condition']}: it was {condition['actual']}"
            for condition in miss["conditions"]
            if not condition["matched"]
        ]
    return lines
