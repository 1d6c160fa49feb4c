"""An exchange: one request with all that is decided about it."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from mockserver.api.shared.dialect import Dialect
from mockserver.api.shared.operation import Operation
from mockserver.api.shared.routing import Route
from mockserver.api.subjects import Subjects
from mockserver.expressions.request_view import MISSING, NOTHING, About, RequestView
from mockserver.expressions.templates import Context
from mockserver.http import json_codec
from mockserver.http.request import Request, query_values
from mockserver.http.response import Response
from mockserver.pipeline.outgoing import Outgoing
from mockserver.state import ids
from mockserver.state.namespace import Namespace
from mockserver.stubs.actions.action import Action
from mockserver.stubs.rate_limiter import LimitState

BUG = "bug"
"""The value of `Decision.by` where this server itself has failed."""


class RequestHashes:
    """The hashes of a request; none of them knows the key or the API's mount.

    - `raw`: the request as it was sent. A client's retry sends the same bytes.
    - `parsed`: the same with the JSON body by its value, however the client wrote it.
    - `validated`: the request by what it means, once it is validated.
    """

    __slots__ = ("_request", "_signature", "validated")

    def __init__(self, request: Request, signature: bytes) -> None:
        self._request = request
        self._signature = signature
        self.validated: bytes | None = None

    def raw(self) -> bytes:
        """Return the hash of the request as it was sent."""
        return self._hash(self._request.body)

    def parsed(self, body: Any) -> bytes:
        """Return the hash of the request with its parsed body; None is no JSON."""
        return self.raw() if body is None else self._hash(json_codec.canonical(body))

    def validate(self, meaning: bytes) -> None:
        """Set the hash of a valid request; `meaning` is its body in a canonical form."""
        self.validated = ids.digest(self._signature, meaning, size=16)

    def best(self) -> bytes:
        """Return the hash that says most of what is meant: `validated`, or else `raw`."""
        return self.raw() if self.validated is None else self.validated

    def _hash(self, body: bytes) -> bytes:
        query = self._request.query.encode("utf-8", "surrogateescape")
        return ids.digest(self._signature, query, body, size=16)


class Applied(NamedTuple):
    """An action that applies to an exchange, with what its templates look up.

    `source` names who chose it: a stub, or a part of the request.
    """

    source: str
    action: Action
    context: Context


@dataclass(slots=True)
class Decision:
    """What is decided about a request, as data.

    `by` names for people what made the response. `applied` has the actions that apply, `matched`
    says that a stub is among their sources. `skipped` has the stubs that matched and yet did not
    answer, each with the reason. `hint` says what would have helped. `fault` is the fault that is
    injected, `delay` how long the response is held back, in seconds, `limit_state` how the rate
    limit stands that counted it. `take_back` gives a stub its turn back, which came to nothing.
    """

    by: str = "error"
    applied: tuple[Applied, ...] = ()
    matched: bool = False
    skipped: tuple[tuple[str, str], ...] = ()
    hint: str = ""
    fault: str | None = None
    delay: float = 0.0
    limit_state: LimitState | None = None
    take_back: Callable[[], None] | None = None

    def withdraw(self, source: str | None = None) -> None:
        """Give the stub its turn back, once, if it may have that; with `source`, no other one."""
        if self.take_back is not None and source in (None, self.applied[-1].source):
            self.take_back()
            self.take_back = None


@dataclass(slots=True)
class Exchange:
    """One request on its way through the pipeline.

    `dialect` is what the service takes, None for OpenAI's own fields. `body` is the parsed JSON
    body, None where there is none yet. `entropy` is what the exchange's own ids derive from, once
    drawn. `created_id` is the id of the object that was created, and `created_in` that of its
    thread, if it has one. `outgoing` is what went out of a stream. `about` has what stubs asked of
    its subjects.
    `began` is when the request had been read, in seconds of a monotonic clock, where that is asked
    for.
    """

    request: Request
    route: Route
    namespace: Namespace
    hashes: RequestHashes
    decision: Decision
    key: str | None = None
    dialect: Dialect | None = None
    body: Any = None
    about: About | None = None
    entropy: bytes = b""
    created_id: str | None = None
    created_in: str | None = None
    outgoing: Outgoing | None = None
    began: float = 0.0
    response: Response = field(init=False)

    @property
    def operation(self) -> Operation:
        """The operation; steps that use it come after the one that requires it."""
        assert self.route.operation is not None  # noqa: S101
        return self.route.operation

    def read_body_early(self) -> None:
        """Parse the body ahead of its turn, for stubs and templates; what is no JSON has none."""
        if self.body is None:
            with contextlib.suppress(json_codec.NotJSONError, json_codec.TooDeepError):
                self.body = json_codec.loads(self.request.body)

    def view(self) -> RequestView:
        """Return the request as conditions and templates see it."""
        request, operation = self.request, self.route.operation
        if self.about is None and operation is not None:
            subjects = Subjects(self.namespace, operation, self.route.path_ids, self.body)
            self.about = About(subjects)
        return RequestView(
            operation=operation.operation_id if operation else None,
            method=request.method,
            path=request.path,
            headers=request.headers,
            query=query_values(request.query),
            body=MISSING if self.body is None else self.body,
            about=self.about or NOTHING,
        )
