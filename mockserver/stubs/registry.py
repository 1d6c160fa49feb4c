"""All stubs of a server, and how far each namespace has used them up."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from weakref import WeakKeyDictionary

from mockserver.expressions.conditions import Asked
from mockserver.state import ids
from mockserver.state.namespace import Namespace
from mockserver.stubs.index import Book, Decision, NearMiss, in_order, near_misses
from mockserver.stubs.rate_limiter import Limiter, Quota
from mockserver.stubs.stub import Stub

OF_NAMESPACE, OF_SERVER, OF_FILES, OF_FLAGS = range(4)


@dataclass
class _Use:
    """What one namespace has of stubs: its own, and how often it used each.

    `times` counts the answers of a stub, `let_through` what its rate limit had room for.
    """

    limiter: Limiter
    book: Book = field(default_factory=Book)
    times: dict[Stub, int] = field(default_factory=dict)
    let_through: dict[Stub, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A stub that matched and yet did not answer, and why."""

    stub: Stub
    why: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the stubs say to a request.

    `decision` is None where none answers it, `chance` 32 bytes for what was decided.
    `passed_over` has the stubs that matched but stepped aside, `quota` what is left of
    the tightest rate limit that counted it.
    """

    decision: Decision | None
    chance: bytes
    passed_over: list[PassedOver]
    quota: Quota | None


class Rules:
    """The stubs in force: a namespace's own first, then the server's, the files', the flags'."""

    def __init__(self, files: Sequence[Stub] = (), flags: Sequence[Stub] = ()) -> None:
        self._server = Book()
        self._flags = Book(flags, OF_FLAGS)
        self._use: WeakKeyDictionary[Namespace, _Use] = WeakKeyDictionary()
        self.load(files)

    def any_for(self, namespace: Namespace) -> bool:
        """Tell whether a namespace's requests meet any stub."""
        return bool(namespace.has_stubs or self._files or self._server or self._flags)

    def load(self, files: Sequence[Stub]) -> None:
        """Put other stubs in the place of the files'."""
        self._files = Book(files, OF_FILES)

    def add(self, namespace: Namespace | None, stubs: Sequence[Stub]) -> None:
        """Add stubs in front: for one namespace, or with None for every one."""
        if namespace is None:
            self._server = Book((*stubs, *self._server.stubs), OF_SERVER)
        else:
            self._put(namespace, (*stubs, *self._use_of(namespace).book.stubs))

    def named_apart(self, namespace: Namespace | None, stubs: Sequence[Stub]) -> list[Stub]:
        """Give new stubs ids that none has which the same requests meet."""
        books = [*self.books(namespace)]
        if namespace is None:
            books += [use.book for use in self._use.values()]
        taken = {stub.id for book in books for stub in book.stubs}
        apart = []
        for stub in stubs:
            free = (f"{stub.id}-{number}" for number in count(2))
            new_id = stub.id if stub.id not in taken else next(i for i in free if i not in taken)
            taken.add(new_id)
            apart.append(replace(stub, id=new_id))
        return apart

    def remove(self, namespace: Namespace | None, stub_id: str | None = None) -> int:
        """Remove stubs added at run time, all or the one of an id; tells how many."""
        book = self._server if namespace is None else self._use_of(namespace).book
        kept = [stub for stub in book.stubs if stub_id not in (None, stub.id)]
        removed = len(book.stubs) - len(kept)
        if namespace is None:
            self._server = Book(kept, OF_SERVER)
        else:
            self._put(namespace, kept)
        return removed

    def forget(self, namespace: Namespace) -> None:
        """Forget what a namespace has of stubs."""
        self._use.pop(namespace, None)
        namespace.has_stubs = False

    def books(self, namespace: Namespace | None) -> tuple[Book, ...]:
        """Give the layers that a namespace's requests meet, the first first."""
        own = (self._use_of(namespace).book,) if namespace is not None else ()
        return (*own, self._server, self._files, self._flags)

    def answered(self, namespace: Namespace | None, stub: Stub) -> int:
        """Count the requests that a stub answered, in a namespace or in all."""
        return sum(use.times.get(stub, 0) for use in self._uses(namespace))

    def matched(self, namespace: Namespace | None, stub: Stub) -> int:
        """Count those that its rate limit let through as well."""
        through = sum(use.let_through.get(stub, 0) for use in self._uses(namespace))
        return self.answered(namespace, stub) + through

    def decide(
        self, namespace: Namespace, asked: Asked, fingerprint: Callable[[], bytes]
    ) -> Outcome:
        """Find the stub that answers a request, and count it.

        `fingerprint` gives what makes this very request; few requests meet a stub. A rate
        limit that has room counts the request and lets it go on to the stubs behind it.
        """
        passed: list[PassedOver] = []
        quota: Quota | None = None
        use = self._use_of(namespace)
        times = use.times
        matching = in_order(self.books(namespace), asked)
        request = fingerprint() if matching else b""
        for stub in matching:
            used = times.get(stub, 0)
            if stub.times is not None and used >= stub.times:
                passed.append(PassedOver(stub, f"matched, but used up {used} of {stub.times}"))
                continue
            chance = namespace.draw(ids.digest(stub.chance, request, size=16))
            if stub.probability is not None:
                drawn = int.from_bytes(chance[:7]) / 2**56
                if drawn >= stub.probability:
                    why = f"matched, but drew {drawn:.3f}, not under {stub.probability}"
                    passed.append(PassedOver(stub, why))
                    continue
            action = stub.actions[min(used, len(stub.actions) - 1)]
            if action.limit is not None:
                taken = use.limiter.take(stub, action.limit, asked.operation)
                if quota is None or taken.refused or taken.left < quota.left:
                    quota = taken
                if not taken.refused:
                    use.let_through[stub] = use.let_through.get(stub, 0) + 1
                    why = f"matched, and let it through: {taken.used} of {action.limit.requests}"
                    passed.append(PassedOver(stub, why))
                    continue
            times[stub] = used + 1
            return Outcome(Decision(stub, action, used + 1), chance, passed, quota)
        return Outcome(None, b"", passed, quota)

    def near_misses(self, namespace: Namespace, asked: Asked) -> list[NearMiss]:
        """Give the three stubs that came nearest to a request that none answered."""
        return near_misses(self.books(namespace), asked)

    def unused(self) -> list[Stub]:
        """Give the stubs that have answered nobody yet."""
        stubs = [*self._files.stubs, *self._server.stubs]
        stubs += [stub for use in self._use.values() for stub in use.book.stubs]
        return [stub for stub in stubs if not self.matched(None, stub)]

    def _put(self, namespace: Namespace, stubs: Sequence[Stub]) -> None:
        self._use_of(namespace).book = Book(stubs, OF_NAMESPACE)
        namespace.has_stubs = bool(stubs)  # each request asks, and most have none

    def _uses(self, namespace: Namespace | None) -> list[_Use]:
        return [*self._use.values()] if namespace is None else [self._use_of(namespace)]

    def _use_of(self, namespace: Namespace) -> _Use:
        use = self._use.get(namespace)
        if use is None:
            use = self._use[namespace] = _Use(Limiter(namespace.clock))
        return use
