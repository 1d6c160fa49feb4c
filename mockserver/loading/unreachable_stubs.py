"""Finds stubs that can never answer, because a stub before them always does."""

from collections.abc import Iterator, Sequence

from mockserver.expressions.conditions import Condition
from mockserver.expressions.operators import same
from mockserver.stubs.actions.rate_limit import RateLimit
from mockserver.stubs.stub import Stub


def unreachable_stubs(stubs: Sequence[Stub]) -> Iterator[tuple[Stub, Stub]]:
    """Yield each stub that can never answer, with the stub that always answers first."""
    ordered = sorted(enumerate(stubs), key=lambda pair: (-pair[1].priority, pair[0]))
    before: list[Stub] = []
    for _, stub in ordered:
        hidden_by = next((other for other in before if _matches_all_of(other, stub)), None)
        if hidden_by is not None:
            yield stub, hidden_by
        elif _answers_every_match(stub):
            before.append(stub)


def _answers_every_match(stub: Stub) -> bool:
    return (
        stub.times is None
        and stub.probability in (None, 1)
        and not any(isinstance(action, RateLimit) for action in stub.actions)
    )


def _matches_all_of(one: Stub, other: Stub) -> bool:
    """Return whether `one` matches every request that `other` matches.

    That is so if all conditions of `one` are also conditions of `other`.
    """
    if one.operations is not None and (
        other.operations is None or not other.operations <= one.operations
    ):
        return False
    return all(
        any(_is_the_same(mine, theirs) for theirs in other.conditions) for mine in one.conditions
    )


def _is_the_same(one: Condition, other: Condition) -> bool:
    return (one.part, one.steps, one.operator) == (
        other.part,
        other.steps,
        other.operator,
    ) and same(one.operand, other.operand)
