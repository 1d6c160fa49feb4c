"""From a checked document to stubs and objects as the server uses them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Any

from pydantic import ValidationError

from mockserver import durations
from mockserver.api import OPERATIONS
from mockserver.api.shared.known_models import Models
from mockserver.expressions.conditions import Condition, Part, compile_part
from mockserver.expressions.templates import Rendered, compile_value
from mockserver.faults import catalogue
from mockserver.http import json_codec
from mockserver.loading.document import Document
from mockserver.loading.document_model import Action as ActionModel
from mockserver.loading.document_model import DelayCurve, DelayRange, FixtureDocument, When
from mockserver.loading.document_model import Stub as StubModel
from mockserver.loading.initial_objects import Seed, compile_objects
from mockserver.loading.shape_problems import known, shape_problem, without
from mockserver.problems import FixtureError, Place, Problem
from mockserver.state import ids
from mockserver.stubs.stub import Action, Delay, Kind, Limit, Stub


@dataclass(frozen=True, slots=True)
class Fixtures:
    """What fixture files come to: stubs in the order of their files, and objects."""

    stubs: tuple[Stub, ...] = ()
    seeds: tuple[Seed, ...] = ()


def compile_document(document: Document, models: Models) -> Fixtures:
    """Check a fixture document and compile it; `models` are those that its objects may use.

    Raises:
        FixtureError: with every problem of the document.
    """
    value = {} if document.value is None else document.value
    checked, value, problems = _checked(document, value)

    def report(place: Place, what: str, remedy: str) -> None:
        problems.append(document.problem(place, what, remedy))

    given = value.get("stubs", [])
    stubs = [
        _StubCompiler(document, ("stubs", at), given[at], problems).compile(stub)
        for at, stub in enumerate(checked.stubs)
    ]
    seeds = compile_objects(checked.objects.assistants, ("objects", "assistants"), report, models)
    if problems:
        raise FixtureError(problems)
    return Fixtures(tuple(stubs), tuple(seeds))


def _checked(document: Document, value: Any) -> tuple[FixtureDocument, Any, list[Problem]]:
    """Check the shape of a document; what is wrong is taken out, so that the rest is checked too.

    Raises:
        FixtureError: nothing sound is left to go on with.
    """
    problems = list(document.problems)
    for _ in range(4):  # taking one thing out may show what it hid
        try:
            return FixtureDocument.model_validate(value), value, problems
        except ValidationError as error:
            findings = error.errors(include_url=False)
        told = {problem.place for problem in problems}
        new = [shape_problem(document, finding) for finding in findings]
        # One sentence for a place: a union tells of every member that it might have been.
        for problem in new:
            if problem.place not in told:
                told.add(problem.place)
                problems.append(problem)
        value = without(value, findings)
    raise FixtureError(problems)


# ── Stubs ────────────────────────────────────────────────────────────────────────

_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e\xa0-\xff]*")
_FRAMING = ("connection", "content-length", "transfer-encoding")
_OPERATION_IDS = tuple(operation.operation_id for operation in OPERATIONS)


class _StubCompiler:
    def __init__(
        self, document: Document, place: Place, given: dict[str, Any], problems: list[Problem]
    ) -> None:
        self._document = document
        self._place = place
        self._given = given
        self._problems = problems

    def report(self, place: Place, what: str, remedy: str) -> None:
        self._problems.append(self._document.problem(place, what, remedy))

    def compile(self, stub: StubModel) -> Stub:
        lines, source = self._document.lines, self._document.source
        line = lines.get(self._place, lines.get((), 1))
        chance = ids.digest(json_codec.canonical(self._given), size=16)
        then = self._given["then"]
        actions = tuple(
            self._action(
                action,
                (*self._place, "then", at) if isinstance(then, list) else (*self._place, "then"),
            )
            for at, action in enumerate(stub.then)
        )
        return Stub(
            id=f"stub_{chance[:6].hex()}",
            name=stub.name or f"stub {int(self._place[-1]) + 1}: {_summary(stub)}",
            source=f"{source}:{line}" if line else source,
            definition=self._given,
            operations=self._operations(stub.when),
            conditions=tuple(self._conditions(stub.when)),
            actions=actions,
            times=stub.times,
            probability=stub.probability,
            priority=stub.priority,
            chance=chance,
        )

    def _operations(self, when: When) -> frozenset[str] | None:
        if when.operation is None:
            return None
        place = (*self._place, "when", "operation")
        asked = [when.operation] if isinstance(when.operation, str) else when.operation
        found: set[str] = set()
        for pattern in asked:
            matching = [name for name in _OPERATION_IDS if fnmatchcase(name, pattern)]
            if not matching:
                close = get_close_matches(pattern, _OPERATION_IDS, 2)
                known = " or ".join(close) or ", ".join(_OPERATION_IDS)
                self.report(place, f"no operation is called {pattern}", f"use {known}")
            found.update(matching)
        return frozenset(found)

    def _conditions(self, when: When) -> Iterator[Condition]:
        place = (*self._place, "when")
        parts: tuple[Part, ...] = ("method", "path", "headers", "query", "body")
        for part in parts:
            if part in when.model_fields_set:
                wanted = getattr(when, part)
                if part == "path" and isinstance(wanted, str):
                    if not wanted.startswith(("/", "*")) or "?" in wanted:
                        remedy = "begin it with /, and put what follows a ? into query"
                        self.report((*place, part), "no path can be so", remedy)
                    wanted = {"matches": _path_pattern(wanted)}
                if part == "method" and isinstance(wanted, str) and wanted != wanted.upper():
                    remedy = f"write {wanted.upper()}"
                    self.report((*place, part), "methods are in capitals", remedy)
                yield from compile_part(part, wanted, (*place, part), self.report)

    def _action(self, action: ActionModel, place: Place) -> Action:
        kind, options = self._kind(action, place), self._options(action, place)
        fault = catalogue.faults().get(action.fault or "")
        return Action(
            kind=kind,
            content=self._content(kind, action, place),
            drop=tuple(tuple(path.split(".")) for path in action.drop or ()),
            status=action.status,
            headers=self._headers(action, (*place, "headers")),
            delay=self._delay(action.delay, (*place, "delay")),
            fault=action.fault,
            options=options,
            strikes_after=action.strike == "after" or (fault is not None and fault.needs_handler),
            limit=self._limit(action, place),
        )

    def _options(self, action: ActionModel, place: Place) -> dict[str, Any]:
        """Give the options of an action's fault; nothing else has any."""
        options = action.model_extra or {}
        if "fault" in action.model_fields_set:
            name = action.fault or ""
            return catalogue.check(
                name, options, action.strike, place, self.report, self._document.beside
            )
        names = [field.alias or name for name, field in ActionModel.model_fields.items()]
        for name in options:
            self.report((*place, name), f"unknown key '{name}'", known(name, names))
        if action.strike is not None:
            self.report((*place, "strike"), "there is no fault to strike", "add a fault")
        return {}

    def _kind(self, action: ActionModel, place: Place) -> Kind:
        """Tell what an action is, and what in it does not go together."""
        given = action.model_fields_set
        whole: list[Kind] = []
        if "fault" in given:
            whole.append("fault")
        if "rate_limit" in given:
            whole.append("rate_limit")
        if "json_" in given:
            whole.append("json")
        if "text" in given:
            whole.append("text")
        patches = given & {"body", "drop"} if "fault" not in given else given & {"drop"}
        if len(whole) + bool(patches) > 1:
            words = " and ".join([*whole, *sorted(patches)])
            self.report(place, f"{words} exclude each other", "keep one of them")
        if "rate_limit" in given and given & {"status", "headers", "delay"}:
            self.report(place, "rate_limit stands alone", "put the rest into a stub of its own")
        if whole:
            return whole[0]
        return "patch" if given & {"body", "drop", "status", "headers"} else "default"

    def _limit(self, action: ActionModel, place: Place) -> Limit | None:
        limit = action.rate_limit
        if limit is None:
            return None
        per = durations.seconds(limit.per)
        if per == 0:
            self.report((*place, "rate_limit", "per"), "a period of no length", "give it one")
        return Limit(limit.requests, per, limit.by)

    def _content(self, kind: Kind, action: ActionModel, place: Place) -> Rendered | None:
        match kind:
            case "json":
                return compile_value(action.json_, (*place, "json"), self.report)
            case "text":
                return compile_value(action.text, (*place, "text"), self.report)
            case _ if action.body is not None:
                return compile_value(action.body, (*place, "body"), self.report)
        return None

    def _headers(self, action: ActionModel, place: Place) -> Rendered | None:
        if action.headers is None:
            return None
        for name, value in action.headers.items():
            if not _HEADER_NAME.fullmatch(name):
                self.report((*place, name), "not a header's name", "letters, digits and dashes")
            if name.lower() in _FRAMING:
                remedy = "leave it out; the fault wrong_content_length lies about a length"
                self.report((*place, name), "says how the answer is sent, not what it is", remedy)
            if isinstance(value, str) and not _HEADER_VALUE.fullmatch(value):
                self.report((*place, name), "not a header's value", "one line of plain text")
        return compile_value(action.headers, place, self.report)

    def _delay(self, delay: Any, place: Place) -> Delay | None:
        if delay is None:
            return None
        if isinstance(delay, DelayRange):
            spread = Delay(durations.seconds(delay.min), durations.seconds(delay.max))
        elif isinstance(delay, DelayCurve):
            low, high = durations.seconds(delay.median), durations.seconds(delay.p99)
            spread = Delay(low, high, log_normal=True)
        else:
            spread = Delay(durations.seconds(delay), durations.seconds(delay))
        if spread.low > spread.high or (spread.log_normal and spread.low == 0):
            self.report(place, "a spread that cannot be", "give the smaller one first")
        return spread


def _summary(stub: StubModel) -> str:
    """Say in a few words what a stub without a name is for."""
    asked = stub.when.operation or stub.when.path
    if isinstance(asked, list):
        asked = " or ".join(map(str, asked))
    which = asked if isinstance(asked, str) else "any request"
    first = stub.then[0]
    said = [name.rstrip("_") for name in ActionModel.model_fields if name in first.model_fields_set]
    return f"{which}, {first.fault or ' '.join(said) or 'default'}"[:80]


def _path_pattern(path: str) -> str:
    """Make a regular expression of a path in which `*` is one segment."""
    steps = (r"[^/]+" if step == "*" else re.escape(step) for step in path.split("/"))
    return "^" + "/".join(steps) + "$"
