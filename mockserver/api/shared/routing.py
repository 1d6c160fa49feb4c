"""Which operation a path means: the mounts, and the table of operations."""

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import parse_qsl, unquote

from mockserver.api.shared.operation import Operation


def parameters(query: str) -> dict[str, str]:
    """Read a query; of a name that comes again the last counts."""
    return dict(parse_qsl(query, keep_blank_values=True)) if query else {}


class Mount(NamedTuple):
    """A prefix that the whole API answers under."""

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


class Route(NamedTuple):
    """What a method and a path mean.

    `signature` has the method and the path without its mount, as they came;
    `segments` are the path's, decoded. `operation` is None where
    there is nothing; `allowed` then has the methods that would find something.
    """

    mount: Mount
    signature: bytes
    segments: tuple[str, ...]
    operation: Operation | None
    path_ids: dict[str, str]
    allowed: tuple[str, ...]

    @property
    def is_v1_only(self) -> bool:
        """Whether this is a path of v1 alone."""
        return any(_path_ids(pattern, self.segments) is not None for pattern in V1_ONLY)

    @property
    def is_assistants_api(self) -> bool:
        """Whether the real service has shut this path down."""
        return self.segments[0] in ASSISTANTS_API


class Router:
    """Finds the operation of a request in the table."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self._operations = tuple(operations)
        # The same few paths come again and again.
        self.find = lru_cache(maxsize=4096)(self._find)

    def _find(self, method: str, raw_path: str) -> Route:
        """Tell what a method and a path, as they stand on the request line, mean."""
        for mount in MOUNTS:
            if raw_path.startswith(mount.prefix + "/"):
                break
        path = raw_path[len(mount.prefix) :]
        signature = f"{method} {path}".encode("utf-8", "surrogateescape")
        # Cut first: a slash that was sent encoded is part of its segment.
        segments = tuple(map(unquote, path[1:].split("/")))
        allowed = []
        for operation in self._operations:
            path_ids = _path_ids(operation.segments, segments)
            if path_ids is None:
                continue
            if operation.method == method:
                return Route(mount, signature, segments, operation, path_ids, ())
            allowed.append(operation.method)
        return Route(mount, signature, segments, None, {}, tuple(allowed))


def _path_ids(pattern: tuple[str, ...], segments: tuple[str, ...]) -> dict[str, str] | None:
    """Give the ids in a path by name; None where it does not follow the pattern."""
    if len(pattern) != len(segments):
        return None
    path_ids = {}
    for expected, segment in zip(pattern, segments, strict=True):
        if expected[0] == "{" and segment:
            path_ids[expected[1:-1]] = segment
        elif expected != segment:
            return None
    return path_ids
