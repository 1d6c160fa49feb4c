"""The router: find the operation for a method and a path, under each mount."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote

from mockserver.api.shared.known_operations import KnownOperation
from mockserver.api.shared.mounts import MOUNTS, Mount
from mockserver.api.shared.operation import BODY_LIMIT, Operation, Reader

V1_ONLY = (
    ("assistants", "{assistant_id}", "files"),
    ("assistants", "{assistant_id}", "files", "{file_id}"),
    ("threads", "{thread_id}", "messages", "{message_id}", "files"),
    ("threads", "{thread_id}", "messages", "{message_id}", "files", "{file_id}"),
)
"""Paths that only v1 of the API had."""

ASSISTANTS_API = frozenset({"assistants", "threads"})
"""The first segments of the paths that the real service shut down."""

CACHED_ROUTES = 4096
"""The size of the cache of routes: a test sends the same few paths again and again."""


class Route(NamedTuple):
    """The result of routing a method and a path.

    `signature` has the method and the path without its mount, as they were sent. `segments` has the
    decoded segments of the path. Where no operation matches, `operation` is None, `unserved` is one
    of OpenAI's that this server does not serve, and `allowed` has the methods that the path does
    support. `failure` is the exception where the router failed.
    """

    mount: Mount
    signature: bytes
    segments: tuple[str, ...]
    operation: Operation | None = None
    path_ids: dict[str, str] = {}  # noqa: RUF012  shared, and never changed
    allowed: tuple[str, ...] = ()
    failure: Exception | None = None
    body_limit: int = BODY_LIMIT
    unserved: KnownOperation | None = None
    reader: Reader = "whole"

    @classmethod
    def failed(cls, method: str, path: str, failure: Exception) -> "Route":
        """Return the route of a request for which the router raised `failure`."""
        signature = f"{method} {path}".encode("utf-8", "surrogateescape")
        return cls(MOUNTS[-1], signature, (path,), failure=failure)

    @property
    def is_v1_only(self) -> bool:
        """Whether only v1 of the API had this path."""
        return any(_follows(pattern, self.segments) for pattern in V1_ONLY)

    @property
    def is_assistants_api(self) -> bool:
        """Whether the real service has shut this path down."""
        return self.mount.service.has_ended and self.segments[0] in ASSISTANTS_API


class _Node:
    """A node of the tree of paths: the operations of its path, and its children."""

    __slots__ = ("literals", "operations", "parameter")

    def __init__(self) -> None:
        self.operations: dict[str, Operation | KnownOperation] = {}
        self.literals: dict[str, _Node] = {}
        self.parameter: _Node | None = None

    def add(self, operation: Operation | KnownOperation) -> None:
        node = self
        for segment in operation.segments:
            if _is_parameter(segment):
                node.parameter = node.parameter or _Node()
                node = node.parameter
            else:
                node = node.literals.setdefault(segment, _Node())
        node.operations[operation.method] = operation

    def find(self, method: str, mount: Mount) -> Operation | KnownOperation | None:
        """Return the operation of a method, where the mount's service has it."""
        found = self.operations.get(method)
        is_elsewhere = isinstance(found, Operation) and not found.is_at(mount.service)
        return None if is_elsewhere else found

    def ends(self, segments: Sequence[str], at: int = 0) -> Iterator["_Node"]:
        """Yield the nodes that a path leads to, those over literal segments first."""
        if at == len(segments):
            yield self
            return
        segment = segments[at]
        literal = self.literals.get(segment)
        if literal is not None:
            yield from literal.ends(segments, at + 1)
        if self.parameter is not None and segment:
            yield from self.parameter.ends(segments, at + 1)


class Router:
    """Finds the operation of a request.

    The cost does not depend on the number of operations. A literal segment wins over a parameter:
    `POST /threads/runs` does not modify a thread named `runs`. Of the `known` operations, it only
    tells the names.
    """

    def __init__(
        self, operations: Iterable[Operation], known: Iterable[KnownOperation] = ()
    ) -> None:
        self._root = _Node()
        for one in known:
            self._root.add(one)
        for operation in operations:  # in the place of what is only known
            self._root.add(operation)
        self.find = lru_cache(maxsize=CACHED_ROUTES)(self._find)

    def _find(self, method: str, raw_path: str) -> Route:
        """Return the route for a method and a path, both as on the request line."""
        mount, signature, segments = _take_apart(method, raw_path)
        allowed: dict[str, None] = {}
        for node in self._root.ends(segments):
            operation = node.find(method, mount)
            if isinstance(operation, KnownOperation):
                return Route(mount, signature, segments, unserved=operation)
            if operation is not None:
                return Route(
                    mount,
                    signature,
                    segments,
                    operation,
                    _path_ids(operation, segments),
                    body_limit=operation.body_limit,
                    reader=operation.reader,
                )
            allowed.update((name, None) for name in node.operations if node.find(name, mount))
        return Route(mount, signature, segments, allowed=tuple(allowed))


def _take_apart(method: str, raw_path: str) -> tuple[Mount, bytes, tuple[str, ...]]:
    """Return a path's mount, its signature, and its decoded segments after the mount."""
    below = ((mount, mount.path_below(raw_path)) for mount in MOUNTS)
    mount, path = next(
        ((mount, path) for mount, path in below if path is not None), (MOUNTS[-1], raw_path)
    )
    signature = f"{method} {path}".encode("utf-8", "surrogateescape")
    # Split first: a slash that was sent encoded is part of its segment.
    return mount, signature, tuple(map(unquote, path[1:].split("/")))


def _path_ids(operation: Operation, segments: Sequence[str]) -> dict[str, str]:
    return {
        name[1:-1]: segment
        for name, segment in zip(operation.segments, segments, strict=True)
        if _is_parameter(name)
    }


def _follows(pattern: Sequence[str], segments: Sequence[str]) -> bool:
    return len(pattern) == len(segments) and all(
        bool(segment) if _is_parameter(expected) else expected == segment
        for expected, segment in zip(pattern, segments, strict=True)
    )


def _is_parameter(segment: str) -> bool:
    return segment.startswith("{")
