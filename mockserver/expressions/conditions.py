"""Conditions of stubs: compiled when a fixture is loaded, evaluated for every request.

A stub's `when` becomes a flat list of conditions that must all match. One function evaluates a
condition, both to decide a match and to explain a near miss.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from mockserver.expressions import operators
from mockserver.expressions.request_view import Part, RequestView, escaped, show
from mockserver.http.masking import mask_part
from mockserver.problems import Place, Report

VALUES: tuple[Part, ...] = ("body", "assistant", "thread", "messages")
"""The parts that are JSON values; the others are texts."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition on one value of a request, such as `body.model starts_with "gpt-4"`."""

    part: Part
    steps: tuple[str, ...]
    operator: str
    operand: Any
    test: Callable[[Any], bool]

    def matches(self, request: RequestView) -> bool:
        """Return whether a request meets the condition."""
        return self.test(request.value(self.part, self.steps))

    def __str__(self) -> str:
        subject = escaped(".".join((self.part, *self.steps)))
        operand = self.show(self.operand)
        if self.operator == "equals":
            return f"{subject} = {operand}"
        return f"{subject} {self.operator} {operand}"

    def show(self, value: Any) -> str:
        """Return a value that this condition is about as text, its credentials masked."""
        return show(mask_part(self.part, self.steps[0] if self.steps else "", value))


def compile_part(part: Part, wanted: Any, place: Place, report: Report) -> Iterator[Condition]:
    """Yield the conditions that `when` sets for one part of the request.

    Headers, the query, the path, the method and the message are text. A number in their conditions
    is compared with the number that the text represents.
    """
    yield from _conditions(part, (), wanted, place, report)


def _conditions(
    part: Part, steps: tuple[str, ...], wanted: Any, place: Place, report: Report
) -> Iterator[Condition]:
    textual = part not in VALUES
    if textual and (problem := _never_a_text(part, wanted)):
        report(place, *problem)
    elif not isinstance(wanted, dict):
        yield Condition(part, steps, "equals", wanted, operators.equals(wanted, textual))
    elif wanted and wanted.keys() <= operators.OPERATORS:
        for operator, operand in wanted.items():
            test = operators.compile_test(operator, operand, (*place, operator), report, textual)
            if test is not None:
                yield Condition(part, steps, operator, operand, test)
    elif not wanted and steps:
        yield Condition(part, steps, "is", {}, lambda value: isinstance(value, dict))
    else:
        for name, inner in wanted.items():
            step = name.lower() if part == "headers" else name
            yield from _conditions(part, (*steps, step), inner, (*place, name), report)


def _never_a_text(part: Part, wanted: Any) -> tuple[str, str] | None:
    """Return what is wrong with a condition that no text can meet, and the remedy."""
    is_named = part in ("headers", "query")
    if isinstance(wanted, dict):
        if is_named or (wanted and wanted.keys() <= operators.OPERATORS):
            return None
        remedy = "write the text itself, or operators such as {starts_with: a}"
        return f"a text has no fields: {show(wanted)}", remedy
    if wanted is None and is_named:
        return "null is no text", "write {exists: false} for what is not there"
    if isinstance(wanted, list) and not all(isinstance(one, str | int | float) for one in wanted):
        return f"not a list of texts: {show(wanted)}", "write texts or numbers, one for each value"
    return None
