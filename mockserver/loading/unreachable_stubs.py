"""Finds stubs that can never answer, because a stub before them always does."""

from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from typing import Any, NamedTuple

from mockserver.expressions.conditions import Condition
from mockserver.stubs.actions.rate_limit import RateLimit
from mockserver.stubs.stub import Stub

Conditions = frozenset[Hashable]


class _Candidate(NamedTuple):
    """A stub that answers whatever it matches, and its place in the order of trial."""

    rank: int
    stub: Stub
    conditions: Conditions


def unreachable_stubs(stubs: Sequence[Stub]) -> Iterator[tuple[Stub, Stub]]:
    """Yield each stub that can never answer, with the stub that always answers first.

    That one has no condition that the other lacks. So it is found by one of its conditions, the one
    that the fewest stubs have: to compare each stub with each takes minutes for some thousands.
    """
    ordered = sorted(stubs, key=lambda stub: -stub.priority)
    conditions = [frozenset(map(_key, stub.conditions)) for stub in ordered]
    shared_by = Counter(condition for several in conditions for condition in several)
    before: dict[Hashable, list[_Candidate]] = {}
    for rank, (stub, own) in enumerate(zip(ordered, conditions, strict=True)):
        first = min(
            (
                candidate
                for condition in (None, *own)
                for candidate in _first_that_hides(before.get(condition, ()), stub, own)
            ),
            default=None,
        )
        if first is not None:
            yield stub, first.stub
        elif _answers_every_match(stub):
            rarest = min(own, key=lambda condition: shared_by[condition], default=None)
            before.setdefault(rarest, []).append(_Candidate(rank, stub, own))


def _first_that_hides(
    candidates: Sequence[_Candidate], stub: Stub, conditions: Conditions
) -> Iterator[_Candidate]:
    """Yield the first candidate, if any, that matches every request that the stub matches."""
    for candidate in candidates:
        if candidate.conditions <= conditions and _covers(candidate.stub, stub):
            yield candidate
            return


def _covers(one: Stub, other: Stub) -> bool:
    """Return whether `one` is for each operation that `other` is for."""
    return one.operations is None or (
        other.operations is not None and other.operations <= one.operations
    )


def _answers_every_match(stub: Stub) -> bool:
    return (
        stub.times is None
        and stub.probability in (None, 1)
        and not any(isinstance(action, RateLimit) for action in stub.actions)
    )


def _key(condition: Condition) -> Hashable:
    return (condition.part, condition.steps, condition.operator, _frozen(condition.operand))


def _frozen(value: Any) -> Hashable:
    """Return a value that equals that of another JSON value where `same` says that they are equal.

    Python itself takes 1 and 1.0 for equal, and true for 1.
    """
    frozen: Hashable = value
    if isinstance(value, bool):
        frozen = ("bool", value)
    elif isinstance(value, dict):
        frozen = ("dict", frozenset((name, _frozen(inner)) for name, inner in value.items()))
    elif isinstance(value, list):
        frozen = ("list", tuple(map(_frozen, value)))
    return frozen
