"""What travels through the pipeline: a request on its way, and the answer to it."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from multidict import MultiMapping

from mockserver.api.shared.errors import ApiError
from mockserver.api.shared.operation import Operation
from mockserver.api.shared.routing import Route, parameters
from mockserver.expressions.conditions import MISSING, Asked
from mockserver.http import json_codec
from mockserver.http.connection import Delivery
from mockserver.state import ids
from mockserver.state.namespace import Namespace


@dataclass(slots=True)
class Answer:
    """What goes back: a status, a body, and headers beyond those of every answer.

    `anonymous` leaves out the headers by which the API's inner side shows itself;
    `delay` is how long it is held back, in seconds. `delivery` puts it on the wire in
    another way than whole; `arrives` says whether its status then reaches the client, `harmless`
    that it is right but late. `begun` is called when it begins to go out, `delivered` when all
    of it is out. `dresses` put a stub's headers on it once it has all others.
    """

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    anonymous: bool = False
    delay: float = 0.0
    delivery: Delivery | None = None
    arrives: bool = True
    harmless: bool = False
    begun: Callable[[], None] | None = None
    delivered: Callable[[], None] | None = None
    dresses: tuple[Callable[["Answer"], None], ...] = ()

    @property
    def seen_status(self) -> int | None:
        """The status as the client sees it; None where no answer reaches it."""
        return self.status if self.arrives else None

    @classmethod
    def refusal(cls, error: ApiError) -> "Answer":
        """Make the answer that an error is."""
        front_door = error.entry.form == "front_door"
        if front_door:
            headers = {"Content-Type": "application/json; charset=utf-8", "Vary": "Origin"}
        else:
            headers = {"Content-Type": "application/json"}
        return cls(error.status, error.body(), headers | error.headers, anonymous=front_door)


@dataclass(slots=True)
class Exchange:
    """One request on its way through the pipeline, and what is known of it so far.

    `path` is raw, as on the request line; `body_error` names the error that a body
    has earned which could not be read. `decided_by` names what made the answer, for
    people; `chance` is what its own ids derive from, where drawn already. `patch` and
    `dresses` are what a stub still wants done to the default answer, and `passed_over`
    has the stubs that matched but stepped aside, with the reason. `fault` names the fault
    that struck; `strike` makes of the answer what a fault does after the handler's work.
    `made` is the id of the object that was made; `quota_headers` tell of a rate limit.
    """

    method: str
    path: str
    query: str
    headers: MultiMapping[str]
    body: bytes
    body_error: str | None = None
    route: Route = field(init=False)
    key: str | None = None
    namespace: Namespace = field(init=False)
    document: Any = None
    identity: bytes | None = None
    decided_by: str = "error"
    matched: bool = False
    patch: Callable[[Any], Any] | None = None
    dresses: tuple[Callable[[Answer], None], ...] = ()
    status: int | None = None
    delay: float = 0.0
    chance: bytes = b""
    passed_over: tuple[tuple[str, str], ...] = ()
    fault: str | None = None
    strike: Callable[[Answer], Answer] | None = None
    made: str | None = None
    quota_headers: dict[str, str] | None = None

    @property
    def operation(self) -> Operation:
        """The operation asked for; steps that use it come after the one that finds it."""
        assert self.route.operation is not None  # noqa: S101
        return self.route.operation

    def read_document(self) -> None:
        """Read the body ahead of its turn, for stubs and templates; what is no JSON has none."""
        if self.document is None:
            with contextlib.suppress(json_codec.NotJSONError, json_codec.TooDeepError):
                self.document = json_codec.loads(self.body)

    def asked(self) -> Asked:
        """Give the request as the conditions of stubs see it."""
        operation = self.route.operation
        return Asked(
            operation=operation.operation_id if operation else None,
            method=self.method,
            path=self.path,
            headers=self.headers,
            query=parameters(self.query),
            body=MISSING if self.document is None else self.document,
        )

    def as_sent(self) -> bytes:
        """Hash the request as it was sent: a client's retry sends the same bytes."""
        query = self.query.encode("utf-8", "surrogateescape")
        return ids.digest(self.route.signature, query, self.body, size=16)

    def meaning(self) -> bytes:
        """Hash what a client asks, however it writes it, before anything is validated."""
        body = self.body if self.document is None else json_codec.canonical(self.document)
        query = self.query.encode("utf-8", "surrogateescape")
        return ids.digest(self.route.signature, query, body, size=16)

    def fingerprint(self) -> bytes:
        """Hash what makes this very request, but not its key or the API's mount.

        A valid body counts by what it means, so that two clients that write it
        differently ask the same; any other counts by its bytes.
        """
        return self.identity if self.identity is not None else self.as_sent()
