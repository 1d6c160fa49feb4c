"""Which operation a method and a path are for: the mounts, and a tree of path segments."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote

from mockserver.api.shared.operation import Operation


class Mount(NamedTuple):
    """A prefix that the whole API is served under."""

    prefix: str
    azure: bool


MOUNTS = (
    Mount("/v1", azure=False),
    Mount("/openai/v1", azure=True),
    Mount("/openai", azure=True),
    Mount("", azure=False),
)
"""Longer prefixes of the same kind first; the root is what OpenAI's SDK test suites use."""

V1_ONLY = (
    ("assistants", "{assistant_id}", "files"),
    ("assistants", "{assistant_id}", "files", "{file_id}"),
    ("threads", "{thread_id}", "messages", "{message_id}", "files"),
    ("threads", "{thread_id}", "messages", "{message_id}", "files", "{file_id}"),
)
"""Paths that went away with v1 of the API."""

ASSISTANTS_API = frozenset({"assistants", "threads"})
"""The first segments of the paths that the real service shut down."""

CACHED_ROUTES = 4096
"""How many routes are remembered: a test sends the same few paths again and again."""


class Route(NamedTuple):
    """What a method and a path mean.

    `signature` has the method and the path without its mount, as they came; `segments` are the
    path's, decoded. Where nothing is served, `operation` is None and `allowed` has the methods that
    are served there. `failure` is set where the router itself failed.
    """

    mount: Mount
    signature: bytes
    segments: tuple[str, ...]
    operation: Operation | None = None
    path_ids: dict[str, str] = {}  # noqa: RUF012  shared, and never changed
    allowed: tuple[str, ...] = ()
    failure: Exception | None = None

    @classmethod
    def failed(cls, method: str, path: str, failure: Exception) -> "Route":
        """Return the route of a request that the router failed at."""
        signature = f"{method} {path}".encode("utf-8", "surrogateescape")
        return cls(MOUNTS[-1], signature, (path,), failure=failure)

    @property
    def is_v1_only(self) -> bool:
        """Whether this is a path of v1 alone."""
        return any(_follows(pattern, self.segments) for pattern in V1_ONLY)

    @property
    def is_assistants_api(self) -> bool:
        """Whether the real service has shut this path down."""
        return self.segments[0] in ASSISTANTS_API


class _Node:
    """A place in the tree: the operations of the path that ends here, and the ways on."""

    __slots__ = ("literals", "operations", "parameter")

    def __init__(self) -> None:
        self.operations: dict[str, Operation] = {}
        self.literals: dict[str, _Node] = {}
        self.parameter: _Node | None = None

    def add(self, operation: Operation) -> None:
        node = self
        for segment in operation.segments:
            if _is_parameter(segment):
                node.parameter = node.parameter or _Node()
                node = node.parameter
            else:
                node = node.literals.setdefault(segment, _Node())
        node.operations[operation.method] = operation

    def ends(self, segments: Sequence[str], at: int = 0) -> Iterator["_Node"]:
        """Yield where a path leads, the way over literal segments first."""
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

    What it costs does not depend on how many operations there are. A literal segment wins over a
    parameter: `POST /threads/runs` is no thread of the name `runs`.
    """

    def __init__(self, operations: Iterable[Operation]) -> None:
        self._root = _Node()
        for operation in operations:
            self._root.add(operation)
        self.find = lru_cache(maxsize=CACHED_ROUTES)(self._find)

    def _find(self, method: str, raw_path: str) -> Route:
        """Return what a method and a path mean, both as they stand on the request line."""
        mount, signature, segments = _take_apart(method, raw_path)
        allowed: dict[str, None] = {}
        for node in self._root.ends(segments):
            operation = node.operations.get(method)
            if operation is not None:
                return Route(mount, signature, segments, operation, _path_ids(operation, segments))
            allowed.update(dict.fromkeys(node.operations))
        return Route(mount, signature, segments, allowed=tuple(allowed))


def _take_apart(method: str, raw_path: str) -> tuple[Mount, bytes, tuple[str, ...]]:
    """Return the mount of a path, its signature, and its decoded segments behind the mount."""
    for mount in MOUNTS:
        if raw_path.startswith(mount.prefix + "/"):
            break
    path = raw_path[len(mount.prefix) :]
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
