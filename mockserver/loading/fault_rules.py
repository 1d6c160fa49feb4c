"""Faults written as a line of text in a header or a flag, such as `latency; ms=300`.

Such a line, and a fault rule posted to the control API, are rewritten as a stub of a document and
compiled like any other stub.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache, partial
from typing import Any

from mockserver.api.shared.known_models import Models
from mockserver.faults.catalogue import COMMON_KEYS, RATE_LIMIT
from mockserver.loading.compile import compile_document
from mockserver.loading.document import Document
from mockserver.loading.document_model import StubModel
from mockserver.problems import FixtureError, Place, Problem, call_all
from mockserver.stubs.actions.action import Action
from mockserver.stubs.actions.rate_limit import RateLimitShape
from mockserver.stubs.stub import Stub

STUB_KEYS = tuple(name for name in StubModel.model_fields if name != "then")
RULE_KEYS = ("on", *STUB_KEYS)
"""The keys of a fault rule besides its action."""

LINE_KEYS = ("status", "delay", "inject")
"""The keys of a line of text for one request, besides the options of its fault."""

FLAG_KEYS = ("on", "times", "probability", "priority", "name", *LINE_KEYS)
"""The keys of a line of text that is a fault rule, besides the options of its fault."""

RATE_LIMIT_KEYS = tuple(RateLimitShape.model_fields)


def parse(text: str, source: str) -> dict[str, Any]:
    """Return the name and the options in a line of text, as an object.

    Raises:
        FixtureError: an option has no value, or is given twice.
    """
    name, *rest = (part.strip() for part in text.split(";"))
    rule: dict[str, Any] = {"fault": name}
    problems = []
    for part in filter(None, rest):
        option, equals, value = part.partition("=")
        option = option.strip().lower().replace("-", "_")
        if not equals or option in rule:
            what = "given twice" if equals else "expected option=value"
            problems.append(Problem(source, 0, option, what, "write NAME; option=value"))
        rule[option] = _value(value.strip())
    if problems:
        raise FixtureError(problems)
    return rule


def _value(text: str) -> Any:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def as_stub(rule: dict[str, Any]) -> dict[str, Any]:
    """Return a fault rule as a stub; without a name it gets that of its fault.

    Raises:
        ValueError: the rule has both `on` and `when.operation`.
    """
    stub = {name: rule[name] for name in STUB_KEYS if name in rule}
    fault = rule.get("fault", RATE_LIMIT)
    if isinstance(fault, str) and fault:
        stub.setdefault("name", fault)
    then = {name: value for name, value in rule.items() if name not in RULE_KEYS}
    if then.get("fault") == RATE_LIMIT:
        del then["fault"]
        then[RATE_LIMIT] = {name: then.pop(name) for name in RATE_LIMIT_KEYS if name in then}
    when = stub.get("when", {})
    if "on" in rule and isinstance(when, dict):  # the shape check reports any other `when`
        if "operation" in when:
            raise ValueError("operations are given twice, in 'on' and in 'when'")
        on = rule["on"]
        several = on.split("|") if isinstance(on, str) and "|" in on else on
        stub["when"] = {**when, "operation": several}
    return {**stub, "then": then}


def as_stubs(
    document: Document, fault_keys: tuple[str, ...] = (*RULE_KEYS, *COMMON_KEYS)
) -> Document:
    """Return the document of stubs for a document of one fault rule, or of a list of them.

    `fault_keys` lists, for messages, the keys allowed besides the options of a fault.

    Raises:
        FixtureError: a value is not a fault rule, or a key is given twice.
    """
    given = document.checked_value()
    alone = not isinstance(given, list)
    rules = [given] if alone else given
    problems, stubs = [], []
    for at, rule in enumerate(rules):
        place: Place = () if alone else (at,)
        if not isinstance(rule, dict) or not rule.keys() & {"fault", "rate_limit"}:
            remedy = 'write an object such as {"fault": "overloaded"}'
            problems.append(document.problem(place, "not a fault rule", remedy))
            continue
        try:
            stubs.append(as_stub(rule))
        except ValueError as error:
            problems.append(document.problem((*place, "on"), str(error), "keep one of the two"))
    if problems:
        raise FixtureError(problems)
    first = document.lines.get((), 1)
    lines: dict[Place, int] = {
        ("stubs", at): document.lines.get((at,), first) for at in range(len(rules))
    }
    prefix: Place = ("stubs", 0) if alone else ("stubs",)
    return Document(
        document.source,
        {"stubs": stubs},
        {(): first} | lines,
        prefix=prefix,
        fault_keys=fault_keys,
    )


@contextmanager
def problems_as_written() -> Iterator[None]:
    """Report the problems of a block at their place in a fault rule, not in the stub made from it.

    Raises:
        FixtureError: with those places, in place of the one that was raised.
    """
    try:
        yield
    except FixtureError as error:
        raise FixtureError(
            [replace(problem, place=_as_written(problem.place)) for problem in error.problems]
        ) from None


def _as_written(place: str) -> str:
    return re.sub(r"\bthen\.", "", place.replace("when.operation", "on"))


def compile_flags(texts: Sequence[str], models: Models) -> list[Stub]:
    """Return the stubs for all `--fault RULE` flags.

    Raises:
        FixtureError: with every problem of every rule.
    """
    with problems_as_written():
        return call_all([partial(_compile_flag, text, models) for text in texts])


def _compile_flag(text: str, models: Models) -> Stub:
    source = f"--fault '{text}'"
    stubs = as_stubs(Document(source, parse(text, source), {(): 0}), FLAG_KEYS)
    [stub] = compile_document(stubs, models).stubs
    return stub


@lru_cache(maxsize=1024)
def compile_action(text: str, source: str, models: Models) -> Action:
    """Return the action of the fault that one request selects, in a header or as its model.

    Raises:
        FixtureError: with every problem of the text.
    """
    stubs = {"stubs": [{"then": parse(text, source)}]}
    document = Document(source, stubs, {(): 0}, prefix=("stubs", 0, "then"), fault_keys=LINE_KEYS)
    [stub] = compile_document(document, models).stubs
    return stub.actions[0]
