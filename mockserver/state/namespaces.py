"""The bounded registry of all namespaces."""

from collections import OrderedDict
from collections.abc import Callable

from mockserver.settings import ClockMode
from mockserver.state.namespace import Namespace


class Namespaces:
    """One namespace for each API key, at most `limit`; the least recently used goes first.

    `on_new` initialises a namespace, `on_evict` hears of the key whose namespace is forgotten.
    """

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
        """Whose journal has the requests without a credential; it holds no objects."""

    def __len__(self) -> int:
        return len(self._by_key)

    def get(self, key: str) -> Namespace:
        """Return the namespace of an API key, a new one for a new key."""
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
        """Return the namespace of an API key; None where the key has not come yet."""
        found = self._by_key.get(key)
        if found is not None:
            self._by_key.move_to_end(key)
        return found

    def all(self) -> list[Namespace]:
        """Return every namespace there is, the keyless one included."""
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
