"""What was asked and what was answered: the newest of it, and counts of all of it."""

from collections import deque
from collections.abc import Iterator, Mapping
from itertools import count
from typing import NamedTuple

BODY_KEPT = 65_536
"""How much of a body is kept, in bytes."""

HEADERS_KEPT = 100
"""For how many of the newest entries headers are kept: they are large, and seldom asked for."""

UNKNOWN = "unknown"
"""What requests are counted as that are for no operation."""

UNEXPECTED = "strict"
"""What decided the answer of a request that a strict namespace refused, as no stub expects it."""

numbers = count(1)
"""Number the entries of all journals, in the order of their answers."""


class Entry(NamedTuple):
    """One request and its answer, as small as can be: a busy server's memory stays in reach.

    `time` is the namespace's clock; `passed_over` has stubs that matched and stepped
    aside, with the reason; `status` is None where no answer reached the client.
    """

    number: int
    time: int
    method: str
    path: str
    query: str
    operation: str | None
    key: str | None
    body: bytes
    status: int | None
    answer: bytes
    decided_by: str
    matched: bool
    passed_over: tuple[tuple[str, str], ...]
    fault: str | None


class Headers(NamedTuple):
    """The headers of an entry: the request's and the answer's."""

    number: int
    request: Mapping[str, str]
    answer: Mapping[str, str]


class Journal:
    """The newest entries of a namespace, and unbounded counts of the operations asked for."""

    def __init__(self, limit: int) -> None:
        self.keeps_entries = limit > 0
        self._entries: deque[Entry] = deque(maxlen=limit)
        self._headers: deque[Headers] = deque(maxlen=min(limit, HEADERS_KEPT))
        self.calls: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        """Iterate over the entries, newest first."""
        yield from reversed(self._entries)

    def add(self, entry: Entry, headers: Headers) -> None:
        """Keep one exchange; the oldest gives way."""
        self._entries.append(entry)
        self._headers.append(headers)

    def count(self, operation: str) -> None:
        """Count one more request for an operation."""
        self.calls[operation] = self.calls.get(operation, 0) + 1

    def headers(self, number: int) -> Headers | None:
        """Give the headers of an entry; None where it is not among the newest."""
        return next((headers for headers in self._headers if headers.number == number), None)

    def clear(self) -> None:
        """Forget everything."""
        self._entries.clear()
        self._headers.clear()
        self.calls.clear()
