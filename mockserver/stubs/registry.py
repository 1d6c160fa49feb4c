"""The registry of a server's stubs, and of how often each namespace has used them."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from typing import NamedTuple
from weakref import WeakKeyDictionary

from mockserver.expressions.request_view import RequestView, Subject
from mockserver.state import ids
from mockserver.state.namespace import Namespace
from mockserver.stubs.actions.action import Action
from mockserver.stubs.actions.rate_limit import RateLimit, RateLimitExceeded
from mockserver.stubs.index import StubIndex, matching_stubs
from mockserver.stubs.near_misses import NearMiss, near_misses
from mockserver.stubs.rate_limiter import LimitState, RateLimiter
from mockserver.stubs.stub import Stub

OF_NAMESPACE, OF_SERVER, OF_FILES, OF_FLAGS = range(4)


@dataclass
class _Usage:
    """The stubs of one namespace, and how often it used each stub of any layer.

    `answered` counts the requests that a stub answered, `let_through` those that its rate limit
    allowed.
    """

    limiter: RateLimiter
    index: StubIndex = field(default_factory=StubIndex)
    answered: dict[Stub, int] = field(default_factory=dict)
    let_through: dict[Stub, int] = field(default_factory=dict)

    def renew(self, renewed: Mapping[Stub, Stub], gone: AbstractSet[Stub]) -> None:
        """Count for the new stubs what was counted for the old ones; forget those that are gone."""
        for counts in (self.answered, self.let_through):
            for stub in gone:
                counts.pop(stub, None)
            for old, new in renewed.items():
                if old in counts:
                    counts[new] = counts.pop(old)
        self.limiter.renew(renewed, gone)


class Skipped(NamedTuple):
    """A stub that matched but did not answer, by its name and source, and why."""

    stub: str
    why: str


class Match(NamedTuple):
    """The stub that answers a request, its action, and 32 bytes of entropy for that action."""

    stub: Stub
    action: Action
    entropy: bytes


class Lookup(NamedTuple):
    """The result of looking up the stubs for a request.

    `match` is None if no stub answers it. `skipped` has the stubs that matched but did not answer.
    `limit_state` is the state of the tightest rate limit that counted the request.
    """

    match: Match | None
    skipped: tuple[Skipped, ...]
    limit_state: LimitState | None


class StubRegistry:
    """The active stubs, in layers: of a namespace, of the server, of the files, of the flags."""

    def __init__(self, files: Sequence[Stub] = (), flags: Sequence[Stub] = ()) -> None:
        self._server = StubIndex()
        self._flags = StubIndex(flags, OF_FLAGS)
        self._serves_all = False
        self._usage: WeakKeyDictionary[Namespace, _Usage] = WeakKeyDictionary()
        self._shared: set[Stub] = set()
        self._used: set[Stub] = set()
        self._files = StubIndex()
        self.load(files)

    def has_any(self, namespace: Namespace, operation: str | None) -> bool:
        """Return whether any stub may match a namespace's requests for an operation."""
        return (namespace.has_stubs or self._serves_all) and any(
            index.is_for(operation) for index in self.layers(namespace)
        )

    def load(self, files: Sequence[Stub]) -> None:
        """Replace the stubs of the fixture files; those that are as before keep their counts."""
        before = {stub.id: stub for stub in self._files.stubs}
        self._files = StubIndex(_with_unique_ids(files, set()), OF_FILES)
        renewed = {
            before[stub.id]: stub
            for stub in self._files.stubs
            if stub.id in before and stub.hash == before[stub.id].hash
        }
        gone = {stub for stub in before.values() if stub not in renewed}
        for usage in self._usage.values():
            usage.renew(renewed, gone)
        self._used = {renewed.get(stub, stub) for stub in self._used}
        self._note_shared()

    def add(self, namespace: Namespace | None, stubs: Sequence[Stub]) -> None:
        """Add stubs in front of their layer: for one namespace, or for all of them if None."""
        if namespace is None:
            self._server = StubIndex((*stubs, *self._server.stubs), OF_SERVER)
            self._note_shared()
        else:
            self._set_own(namespace, (*stubs, *self._usage_of(namespace).index.stubs))

    def with_unique_ids(self, namespace: Namespace | None, stubs: Sequence[Stub]) -> list[Stub]:
        """Return new stubs with ids that are unique among the stubs that the same requests try."""
        layers = [*self.layers(namespace)]
        if namespace is None:
            layers += [usage.index for usage in self._usage.values()]
        return _with_unique_ids(stubs, {stub.id for index in layers for stub in index.stubs})

    def remove(self, namespace: Namespace | None, stub_id: str | None = None) -> int:
        """Remove the stubs added at run time, or the one with an id; return how many there were."""
        index = self._server if namespace is None else self._usage_of(namespace).index
        kept = [stub for stub in index.stubs if stub_id not in (None, stub.id)]
        removed = len(index.stubs) - len(kept)
        if namespace is None:
            self._server = StubIndex(kept, OF_SERVER)
            self._note_shared()
        else:
            self._set_own(namespace, kept)
        return removed

    def forget(self, namespace: Namespace) -> None:
        """Forget the stubs of a namespace and its counts."""
        self._usage.pop(namespace, None)
        namespace.has_stubs = False

    def layers(self, namespace: Namespace | None) -> tuple[StubIndex, ...]:
        """Return the layers that apply to a namespace's requests, in the order of trial."""
        own = (self._usage_of(namespace).index,) if namespace is not None else ()
        return (*own, self._server, self._files, self._flags)

    def answered(self, namespace: Namespace | None, stub: Stub) -> int:
        """Return how many requests a stub answered, in one namespace or in all of them if None."""
        return sum(usage.answered.get(stub, 0) for usage in self._usages(namespace))

    def matched(self, namespace: Namespace | None, stub: Stub) -> int:
        """Return how many requests a stub answered or let through with its rate limit."""
        let_through = sum(usage.let_through.get(stub, 0) for usage in self._usages(namespace))
        return self.answered(namespace, stub) + let_through

    def look_up(
        self, namespace: Namespace, request: RequestView, request_hash: Callable[[], bytes]
    ) -> Lookup:
        """Return the stub that answers a request, and count the request for it.

        `request_hash` returns a hash of the request; it is called only if a stub matches. A rate
        limit that allows the request counts it, and the stubs after it are tried.
        """
        skipped: list[Skipped] = []
        tightest: LimitState | None = None
        usage = self._usage_of(namespace)
        matching = matching_stubs(self.layers(namespace), request)
        hashed = request_hash() if matching else b""
        for stub in matching:
            used = usage.answered.get(stub, 0)
            if stub.times is not None and used >= stub.times:
                why = f"matched, but used up {used} of {stub.times}"
                skipped.append(Skipped(str(stub), why))
                continue
            entropy = namespace.next_entropy(ids.digest(stub.hash, hashed, size=16))
            if stub.probability is not None:
                sample = int.from_bytes(entropy[:7]) / 2**56
                if sample >= stub.probability:
                    why = f"matched, but drew {sample:.3f}, not under {stub.probability}"
                    skipped.append(Skipped(str(stub), why))
                    continue
            if stub in self._shared:
                self._used.add(stub)
            action = stub.actions[min(used, len(stub.actions) - 1)]
            if isinstance(action, RateLimit):
                state = usage.limiter.take(stub, action.limit, request.operation)
                if tightest is None or state.exceeded or state.remaining < tightest.remaining:
                    tightest = state
                if not state.exceeded:
                    usage.let_through[stub] = usage.let_through.get(stub, 0) + 1
                    why = f"matched, and let it through: {state.used} of {state.limit.requests}"
                    skipped.append(Skipped(str(stub), why))
                    continue
                action = RateLimitExceeded(state=state)
            usage.answered[stub] = used + 1
            return Lookup(Match(stub, action, entropy), tuple(skipped), tightest)
        return Lookup(None, tuple(skipped), tightest)

    def take_back(self, namespace: Namespace, stub: Stub) -> None:
        """Count one request less for a stub, which it did not answer after all."""
        self._usage_of(namespace).answered[stub] -= 1

    def subjects(self, namespace: Namespace, operation: str | None) -> set[Subject]:
        """Return the subjects that the stubs for an operation ask about."""
        return {
            part
            for index in self.layers(namespace)
            for asked in (None, operation)
            for part in index.subjects.get(asked, ())
        }

    def near_misses(self, namespace: Namespace, request: RequestView) -> list[NearMiss]:
        """Return the three nearest stubs for a request that no stub answered."""
        return near_misses(self.layers(namespace), request)

    def unused(self, namespace: Namespace | None) -> list[Stub]:
        """Return the stubs that nothing has matched, except those that are optional.

        They are those that were added for one namespace only; with None, those of fixture files and
        those added at run time, which no request has matched, also not one of a forgotten
        namespace.
        """
        usages = self._usages(namespace)
        stubs = [stub for usage in usages for stub in usage.index.stubs]
        unused = [stub for stub in stubs if not self.matched(namespace, stub)]
        if namespace is None:
            shared = (*self._files.stubs, *self._server.stubs)
            unused = [*(stub for stub in shared if stub not in self._used), *unused]
        return [stub for stub in unused if not stub.optional]

    def _note_shared(self) -> None:
        """Note the stubs that serve every namespace, and forget the use of those that did."""
        self._shared = {*self._files.stubs, *self._server.stubs}
        self._used &= self._shared
        # Each request asks; three empty indexes would be asked each time.
        self._serves_all = any((self._files, self._server, self._flags))

    def _set_own(self, namespace: Namespace, stubs: Sequence[Stub]) -> None:
        self._usage_of(namespace).index = StubIndex(stubs, OF_NAMESPACE)
        namespace.has_stubs = bool(stubs)  # read for each request; cheaper than the registry

    def _usages(self, namespace: Namespace | None) -> list[_Usage]:
        return [*self._usage.values()] if namespace is None else [self._usage_of(namespace)]

    def _usage_of(self, namespace: Namespace) -> _Usage:
        usage = self._usage.get(namespace)
        if usage is None:
            usage = self._usage[namespace] = _Usage(RateLimiter(namespace.clock))
        return usage


def _with_unique_ids(stubs: Sequence[Stub], taken: set[str]) -> list[Stub]:
    """Return stubs with unique ids, none of which is among those taken.

    An id derives from what the stub says: of several that say the same, the later get a number.
    """
    alike: Counter[str] = Counter()
    unique = []
    for stub in stubs:
        new_id = stub.id
        while new_id in taken:
            alike[stub.id] += 1
            new_id = f"{stub.id}-{alike[stub.id] + 1}"
        taken.add(new_id)
        unique.append(stub if new_id == stub.id else replace(stub, id=new_id))
    return unique
