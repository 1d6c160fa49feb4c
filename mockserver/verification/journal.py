"""The journal: what was received and what was sent back; the newest of it, and counts of all."""

from collections import deque
from collections.abc import Iterator, Mapping
from itertools import count
from typing import NamedTuple

MAX_BODY_BYTES = 65_536
"""How much of a body is kept."""

MAX_HEADERS = 100
"""For how many of the newest entries headers are kept: they are large, and seldom asked for."""

UNKNOWN = "unknown"
"""What requests are counted as that are for no operation."""

UNEXPECTED = "strict"
"""What decided the response to a request that a strict namespace refused: no stub expects it."""

numbers = count(1)
"""Numbers the entries of all journals, in the order of their responses."""


class JournalEntry(NamedTuple):
    """One request and its response, as small as can be: a busy server's memory stays in reach.

    `time` is the namespace's clock; `skipped` has the stubs that matched and yet did not answer,
    each with the reason; `status` is None where no response reached the client. `completed` is
    None while the response is under way, then whether all of it went out.
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
    response: bytes
    decided_by: str
    matched: bool
    skipped: tuple[tuple[str, str], ...]
    fault: str | None
    completed: bool | None = True


class JournalHeaders(NamedTuple):
    """The headers of an entry: the request's and the response's."""

    number: int
    request: Mapping[str, str]
    response: Mapping[str, str]


class Journal:
    """The newest entries of a namespace, and unbounded counts of the requests by operation."""

    def __init__(self, limit: int) -> None:
        self.keeps_entries = limit > 0
        self._entries: deque[JournalEntry] = deque(maxlen=limit)
        self._headers: deque[JournalHeaders] = deque(maxlen=min(limit, MAX_HEADERS))
        self.calls: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[JournalEntry]:
        """Iterate over the entries, newest first."""
        yield from reversed(self._entries)

    def add(self, entry: JournalEntry, headers: JournalHeaders) -> None:
        """Keep one exchange; the oldest is dropped where there are too many."""
        self._entries.append(entry)
        self._headers.append(headers)

    def close(self, number: int, *, completed: bool, response: bytes | None = None) -> None:
        """Close the entry of a response that was under way: it is all out, or the client has gone.

        `response` is the body where it was not known before, as of a stream.
        """
        for at in range(len(self._entries) - 1, -1, -1):
            entry = self._entries[at]
            if entry.number == number:
                body = entry.response if response is None else response
                self._entries[at] = entry._replace(completed=completed, response=body)
                return

    def count(self, operation: str) -> None:
        """Count one more request for an operation."""
        self.calls[operation] = self.calls.get(operation, 0) + 1

    def headers(self, number: int) -> JournalHeaders | None:
        """Return the headers of an entry; None where it is not among the newest."""
        return next((headers for headers in self._headers if headers.number == number), None)

    def clear(self) -> None:
        """Forget everything."""
        self._entries.clear()
        self._headers.clear()
        self.calls.clear()
