"""Compiles a checked stub of a document to a stub that the server uses."""

from collections.abc import Collection, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from mockserver.api import OPERATIONS
from mockserver.api.shared.known_operations import no_such_operation
from mockserver.api.subjects import subjects_of
from mockserver.expressions.conditions import Condition, compile_part
from mockserver.expressions.operators import OPERATORS
from mockserver.expressions.request_view import SUBJECTS, Part, show
from mockserver.expressions.templates import TEXTS
from mockserver.faults import catalogue
from mockserver.http import json_codec
from mockserver.loading.document import Document
from mockserver.loading.document_model import StubModel, When
from mockserver.loading.path_pattern import compile_path, named_in_all
from mockserver.problems import Place, Problem
from mockserver.state import ids
from mockserver.stubs.actions import ActionModel, build_action
from mockserver.stubs.actions.action import Action, Writing
from mockserver.stubs.actions.run import CREATES, SUBMIT
from mockserver.stubs.stub import Stub

_SEGMENTS = {operation.operation_id: operation.segments for operation in OPERATIONS}
_OPERATION_IDS = tuple(_SEGMENTS)
_SUBJECTS = {operation.operation_id: subjects_of(operation) for operation in OPERATIONS}
STREAMING = frozenset(
    operation.operation_id
    for operation in OPERATIONS
    if operation.body is not None and "stream" in operation.body.model_fields
)
"""The operations whose responses may be streams."""

_ONE_OF = {
    "method": "write {in: [GET, POST]}",
    "path": "write {in: [/v1/a, /v1/b]}",
    "message": "write {in: [one, two]}, or {matches: 'one|two'} for texts with either",
}


class StubCompiler:
    """Compiles the stub at a place of a document; problems are appended to a list."""

    def __init__(
        self, document: Document, place: Place, given: dict[str, Any], problems: list[Problem]
    ) -> None:
        """`given` is the stub as written in the document."""
        self._document = document
        self._place = place
        self._given = given
        self._problems = problems

    def _report(self, place: Place, what: str, remedy: str) -> None:
        self._problems.append(self._document.problem(place, what, remedy))

    def compile(self, stub: StubModel) -> Stub:
        """Return the compiled stub; wrong parts of it are reported."""
        lines, source = self._document.lines, self._document.source
        line = lines.get(self._place, lines.get((), 1))
        stub_hash = ids.digest(json_codec.canonical(self._given), size=16)
        then = self._given["then"]
        operations = self._operations(stub)
        about = _common_subjects(operations)
        conditions = tuple(self._conditions(stub.when))
        path = self._path_names(stub.when, operations)
        actions = tuple(
            self._action(
                fields,
                (*self._place, "then", at) if isinstance(then, list) else (*self._place, "then"),
                path,
                operations or (),
                about,
            )
            for at, fields in enumerate(stub.then)
        )
        return Stub(
            id=f"stub_{stub_hash[:6].hex()}",
            name=stub.name or f"stub {int(self._place[-1]) + 1}: {_summary(stub)}",
            source=f"{source}:{line}" if line else source,
            definition=self._given,
            operations=operations,
            conditions=conditions,
            actions=actions,
            times=stub.times,
            probability=stub.probability,
            priority=stub.priority,
            hash=stub_hash,
            optional=stub.optional,
        )

    def _operations(self, stub: StubModel) -> frozenset[str] | None:
        """Return the operations of a stub: those it names, as far as they have what it needs."""
        when = stub.when
        plays_script = any("run" in action.model_fields_set for action in stub.then)
        streams = any(action.fault in catalogue.stream_faults() for action in stub.then)
        needs = {part for part in SUBJECTS if part in when.model_fields_set}
        if when.operation is None:
            return CREATES if plays_script else STREAMING if streams else None
        place = (*self._place, "when", "operation")
        patterns = [when.operation] if isinstance(when.operation, str) else when.operation
        found: set[str] = set()
        for pattern in patterns:
            matching = [name for name in _OPERATION_IDS if fnmatchcase(name, pattern)]
            if not matching:
                self._report(place, *no_such_operation(pattern, _OPERATION_IDS))
                continue
            suited = [name for name in matching if needs <= _SUBJECTS[name]]
            if not suited:
                missing = min(needs - _SUBJECTS[matching[0]])
                what = f"{pattern} is about no {_NOUNS.get(missing, missing)}"
                self._report((*place[:-1], missing), what, "name another, such as createRun")
            if plays_script:
                suited = [name for name in suited if name in CREATES or name == SUBMIT]
            if plays_script and not suited and needs <= _SUBJECTS[matching[0]]:
                remedy = f"name {', '.join(sorted(CREATES))} or {SUBMIT}, or none"
                self._report(place, f"{pattern} plays no script", remedy)
            if streams and suited and not STREAMING.intersection(suited):
                remedy = f"name one of {', '.join(sorted(STREAMING))}, or none"
                self._report(place, f"{pattern} never streams", remedy)
            found.update(suited)
        return frozenset(found)

    def _conditions(self, when: When) -> Iterator[Condition]:
        place = (*self._place, "when")
        parts: tuple[Part, ...] = ("method", "path", "headers", "query", "body", *SUBJECTS)
        for part in parts:
            if part in when.model_fields_set:
                wanted = getattr(when, part)
                if problem := _problem_of(part, wanted):
                    self._report((*place, part), *problem)
                    continue
                if part == "path" and isinstance(wanted, str):
                    expression, _ = compile_path(wanted, (*place, part), self._report)
                    wanted = {"matches": expression}
                if part == "method" and isinstance(wanted, str) and wanted != wanted.upper():
                    what = f"expected an upper-case method, got {wanted}"
                    self._report((*place, part), what, f"write {wanted.upper()}")
                yield from compile_part(part, wanted, (*place, part), self._report)

    def _path_names(self, when: When, operations: frozenset[str] | None) -> Mapping[str, int]:
        """Return the index of each segment of the path that has a name: in `when`, or by OpenAI."""
        if isinstance(when.path, str):
            return compile_path(when.path, (), _ignore)[1]
        return named_in_all([_SEGMENTS[name] for name in operations or ()])

    def _action(
        self,
        fields: Any,
        place: Place,
        path: Mapping[str, int],
        operations: Collection[str],
        about: Collection[str],
    ) -> Action:
        keys = self._document.fault_keys
        return build_action(fields, Writing(place, self._report, keys, path, operations, about))


