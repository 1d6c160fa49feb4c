"""What was asked and what was answered: the newest of it, bounded in number and size."""

from collections import Counter, deque
from collections.abc import Iterator
from itertools import count
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from mockserver import wire
from mockserver.stubs.match import MISSING, Asked

BODY_KEPT = 8192
"""How much of a body is kept for people, in bytes."""

_numbers = count(1)


class Entry(NamedTuple):
    """One request and its answer.

    A tuple of plain values: the garbage collector soon leaves those alone.
    `passed_over` has stubs that matched and stepped aside, with the reason.
    """

    number: int
    time: int
    method: str
    path: str
    query: str
    operation: str | None
    key: str | None
    headers: Any
    body: bytes
    status: int
    answer_headers: dict[str, str]
    answer: bytes
    decided_by: str
    matched: bool
    passed_over: tuple[tuple[str, str], ...]

    def asked(self) -> Asked:
        """Give the request as the conditions of stubs saw it."""
        try:
            document = wire.loads(self.body)
        except ValueError:
            document = MISSING
        query = dict(parse_qsl(self.query, keep_blank_values=True))
        return Asked(self.operation, self.method, self.path, self.headers, query, document)


class Journal:
    """The newest entries, and unbounded counts of the operations asked for."""

    def __init__(self, limit: int) -> None:
        self._entries: deque[Entry] = deque(maxlen=limit)
        self.calls: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        """Iterate over the entries, newest first."""
        yield from reversed(self._entries)

    def add(self, entry: Entry) -> None:
        """Note one exchange; the oldest gives way."""
        self._entries.append(entry)
        self.calls[entry.operation or "unknown"] += 1

    def clear(self) -> None:
        """Forget everything."""
        self._entries.clear()
        self.calls.clear()


def next_number() -> int:
    """Give the number of a new entry: one more than that of any before it."""
    return next(_numbers)
