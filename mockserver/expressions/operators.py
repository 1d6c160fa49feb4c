"""The table of the operators of conditions: `equals`, `starts_with`, `gte` and the others."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from mockserver.expressions.paths import field
from mockserver.expressions.request_view import MISSING, show
from mockserver.problems import Place, Report

Test = Callable[[Any], bool]


def compile_test(
    operator: str, operand: Any, place: Place, report: Report, textual: bool
) -> Test | None:
    """Return the test of an operator with its operand; None if the operand is not acceptable.

    An operand that is not acceptable is reported. With `textual` the tested values are strings, or
    lists of them where a name is repeated, and a number is compared with the number that the string
    represents.
    """
    wanted, make = _OPERATORS[operator]
    if not wanted.accepts(operand):
        report(place, f"`{operator}` cannot take {show(operand)}", f"use {wanted.words}")
        return None
    test = make(operand, place, report, textual)
    return _of_any(test) if textual and operator not in _OF_ALL_VALUES else test


_OF_ALL_VALUES = ("equals", "any", "all", "not", "exists", "same_items")
"""The operators that look at all values of a name that is repeated; others look for one of them."""


def _of_any(test: Test) -> Test:
    return lambda value: any(map(test, value)) if isinstance(value, list) else test(value)


def _values(value: Any, textual: bool) -> Any:
    """Return the items of a list; of a text that might have been repeated, the text itself."""
    return [value] if textual and isinstance(value, str) else value


def _whole(wanted: Any, place: Place, report: Report, textual: bool) -> Test:
    """Return the test of a condition on one value, such as the operand of `not`."""
    if isinstance(wanted, dict) and wanted.keys() <= _OPERATORS.keys() and wanted:
        tests = [
            test
            for operator, operand in wanted.items()
            if (test := compile_test(operator, operand, (*place, operator), report, textual))
        ]
        return lambda value: all(test(value) for test in tests)
    if isinstance(wanted, dict):
        inner = {
            name: _whole(value, (*place, name), report, textual) for name, value in wanted.items()
        }
        return lambda value: (
            isinstance(value, dict | list)
            and all(test(field(value, name)) for name, test in inner.items())
        )
    return equals(wanted, textual)


# ── Equality, and numbers in text ────────────────────────────────────────────────


def same(one: Any, other: Any) -> bool:
    """Return whether two JSON values are equal: 1 equals 1.0, but true does not equal 1."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)


def equals(wanted: Any, textual: bool) -> Test:
    """Return a test for equality with a value.

    With `textual`, a list has to equal all values of a name, in any order, and a text one of them.
    """
    if textual and isinstance(wanted, list):
        tests = [equals(one, textual) for one in wanted]
        return lambda value: (
            isinstance(value, str | list) and _pairs_up(tests, _values(value, textual))
        )
    test = _equals_one(wanted, textual)
    return _of_any(test) if textual else test


def _equals_one(wanted: Any, textual: bool) -> Test:
    if type(wanted) is str:
        return lambda value: value == wanted
    if textual and isinstance(wanted, bool):
        return lambda value: value == ("true" if wanted else "false")
    if textual and isinstance(wanted, int | float):
        return lambda value: _number(value) == wanted
    return lambda value: same(value, wanted)


def _pairs_up(tests: Sequence[Test], values: Sequence[Any]) -> bool:
    """Return whether each test can be given a value of its own that passes it, and none is left."""
    return len(tests) == len(values) == len(paired(tests, values))


T = TypeVar("T")


def paired(tests: Sequence[Callable[[T], bool]], values: Sequence[T]) -> set[int]:
    """Return which tests get a value of their own that passes them: as many of them as can."""
    taken_by: dict[int, int] = {}

    def give(test: int, tried: set[int]) -> bool:
        for at, value in enumerate(values):
            if at not in tried and tests[test](value):
                tried.add(at)
                if at not in taken_by or give(taken_by[at], tried):
                    taken_by[at] = test
                    return True
        return False

    for test in range(len(tests)):
        give(test, set())
    return set(taken_by.values())


