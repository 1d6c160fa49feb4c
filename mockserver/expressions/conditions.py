"""Conditions of stubs: compiled when a fixture is loaded, and asked by every request.

A stub's `when` becomes a flat list of conditions that must all hold. Asking a
condition is all there is: the same call decides a match and explains a near miss.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from mockserver.http import json_codec
from mockserver.problems import Place, Report


class Missing:
    """The value of a field that a request does not have."""

    def __repr__(self) -> str:
        return "nothing"


MISSING = Missing()

Part = Literal["operation", "method", "path", "headers", "query", "body"]


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as conditions see it. `body` is MISSING where there is none or it is no JSON."""

    operation: str | None
    method: str
    path: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: Any

    def value(self, part: Part, steps: tuple[str, ...]) -> Any:
        """Give one value of the request, or MISSING."""
        value: Any = getattr(self, part)
        for step in steps:
            if isinstance(value, list):
                value = value[int(step)] if step.isdecimal() and int(step) < len(value) else MISSING
            elif isinstance(value, Mapping):
                value = value.get(step, MISSING)
            else:
                return MISSING
        return value


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that has to hold: `body.model starts_with "gpt-4"`."""

    part: Part
    steps: tuple[str, ...]
    operator: str
    operand: Any
    test: Callable[[Any], bool]

    def holds(self, asked: Asked) -> bool:
        """Decide."""
        return self.test(asked.value(self.part, self.steps))

    def __str__(self) -> str:
        subject = ".".join((self.part, *self.steps))
        if self.operator == "equals":
            return f"{subject} = {show(self.operand)}"
        return f"{subject} {self.operator} {show(self.operand)}"


def show(value: Any) -> str:
    """Write a value for people, cut where it is long."""
    text = repr(value) if isinstance(value, Missing) else json_codec.canonical(value).decode()
    return text if len(text) <= 200 else f"{text[:200]}… ({len(text)} characters)"


def compile_part(part: Part, wanted: Any, place: Place, report: Report) -> Iterator[Condition]:
    """Compile what `when` wants of one part of the request.

    Headers, the query, the path and the method are text: a number is then compared
    with the number that the text says.
    """
    yield from _conditions(part, (), wanted, place, report)


def _conditions(
    part: Part, steps: tuple[str, ...], wanted: Any, place: Place, report: Report
) -> Iterator[Condition]:
    textual = part != "body"
    if not isinstance(wanted, dict):
        yield Condition(part, steps, "equals", wanted, _equals(wanted, textual))
    elif wanted and wanted.keys() <= _OPERATORS.keys():
        for operator, operand in wanted.items():
            test = _compile(operator, operand, (*place, operator), report, textual)
            if test is not None:
                yield Condition(part, steps, operator, operand, test)
    elif not wanted and steps:
        yield Condition(part, steps, "is", {}, lambda value: isinstance(value, dict))
    else:
        for name, inner in wanted.items():
            step = name.lower() if part == "headers" else name
            yield from _conditions(part, (*steps, step), inner, (*place, name), report)


Test = Callable[[Any], bool]


def _compile(
    operator: str, operand: Any, place: Place, report: Report, textual: bool
) -> Test | None:
    wanted, make = _OPERATORS[operator]
    if not wanted.accepts(operand):
        report(place, f"`{operator}` cannot take {show(operand)}", f"give {wanted.words}")
        return None
    return make(operand, place, report, textual)


def _whole(wanted: Any, place: Place, report: Report, textual: bool) -> Test:
    """Compile a condition on one value, such as the inside of `not`."""
    if isinstance(wanted, dict) and wanted.keys() <= _OPERATORS.keys() and wanted:
        tests = [
            test
            for operator, operand in wanted.items()
            if (test := _compile(operator, operand, (*place, operator), report, textual))
        ]
        return lambda value: all(test(value) for test in tests)
    if isinstance(wanted, dict):
        inner = {
            name: _whole(value, (*place, name), report, textual) for name, value in wanted.items()
        }
        return lambda value: (
            isinstance(value, dict)
            and all(test(value.get(name, MISSING)) for name, test in inner.items())
        )
    return _equals(wanted, textual)


# ── Equality, and numbers in text ────────────────────────────────────────────────


def same(one: Any, other: Any) -> bool:
    """Compare as JSON does: 1 is 1.0, but true is not 1."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)


def _equals(wanted: Any, textual: bool) -> Test:
    if type(wanted) is str:
        return lambda value: value == wanted
    if textual and isinstance(wanted, bool):
        return lambda value: value == ("true" if wanted else "false")
    if textual and isinstance(wanted, int | float):
        return lambda value: _number(value) == wanted
    return lambda value: same(value, wanted)


def _number(value: Any) -> float | None:
    """Give the number that a value is, or that a text says."""
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
_SWITCH = _Operand("true or false", lambda value: isinstance(value, bool))
_LENGTH = _Operand(
    "a whole number from 0, or operators such as {gte: 3}",
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
    except re.error as error:
        report(place, f"not a regular expression: {error}", "mend the pattern")
        return lambda value: False
    return lambda value: isinstance(value, str) and pattern.search(value) is not None


def _make_in(operand: list[Any], place: Place, report: Report, textual: bool) -> Test:
    tests = [_equals(item, textual) for item in operand]
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
    return lambda value: isinstance(value, list) and any(map(inner, value))


def _make_all(operand: Any, place: Place, report: Report, textual: bool) -> Test:
    inner = _whole(operand, place, report, textual)
    return lambda value: isinstance(value, list) and all(map(inner, value))


def _make_not(operand: Any, place: Place, report: Report, textual: bool) -> Test:
    inner = _whole(operand, place, report, textual)
    return lambda value: not inner(value)


_OPERATORS: dict[str, tuple[_Operand, Make]] = {
    "equals": (_ANYTHING, lambda operand, place, report, textual: _equals(operand, textual)),
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
    "any": (_ANYTHING, _make_any),
    "all": (_ANYTHING, _make_all),
    "not": (_ANYTHING, _make_not),
}

OPERATORS = frozenset(_OPERATORS)
