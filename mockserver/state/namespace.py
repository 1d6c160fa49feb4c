"""Everything that one API key sees."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from mockserver.settings import ClockMode
from mockserver.state import ids
from mockserver.state.clock import Clock
from mockserver.state.collection import Collection
from mockserver.verification.journal import Journal, JournalEntry
from mockserver.verification.retry_log import RetryLog

Level = Literal["error", "warn", "ignore"]

MAX_UNEXPECTED = 100
"""How many of the requests that no stub expected are kept: the first show what is wrong."""


@dataclass(frozen=True, slots=True)
class Strictness:
    """What becomes of a request that no stub expects, and of a stub that nothing matched."""

    unmatched_requests: Level = "ignore"
    unused_stubs: Level = "ignore"


class Namespace:
    """The objects, the clock, the journal and the random draws of one API key.

    The key itself is not here: two keys that send the same requests get the same responses.
    `has_stubs` says whether stubs were added for this namespace alone.
    """

    def __init__(self, seed: int, clock: ClockMode, journal: int = 1000) -> None:
        self.seed = b"%d" % seed
        self.strictness = Strictness()
        self.has_stubs = False
        self.clock = Clock(clock)
        self.journal = Journal(journal)
        self.unexpected: list[JournalEntry] = []
        self.retry_log = RetryLog()
        self._was_restored = False
        self._collections: dict[tuple[str, str], Collection] = {}
        self._times_sent: dict[bytes, int] = {}
        self._times_created: dict[bytes, int] = {}

    def collection(self, kind: str, parent: str = "") -> Collection:
        """Return the objects of one kind, such as `assistants`.

        Objects that belong to another one, such as the messages of a thread, are in a
        collection of their own for each `parent`, the other one's id.
        """
        found = self._collections.get((kind, parent))
        if found is None:
            found = self._collections[kind, parent] = Collection()
        return found

    def collections(self) -> Iterator[tuple[str, Collection]]:
        """Yield every kind of object with its objects; a kind that has parents comes once each."""
        for (kind, _), collection in self._collections.items():
            yield kind, collection

    def drop_children(self, parent: str) -> None:
        """Forget all objects that belong to an object."""
        for key in [key for key in self._collections if key[1] == parent]:
            del self._collections[key]

    def clear(self) -> None:
        """Forget all objects, but not what was sent: the next ids are those that come next."""
        self._collections.clear()

    def expect_restored_ids(self) -> None:
        """Note that objects were put back, whose ids were perhaps derived as new ones will be."""
        self._was_restored = True

    def has_restored_id(self, object_id: str) -> bool:
        """Return whether an object that was put back may have this id already."""
        return self._was_restored and any(object_id in kept for kept in self._collections.values())

    def keep_unexpected(self, entry: JournalEntry) -> None:
        """Keep a request that strictness refused, however soon the journal forgets it."""
        if len(self.unexpected) < MAX_UNEXPECTED:
            self.unexpected.append(entry)

    def draw(self, request_hash: bytes) -> bytes:
        """Return 32 bytes of entropy for a request, whatever else is sent in between.

        They depend on the seed, the request, and how often this very request was sent here before.
        """
        before = self._times_sent.get(request_hash, 0)
        self._times_sent[request_hash] = before + 1
        return ids.digest(self.seed, b"%d" % before, request_hash)

    def times_created(self, request_hash: bytes) -> int:
        """Return how many objects this very request has created here."""
        return self._times_created.get(request_hash, 0)

    def count_created(self, request_hash: bytes) -> None:
        """Count one more object that this very request has created; the clock ticks."""
        self._times_created[request_hash] = self.times_created(request_hash) + 1
        self.clock.object_created()
