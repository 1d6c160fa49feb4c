"""Everything that one API key sees, and the bounded registry of all of them."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from mockserver.settings import ClockMode
from mockserver.state import ids
from mockserver.state.clock import Clock
from mockserver.state.collection import Collection
from mockserver.verification.journal import Entry, Journal
from mockserver.verification.retry_log import Strikes

Level = Literal["error", "warn", "ignore"]

UNEXPECTED_KEPT = 100
"""How many of the requests that no stub expected are kept: the first tell what is wrong."""


@dataclass(frozen=True, slots=True)
class Strictness:
    """What becomes of a request that no stub expects, and of a stub that nothing matched."""

    unmatched_requests: Level = "ignore"
    unused_stubs: Level = "ignore"


class Namespace:
    """The objects, the time and the chance of one API key.

    The key itself is not here: two keys that ask the same get the same. `has_stubs` says
    whether stubs were added for this one alone.
    """

    def __init__(self, seed: int, clock: ClockMode, journal: int = 1000) -> None:
        self.seed = b"%d" % seed
        self.strictness = Strictness()
        self.has_stubs = False
        self.clock = Clock(clock)
        self.journal = Journal(journal)
        self.unexpected: list[Entry] = []
        self.strikes = Strikes()
        self.was_put_back = False
        self._collections: dict[str, Collection] = {}
        self._asked: dict[bytes, int] = {}
        self._made: dict[bytes, int] = {}

    def collection(self, kind: str) -> Collection:
        """Give the objects of one kind, such as `assistants`."""
        found = self._collections.get(kind)
        if found is None:
            found = self._collections[kind] = Collection()
        return found

    def holds(self, object_id: str) -> bool:
        """Tell whether a state that was put back has an object with this id."""
        return self.was_put_back and any(object_id in kept for kept in self._collections.values())

    def collections(self) -> list[tuple[str, Collection]]:
        """Give every kind of object that there ever was, with its objects."""
        return list(self._collections.items())

    def clear(self) -> None:
        """Forget all objects, but not what was asked."""
        self._collections.clear()

    def did_not_expect(self, entry: Entry) -> None:
        """Keep a request that was refused by strictness, however soon the journal forgets it."""
        if len(self.unexpected) < UNEXPECTED_KEPT:
            self.unexpected.append(entry)

    def draw(self, fingerprint: bytes) -> bytes:
        """Give 32 bytes of chance for a request: its own, however others are mixed in.

        They depend on the seed, the request, and how often this very request was
        asked here before.
        """
        before = self._asked.get(fingerprint, 0)
        self._asked[fingerprint] = before + 1
        return ids.digest(self.seed, b"%d" % before, fingerprint)

    def times_made(self, request: bytes) -> int:
        """Count the objects that this very request has made here."""
        return self._made.get(request, 0)

    def made(self, request: bytes) -> None:
        """Take note that this very request has made an object."""
        self._made[request] = self.times_made(request) + 1
        self.clock.object_created()


class Namespaces:
    """One namespace a key, at most `limit`; the least recently used goes first."""

    def __init__(
        self,
        *,
        seed: int,
        clock: ClockMode,
        limit: int,
        journal: int = 1000,
        on_evict: Callable[[str], None] = lambda key: None,
        on_new: Callable[[Namespace], None] = lambda namespace: None,
    ) -> None:
        self._seed = seed
        self._clock: ClockMode = clock
        self._limit = limit
        self._journal = journal
        self._on_evict = on_evict
        self._on_new = on_new
        self._by_key: OrderedDict[str, Namespace] = OrderedDict()
        self.keyless = self._new()
        """Where requests without a credential are counted; it holds no objects."""

    def __len__(self) -> int:
        return len(self._by_key)

    def get(self, key: str) -> Namespace:
        """Give the namespace of an API key, a new one for a new key."""
        found = self.find(key)
        if found is not None:
            return found
        if len(self._by_key) >= self._limit:
            forgotten, _ = self._by_key.popitem(last=False)
            self._on_evict(forgotten)
        found = self._by_key[key] = self._new()
        self._on_new(found)
        return found

    def find(self, key: str) -> Namespace | None:
        """Give the namespace of an API key; None where the key has not come yet."""
        found = self._by_key.get(key)
        if found is not None:
            self._by_key.move_to_end(key)
        return found

    def all(self) -> list[Namespace]:
        """Give every namespace there is, the keyless one included."""
        return [self.keyless, *self._by_key.values()]

    def forget(self, key: str | None) -> None:
        """Forget a namespace as if its key had never come; with None, every one."""
        if key is None:
            self._by_key.clear()
            self.keyless = self._new()
        else:
            self._by_key.pop(key, None)

    def _new(self) -> Namespace:
        return Namespace(self._seed, self._clock, self._journal)
