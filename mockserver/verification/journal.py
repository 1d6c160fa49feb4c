"""The journal: the newest requests with their responses, and counts of all requests."""

from bisect import bisect_left
from collections import deque
from collections.abc import Iterator, Mapping
from itertools import count
from typing import NamedTuple

MAX_BODY_BYTES = 65_536
"""How many bytes of a body are kept."""

MAX_HEADERS = 100
"""For how many of the newest entries headers are kept: they are large and rarely needed."""

UNKNOWN = "unknown"
"""The name under which requests for no operation are counted."""

UNEXPECTED = "strict"
"""The value of `decided_by` for a request that strictness refused: no stub expects it."""

numbers = count(1)
"""The numbers of the entries of all journals, in the order of their responses."""


class JournalEntry(NamedTuple):
    """One request and its response, as a tuple to save memory.

    `time` is that of the namespace's clock, in seconds. `skipped` has the stubs that matched but
    did not answer, each with the reason. `status` is None where no response reached the client.
    `completed` says whether all of the response was sent; it is None while that is in progress.
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
    """The headers of an entry's request and response."""

    number: int
    request: Mapping[str, str]
    response: Mapping[str, str | list[str]]


class Journal:
    """The newest entries of a namespace, and the counts of all its requests by operation."""

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
        """Add an entry; the oldest is dropped where there are too many."""
        self._entries.append(entry)
        self._headers.append(headers)

    def close(self, number: int, *, completed: bool, response: bytes | None = None) -> None:
        """Complete the entry of a response that was in progress, when it was sent or aborted.

        `response` is the body, where it was not known before, such as that of a stream.
        """
        at = bisect_left(self._entries, number, key=lambda entry: entry.number)
        if at < len(self._entries) and self._entries[at].number == number:
            entry = self._entries[at]
            body = entry.response if response is None else response
            self._entries[at] = entry._replace(completed=completed, response=body)

    def count(self, operation: str) -> None:
        """Count one more request for an operation."""
        self.calls[operation] = self.calls.get(operation, 0) + 1

    def headers(self, number: int) -> JournalHeaders | None:
        """Return the headers of an entry, or None where they are no longer kept."""
        return next((headers for headers in self._headers if headers.number == number), None)

    def clear(self) -> None:
        """Remove all entries and counts."""
        self._entries.clear()
        self._headers.clear()
        self.calls.clear()
