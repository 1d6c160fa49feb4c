"""Finds conditions on fields whose names are, or resemble, the names of operators."""

from collections.abc import Iterator
from difflib import get_close_matches
from functools import lru_cache

from mockserver.expressions.conditions import Condition
from mockserver.expressions.operators import OPERATORS
from mockserver.stubs.stub import Stub

MIN_SIMILARITY = 0.8
"""The least similarity of a field's name to an operator's for a warning, from 0 to 1."""


def misspelled_operators(stub: Stub) -> Iterator[tuple[Condition, str]]:
    """Yield each condition that probably misspells an operator, with the name of the operator.

    `{name: {startswith: a}}` is a condition on the field `startswith` of `name`. So is
    `starts_with` in an object that also has keys that are not operators.
    """
    for condition in stub.conditions:
        if len(condition.steps) > 1:
            operator = _resembled(condition.steps[-1])
            if operator is not None:
                yield condition, operator


@lru_cache
def _resembled(name: str) -> str | None:
    """Return the operator whose name that of a field is, or resembles."""
    close = get_close_matches(name, OPERATORS, 1, MIN_SIMILARITY)
    return close[0] if close else None
