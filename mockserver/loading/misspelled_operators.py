"""Conditions on fields that are called nearly as an operator is, or that stand beside operators."""

from collections.abc import Iterator
from difflib import get_close_matches

from mockserver.expressions.conditions import OPERATORS, Condition
from mockserver.stubs.stub import Stub

ALIKE = 0.8
"""How alike a field's name and an operator's have to be, from 0 to 1."""


def misspelt(stub: Stub) -> Iterator[tuple[Condition, str]]:
    """Give each condition that was probably meant as an operator's, with the operator.

    `{name: {startswith: a}}` asks for a field `startswith` inside `name`, and so does
    `starts_with` where what stands beside it is no operator.
    """
    for condition in stub.conditions:
        if len(condition.steps) > 1:
            close = get_close_matches(condition.steps[-1], OPERATORS, 1, ALIKE)
            if close:
                yield condition, close[0]
