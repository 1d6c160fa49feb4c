"""What travels through the pipeline: a request on its way, and the answer to it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from multidict import MultiMapping

from mockserver import ids, wire
from mockserver.api.operation import Operation
from mockserver.errors import ApiError
from mockserver.namespace import Namespace
from mockserver.routing import Route
from mockserver.stubs.match import MISSING, Asked


@dataclass(slots=True)
class Answer:
    """What goes back: a status, a body, and headers beyond those of every answer.

    `anonymous` leaves out the headers by which the API's inner side shows itself;
    `delay` is how long it is held back, in seconds.
    """

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    anonymous: bool = False
    delay: float = 0.0

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
    `dress` are what a stub still wants done to the default answer, and `passed_over`
    has the stubs that matched but stepped aside, with the reason.
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
    dress: Callable[[Answer], Answer] | None = None
    status: int | None = None
    delay: float = 0.0
    chance: bytes = b""
    passed_over: tuple[tuple[str, str], ...] = ()

    @property
    def operation(self) -> Operation:
        """The operation asked for; steps that use it come after the one that finds it."""
        assert self.route.operation is not None  # noqa: S101
        return self.route.operation

    def asked(self) -> Asked:
        """Give the request as the conditions of stubs see it."""
        operation = self.route.operation
        return Asked(
            operation=operation.operation_id if operation else None,
            method=self.method,
            path=self.path,
            headers=self.headers,
            query=dict(parse_qsl(self.query, keep_blank_values=True)) if self.query else {},
            body=MISSING if self.document is None else self.document,
        )

    def meaning(self) -> bytes:
        """Hash what a client asks, however it writes it, before anything is validated."""
        body = self.body if self.document is None else wire.canonical(self.document)
        query = self.query.encode("utf-8", "surrogateescape")
        return ids.digest(self.route.signature, query, body, size=16)

    def fingerprint(self) -> bytes:
        """Hash what makes this very request, but not its key or the API's mount.

        A valid body counts by what it means, so that two clients that write it
        differently ask the same; any other counts by its bytes.
        """
        if self.identity is not None:
            return self.identity
        query = self.query.encode("utf-8", "surrogateescape")
        return ids.digest(self.route.signature, query, self.body, size=16)
