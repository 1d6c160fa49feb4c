"""Faults said in one line, as in a header or a flag: `latency; ms=300; probability=0.05`.

A line, and the short form that the control API takes, come to a stub or to an
action like any other: they are written as one and compiled with the rest.
"""

from functools import lru_cache
from typing import Any

from mockserver.api.catalogue import Models
from mockserver.faults.catalogue import RATE_LIMIT
from mockserver.problems import FixtureError, Place, Problem
from mockserver.rules.compile import compile_document
from mockserver.stubs.compiled import Action, Stub
from mockserver.stubs.document import Document

OF_STUBS = ("name", "when", "times", "probability", "priority")
OF_LIMITS = ("requests", "per", "by")


def parse(text: str, source: str) -> dict[str, Any]:
    """Read a line.

    Raises:
        FixtureError: it is none.
    """
    name, *rest = (part.strip() for part in text.split(";"))
    rule: dict[str, Any] = {"fault": name}
    problems = []
    for part in filter(None, rest):
        option, equals, value = part.partition("=")
        option = option.strip().lower().replace("-", "_")
        if not equals or option in rule:
            what = "given twice" if equals else "no option"
            problems.append(Problem(source, 0, option, what, "write NAME; option=value; …"))
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
    """Write a rule as the stub that it means."""
    stub = {name: rule[name] for name in OF_STUBS if name in rule}
    then = {name: value for name, value in rule.items() if name not in (*OF_STUBS, "on")}
    if then.get("fault") == RATE_LIMIT:
        del then["fault"]
        then[RATE_LIMIT] = {name: then.pop(name) for name in OF_LIMITS if name in then}
    when = stub.get("when", {})
    if "on" in rule and isinstance(when, dict):  # what is no object is told of later
        on = rule["on"]
        several = on.split("|") if isinstance(on, str) and "|" in on else on
        stub["when"] = {**when, "operation": several}
    return {**stub, "then": then}


def as_stubs(document: Document) -> Document:
    """Write a document of one rule, or of a list of them, as a document of stubs.

    Raises:
        FixtureError: it holds something else, or keys twice.
    """
    given = document.sound()
    rules = given if isinstance(given, list) else [given]
    problems = [
        document.problem(
            (at,) if rules is given else (), "no rule of a fault", 'write {"fault": NAME, …}'
        )
        for at, rule in enumerate(rules)
        if not isinstance(rule, dict) or not rule.keys() & {"fault", "rate_limit"}
    ]
    if problems:
        raise FixtureError(problems)
    lines: dict[Place, int] = {
        ("stubs", at): document.lines.get((at,), 1) for at in range(len(rules))
    }
    prefix: Place = () if rules is given else ("stubs", 0)
    stubs = {"stubs": [*map(as_stub, rules)]}
    return Document(document.source, stubs, {(): 1} | lines, prefix=prefix)


def compile_flag(text: str, models: Models) -> Stub:
    """Make the stub of `--fault TEXT`.

    Raises:
        FixtureError: with everything that is wrong with it.
    """
    source = f"--fault '{text}'"
    rule = as_stub(parse(text, source))
    [stub] = compile_document(_document(rule, source, ("stubs", 0)), models).stubs
    return stub


@lru_cache(maxsize=1024)
def compile_action(text: str, source: str, models: Models) -> Action:
    """Make the action of a fault that one request asks for.

    Raises:
        FixtureError: with everything that is wrong with it.
    """
    rule = {"then": parse(text, source)}
    [stub] = compile_document(_document(rule, source, ("stubs", 0, "then")), models).stubs
    return stub.actions[0]


def _document(stub: dict[str, Any], source: str, prefix: Place) -> Document:
    return Document(source, {"stubs": [stub]}, {(): 0}, prefix=prefix)
