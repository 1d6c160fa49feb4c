"""The registry of all namespaces, limited in size."""

from collections import OrderedDict
from collections.abc import Callable

from mockserver.settings import ClockMode
from mockserver.state.contents import DEFAULT_LIMIT
from mockserver.state.namespace import Namespace


class Namespaces:
    """One namespace for each API key, at most `limit`; the least recently used is evicted first.

    `on_new` initialises a new namespace. `on_evict` is called with the key of an evicted namespace.
    """

    def __init__(
        self,
        *,
        seed: int,
        clock: ClockMode,
        limit: int,
        journal: int = 1000,
        run_polls: int = 2,
        index_polls: int = 0,
        files_limit: int = DEFAULT_LIMIT,
        on_evict: Callable[[str], None] = lambda key: None,
        on_new: Callable[[Namespace], None] = lambda namespace: None,
    ) -> None:
        self._seed = seed
        self._clock: ClockMode = clock
        self._limit = limit
        self._journal = journal
        self._run_polls = run_polls
        self._index_polls = index_polls
        self._files_limit = files_limit
        self._on_evict = on_evict
        self._on_new = on_new
        self._by_key: OrderedDict[str, Namespace] = OrderedDict()
        self.keyless = self._new()
        """The namespace whose journal has the requests without a credential. It has no objects."""

    def __len__(self) -> int:
        return len(self._by_key)

    def get(self, key: str) -> Namespace:
        """Return the namespace of an API key; create it for a new key."""
        found = self._by_key.get(key)
        if found is not None:
            self._by_key.move_to_end(key)
            return found
        if len(self._by_key) >= self._limit:
            forgotten, _ = self._by_key.popitem(last=False)
            self._on_evict(forgotten)
        found = self._by_key[key] = self.unused()
        return found

    def unused(self) -> Namespace:
        """Return a namespace as a new key gets it, without a key."""
        namespace = self._new()
        self._on_new(namespace)
        return namespace

    def find(self, key: str) -> Namespace | None:
        """Return the namespace of an API key, or None for a new key."""
        found = self._by_key.get(key)
        if found is not None:
            self._by_key.move_to_end(key)
        return found

    def all(self) -> list[Namespace]:
        """Return every namespace, including the keyless one."""
        return [self.keyless, *self._by_key.values()]

    def forget(self, key: str | None) -> None:
        """Forget a namespace, as if its key had never been used; with None, every one."""
        if key is None:
            self._by_key.clear()
            self.keyless = self._new()
        else:
            self._by_key.pop(key, None)

    def _new(self) -> Namespace:
        return Namespace(
            self._seed,
            self._clock,
            self._journal,
            self._run_polls,
            self._index_polls,
            self._files_limit,
        )