def _number(value: Any) -> float | None:
    """Return a value as a number, parsed if it is a string; None if it is not a number."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value
    if isinstance(value, str):
        try:
            return int(value) if value.lstrip("+-").isdecimal() else float(value)
        except ValueError:
            return None
    return None


# ── The operators ────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Operand:
    words: str
    accepts: Callable[[Any], bool]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_ANYTHING = _Operand("any value", lambda value: True)
_STRING = _Operand("a string", lambda value: isinstance(value, str))
_NUMBER = _Operand("a number", _is_number)
_LIST = _Operand("a list of values", lambda value: isinstance(value, list) and bool(value))
_ITEMS = _Operand("a list of values", lambda value: isinstance(value, list))
_SWITCH = _Operand("true or false", lambda value: isinstance(value, bool))
_LENGTH = _Operand(
    "a whole number of at least 0, or operators such as {gte: 3}",
    lambda value: (
        (_is_number(value) and value >= 0 and value == int(value))
        or (isinstance(value, dict) and bool(value) and value.keys() <= _OPERATORS.keys())
    ),
)

Make = Callable[[Any, Place, Report, bool], Test]


def _make_contains(operand: Any, place: Place, report: Report, textual: bool) -> Test:
    def contains(value: Any) -> bool:
        if isinstance(value, str):
            return isinstance(operand, str) and operand in value
        return isinstance(value, list) and any(same(item, operand) for item in value)

    return contains


def _make_matches(operand: str, place: Place, report: Report, textual: bool) -> Test:
    try:
        pattern = re.compile(operand)
    except (re.error, OverflowError, RecursionError) as error:
        report(place, f"not a regular expression: {error}", "correct the pattern")
        return lambda value: False
    return lambda value: isinstance(value, str) and pattern.search(value) is not None


def _make_in(operand: list[Any], place: Place, report: Report, textual: bool) -> Test:
    tests = [equals(item, textual) for item in operand]
    return lambda value: any(test(value) for test in tests)


def _make_comparison(compare: Callable[[float, float], bool]) -> Make:
    def make(operand: float, place: Place, report: Report, textual: bool) -> Test:
        def test(value: Any) -> bool:
            number = _number(value) if textual or not isinstance(value, str) else None
            return number is not None and compare(number, operand)

        return test

    return make


def _make_length(operand: Any, place: Place, report: Report, textual: bool) -> Test:
    inner = _whole(operand, place, report, textual=False)
    return lambda value: isinstance(value, str | list | dict) and inner(len(value))


def _make_any(operand: Any, place: Place, report: Report, textual: bool) -> Test:
    inner = _whole(operand, place, report, textual)

    def test(value: Any) -> bool:
        values = _values(value, textual)
        return isinstance(values, list) and any(map(inner, values))

    return test


def _make_all(operand: Any, place: Place, report: Report, textual: bool) -> Test:
    inner = _whole(operand, place, report, textual)

    def test(value: Any) -> bool:
        values = _values(value, textual)
        return isinstance(values, list) and all(map(inner, values))

    return test


def _make_same_items(operand: list[Any], place: Place, report: Report, textual: bool) -> Test:
    tests = [_whole(one, (*place, at), report, textual) for at, one in enumerate(operand)]

    def test(value: Any) -> bool:
        values = _values(value, textual)
        return isinstance(values, list) and _pairs_up(tests, values)

    return test


def _make_not(operand: Any, place: Place, report: Report, textual: bool) -> Test:
    inner = _whole(operand, place, report, textual)
    return lambda value: not inner(value)


_OPERATORS: dict[str, tuple[_Operand, Make]] = {
    "equals": (_ANYTHING, lambda operand, place, report, textual: equals(operand, textual)),
    "contains": (_ANYTHING, _make_contains),
    "starts_with": (
        _STRING,
        lambda operand, *_: lambda value: isinstance(value, str) and value.startswith(operand),
    ),
    "ends_with": (
        _STRING,
        lambda operand, *_: lambda value: isinstance(value, str) and value.endswith(operand),
    ),
    "matches": (_STRING, _make_matches),
    "in": (_LIST, _make_in),
    "gt": (_NUMBER, _make_comparison(lambda value, bound: value > bound)),
    "gte": (_NUMBER, _make_comparison(lambda value, bound: value >= bound)),
    "lt": (_NUMBER, _make_comparison(lambda value, bound: value < bound)),
    "lte": (_NUMBER, _make_comparison(lambda value, bound: value <= bound)),
    "exists": (_SWITCH, lambda operand, *_: lambda value: (value is not MISSING) == operand),
    "length": (_LENGTH, _make_length),
    "same_items": (_ITEMS, _make_same_items),
    "any": (_ANYTHING, _make_any),
    "all": (_ANYTHING, _make_all),
    "not": (_ANYTHING, _make_not),
}

OPERATORS = frozenset(_OPERATORS)
