"""Conditions on fields whose name is nearly an operator's, or that stand beside operators."""

from collections.abc import Iterator
from difflib import get_close_matches

from mockserver.expressions.conditions import Condition
from mockserver.expressions.operators import OPERATORS
from mockserver.stubs.stub import Stub

MIN_SIMILARITY = 0.8
"""How similar a field's name has to be to an operator's, from 0 to 1."""


def misspelled_operators(stub: Stub) -> Iterator[tuple[Condition, str]]:
    """Yield each condition that was probably meant as an operator's, with the operator.

    `{name: {startswith: a}}` asks for a field `startswith` inside `name`, and so does
    `starts_with` where what stands beside it is no operator.
    """
    for condition in stub.conditions:
        if len(condition.steps) > 1:
            close = get_close_matches(condition.steps[-1], OPERATORS, 1, MIN_SIMILARITY)
            if close:
                yield condition, close[0]
