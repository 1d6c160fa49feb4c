"""The journal: the newest requests with their responses, and counts of all requests."""

from bisect import bisect_left
from collections import deque
from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any, NamedTuple

MAX_BYTES = 64 * 2**20
"""How many bytes the bodies and headers of one key's requests may take.

Beyond it those of the oldest requests are let go first, and all of a request's together.
"""

HEADERS_BYTES = 2048
"""What the headers of a request and its response take, as measured with the official SDKs'."""

MAX_UNEXPECTED = 100
"""How many requests that no stub expected are kept: the first ones show the cause."""

UNKNOWN = "unknown"
"""The name under which requests for no operation are counted."""

UNEXPECTED = "strict"
"""The value of `decided_by` for a request that strictness refused: no stub expects it."""

_ID = "x-request-id"

numbers = count(1)
"""The numbers of the entries of all journals, in the order of their responses."""


def content_bytes(body: bytes, response: bytes, about: Mapping[Any, Any] | None) -> int:
    """Return how many bytes the bodies and headers of an entry take."""
    asked = len(str(about.get("message", ""))) if about else 0
    return HEADERS_BYTES + len(body) + len(response) + asked


class JournalEntry(NamedTuple):
    """One request and its response, as a tuple to save memory.

    `time` is that of the namespace's clock, in seconds. `skipped` has the stubs that matched but
    did not answer, each with the reason. `status` is None where no response reached the client.
    `completed` says whether all of the response was sent; it is None while that is in progress.
    `hint` says what would have helped, for a refusal in OpenAI's words. `about` has what stubs
    asked of the request's subjects. `fault_at` is the number of a stream's events that went out
    before `fault` was injected.
    Bodies and headers are None where they are no longer kept, and the request's body also where it
    could not be read. `size` is the number of bytes that they take.
    """

    number: int
    time: int
    method: str
    path: str
    query: str
    operation: str | None
    key: str | None
    request_headers: Mapping[str, str] | None
    body: bytes | None
    status: int | None
    response_headers: Mapping[str, str | list[str]] | None
    response: bytes | None
    decided_by: str
    matched: bool
    skipped: tuple[tuple[str, str], ...]
    fault: str | None
    size: int
    completed: bool | None = True
    hint: str = ""
    about: Mapping[Any, Any] | None = None
    fault_at: int | None = None

    @property
    def request_id(self) -> str:
        """The `x-request-id` of the response; empty where it is not kept or a stub took it away."""
        found = [v for name, v in (self.response_headers or {}).items() if name.lower() == _ID]
        return found[0] if found and isinstance(found[0], str) else ""

    def without_content(self) -> "JournalEntry":
        """Return the entry without its bodies and headers."""
        return self._replace(
            request_headers=None,
            body=None,
            response_headers=None,
            response=None,
            about=None,
            size=0,
        )


class Journal:
    """The newest entries of a namespace, and the counts of all its requests by operation.

    At most `limit` entries are kept, and at most `max_bytes` of bodies and headers, which is
    `MAX_BYTES` unless it is given. `unexpected` has the first requests that strictness refused,
    also after the journal drops them.
    """

    def __init__(self, limit: int, max_bytes: int | None = None) -> None:
        self.keeps_entries = limit > 0
        self.max_bytes = MAX_BYTES if max_bytes is None else max_bytes
        self.calls: dict[str, int] = {}
        self.unexpected: list[JournalEntry] = []
        self._limit = limit
        self._entries: deque[JournalEntry] = deque()
        self._without_content: deque[JournalEntry] = deque()
        """The oldest entries, whose bodies and headers were let go."""
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._entries) + len(self._without_content)

    def __iter__(self) -> Iterator[JournalEntry]:
        """Iterate over the entries, newest first."""
        yield from reversed(self._entries)
        yield from reversed(self._without_content)

    def add(self, entry: JournalEntry) -> None:
        """Add an entry; the oldest is dropped where there are too many."""
        if not self.keeps_entries:
            return
        entries, emptied = self._entries, self._without_content
        entries.append(entry)
        growth = entry.size
        if len(entries) + len(emptied) > self._limit:
            if emptied:
                emptied.popleft()
            else:
                growth -= entries.popleft().size
        self._bytes += growth
        if self._bytes > self.max_bytes:
            self._let_content_go()

    def add_unexpected(self, entry: JournalEntry) -> None:
        """Keep a request that strictness refused; its content counts like that of the others."""
        if len(self.unexpected) < MAX_UNEXPECTED:
            fits = entry.size + sum(one.size for one in self.unexpected) <= self.max_bytes
            kept = entry if fits else entry.without_content()
            self.unexpected.append(kept)
            self._bytes += kept.size
            self._let_content_go()

    def close(self, number: int, *, completed: bool, response: bytes | None = None) -> None:
        """Complete the entry of a response that was in progress, when it was sent or aborted.

        `response` is the body, where it was not known before, such as that of a stream.
        """
        self.change(number, response, completed=completed)

    def change(self, number: int, response: bytes | None = None, **changes: Any) -> None:
        """Change an entry, if it is still there: what came out while it was in progress."""
        found = self._find(number)
        if found is None:
            return
        entries, at = found
        entry = entries[at]._replace(**changes)
        if response is not None and entry.response is not None:
            growth = len(response) - len(entry.response)
            self._bytes += growth
            entry = entry._replace(response=response, size=entry.size + growth)
        entries[at] = entry
        self._let_content_go()

    def _find(self, number: int) -> tuple[deque[JournalEntry], int] | None:
        """Return where the entry of a number is; None where it was dropped."""
        for entries in (self._entries, self._without_content):
            at = bisect_left(entries, number, key=lambda entry: entry.number)
            if at < len(entries) and entries[at].number == number:
                return entries, at
        return None

    def count(self, operation: str) -> None:
        """Count one more request for an operation."""
        self.calls[operation] = self.calls.get(operation, 0) + 1

    def clear(self) -> None:
        """Remove all entries and counts."""
        self._entries.clear()
        self._without_content.clear()
        self.unexpected.clear()
        self.calls.clear()
        self._bytes = 0

    def _let_content_go(self) -> None:
        """Let the oldest bodies and headers go until the others keep within the limit."""
        while self._bytes > self.max_bytes and self._entries:
            oldest = self._entries.popleft()
            self._bytes -= oldest.size
            self._without_content.append(oldest.without_content())