def _problem_of(part: Part, wanted: Any) -> tuple[str, str] | None:
    """Return what is wrong with a condition on a part that is no value of its type."""
    if part in (*TEXTS, "message") and not isinstance(wanted, str | dict):
        remedy = _ONE_OF[part] if isinstance(wanted, list) else "quote it"
        return f"not a text: {show(wanted)}", remedy
    if part in ("assistant", "thread") and not isinstance(wanted, dict):
        return f"no fields: {show(wanted)}", "write some, such as {metadata: {team: one}}"
    is_number = type(wanted) is int or (isinstance(wanted, dict) and wanted.keys() <= OPERATORS)
    if part == "messages" and not is_number:
        return f"not a number: {show(wanted)}", "write one, without quotes, or {gte: 3}"
    return None


_NOUNS = {"message": "thread with messages", "messages": "thread with messages"}
"""What a subject is called where an operation has none, if not by its own name."""


def _common_subjects(operations: Collection[str] | None) -> list[str]:
    """Return the subjects that the requests of all of the operations have."""
    known = [_SUBJECTS[name] for name in operations or ()]
    return [part for part in SUBJECTS if known and all(part in one for one in known)]


def _summary(stub: StubModel) -> str:
    """Return a short description for a stub without a name: its requests and its first action."""
    wanted = stub.when.operation or stub.when.path
    if isinstance(wanted, list):
        wanted = " or ".join(map(str, wanted))
    first: Any = stub.then[0]
    which = "any run" if "run" in first.model_fields_set else "any request"
    if stub.when.message is not None:
        which = f"message {show(stub.when.message)}"
    which = wanted if isinstance(wanted, str) else which
    keys = [name.rstrip("_") for name in ActionModel.model_fields if name in first.model_fields_set]
    return f"{which}, {first.fault or ' '.join(keys) or 'default'}"[:80]


def _ignore(place: Place, what: str, remedy: str) -> None:
    """Report nothing: it has been reported."""
