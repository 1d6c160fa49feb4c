"""The namespace of one API key."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from mockserver.settings import ClockMode
from mockserver.state import ids
from mockserver.state.clock import Clock
from mockserver.state.collection import Collection
from mockserver.verification.journal import Journal
from mockserver.verification.retry_log import RetryLog

Level = Literal["error", "warn", "ignore"]


@dataclass(frozen=True, slots=True)
class Strictness:
    """The levels for a request that no stub expects, and for a stub that is never matched."""

    unmatched_requests: Level = "ignore"
    unused_stubs: Level = "ignore"


class Namespace:
    """The objects, the clock, the journal and the entropy of one API key.

    The key itself is not stored, so that equal requests get equal responses under every key.
    `has_stubs` says whether stubs were added for this namespace alone, `any_model` whether it
    accepts any model name; None leaves that to the server.
    """

    def __init__(self, seed: int, clock: ClockMode, journal: int = 1000) -> None:
        self.seed = b"%d" % seed
        self.strictness = Strictness()
        self.any_model: bool | None = None
        self.has_stubs = False
        self.clock = Clock(clock)
        self.journal = Journal(journal)
        self.retry_log = RetryLog()
        self._was_restored = False
        self._collections: dict[tuple[str, str], Collection] = {}
        self._times_sent: dict[bytes, int] = {}
        self._times_created: dict[bytes, int] = {}

    def collection(self, kind: str, parent: str = "") -> Collection:
        """Return the objects of one kind, such as `assistants`.

        For objects that belong to another object, such as the messages of a thread, `parent` is the
        id of that object: each parent has a collection of its own.
        """
        found = self._collections.get((kind, parent))
        if found is None:
            found = self._collections[kind, parent] = Collection()
        return found

    def collections(self) -> Iterator[tuple[str, Collection]]:
        """Yield every collection with its kind; a kind with parents comes once for each parent."""
        for (kind, _), collection in self._collections.items():
            yield kind, collection

    def drop_children(self, parent: str) -> None:
        """Delete all objects that belong to the object with the id `parent`."""
        for key in [key for key in self._collections if key[1] == parent]:
            del self._collections[key]

    def clear(self) -> None:
        """Delete all objects, but keep the counts of requests, so that ids are not used twice."""
        self._collections.clear()

    def expect_restored_ids(self) -> None:
        """Note that objects were restored, so that new ids are compared with theirs."""
        self._was_restored = True

    def has_restored_id(self, object_id: str) -> bool:
        """Return whether a restored object may have this id."""
        return self._was_restored and any(
            object_id in collection for collection in self._collections.values()
        )

    def next_entropy(self, request_hash: bytes) -> bytes:
        """Return 32 bytes of entropy for a request, and count the request.

        They depend only on the seed, the request, and how often the same request was sent here.
        """
        before = self._times_sent.get(request_hash, 0)
        self._times_sent[request_hash] = before + 1
        return ids.digest(self.seed, b"%d" % before, request_hash)

    def times_created(self, request_hash: bytes) -> int:
        """Return how many objects the same request has created here."""
        return self._times_created.get(request_hash, 0)

    def count_created(self, request_hash: bytes) -> None:
        """Count one more object that the same request has created, and tick the clock."""
        self._times_created[request_hash] = self._times_created.get(request_hash, 0) + 1
        self.clock.object_created()
