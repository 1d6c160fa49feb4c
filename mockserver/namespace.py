"""Everything that one API key sees, and the bounded registry of all of them."""

from collections import OrderedDict
from collections.abc import Callable

from mockserver import ids
from mockserver.clock import Clock, ClockMode
from mockserver.store import Collection


class Namespace:
    """The objects, the time and the chance of one API key.

    The key itself is not here: two keys that ask the same get the same.
    """

    def __init__(self, seed: int, clock: ClockMode) -> None:
        self.seed = b"%d" % seed
        self.clock = Clock(clock)
        self._collections: dict[str, Collection] = {}
        self._asked: dict[bytes, int] = {}
        self._made: dict[bytes, int] = {}

    def collection(self, kind: str) -> Collection:
        """Give the objects of one kind, such as `assistants`."""
        found = self._collections.get(kind)
        if found is None:
            found = self._collections[kind] = Collection()
        return found

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
        on_evict: Callable[[str], None] = lambda key: None,
    ) -> None:
        self._seed = seed
        self._clock: ClockMode = clock
        self._limit = limit
        self._on_evict = on_evict
        self._by_key: OrderedDict[str, Namespace] = OrderedDict()
        self.keyless = self._new()
        """Where requests without a credential are counted; it holds no objects."""

    def __len__(self) -> int:
        return len(self._by_key)

    def get(self, key: str) -> Namespace:
        """Give the namespace of an API key, a new one for a new key."""
        found = self._by_key.get(key)
        if found is not None:
            self._by_key.move_to_end(key)
            return found
        if len(self._by_key) >= self._limit:
            forgotten, _ = self._by_key.popitem(last=False)
            self._on_evict(forgotten)
        found = self._by_key[key] = self._new()
        return found

    def _new(self) -> Namespace:
        return Namespace(self._seed, self._clock)
