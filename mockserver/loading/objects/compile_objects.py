"""Compiles the objects of documents, and checks them against each other."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from mockserver.api.shared.errors import ApiError
from mockserver.api.shared.known_models import Models
from mockserver.api.shared.validation import every_error
from mockserver.expressions.templates import Rendered, compile_value
from mockserver.http import json_codec
from mockserver.loading.objects import KINDS
from mockserver.loading.objects.initial_object import Body, InitialObject
from mockserver.loading.objects.kind import REPEAT_LIMIT, ObjectKind, Own, Parts, read_own
from mockserver.problems import Place, Report
from mockserver.sizes import LARGEST
from mockserver.state.namespace import Namespace

Existing = Callable[[], Namespace]
"""Returns the namespace whose objects may be referred to too."""

MAX_SUGGESTED = 100
"""Among how many ids one is looked for that may have been meant."""

_RANKS = {kind.name: rank for rank, kind in enumerate(KINDS)}

_NOWHERE = Namespace(0, "frozen")
"""What bodies are rendered for to look at their shape."""


@dataclass(slots=True)
class Entry:
    """An entry of `objects` in a document; `report` takes its problems, and remembers where."""

    place: Place
    kind: ObjectKind
    _report: Report
    _reported: set[Place] = field(default_factory=set)

    @property
    def is_sound(self) -> bool:
        """Whether it has no problem so far."""
        return not self._reported

    def report(self, place: Place, what: str, remedy: str) -> None:
        """Report a problem at a place in the document."""
        self._reported.add(place)
        self._report(place, what, remedy)

    def report_error(self, error: ApiError) -> None:
        """Report what the API would refuse, at its field; a wrong template is a problem before."""
        param, remedy = self.kind.remedies.get(
            error.name, (error.param or "", "use a value that the API accepts")
        )
        place = (*self.place, *_steps(param))
        if place not in self._reported:
            self.report(place, error.message.rstrip("."), remedy)


Compiled = tuple[InitialObject, Entry]


def compile_objects(
    objects: Any, known_problems: Sequence[Place], report: Report
) -> list[Compiled]:
    """Return the compiled entries of a document's `objects`, an `ObjectsModel`.

    They are validated as create requests; problems are reported. Entries at the places of known
    problems are left out.
    """
    taken: dict[str, Place] = {}
    left_out = set(known_problems)
    found = []
    for kind in KINDS:
        for at, fields in enumerate(getattr(objects, kind.name)):
            entry = Entry(("objects", kind.name, at), kind, report)
            if entry.place not in left_out:
                found.append((_compile(entry, at, fields, taken), entry))
    return found


def _compile(
    entry: Entry, at: int, given: Mapping[str, Any], taken: dict[str, Place]
) -> InitialObject:
    own = read_own(given, entry.kind.naming, entry.place, entry.report, taken)
    source = b"%d\n%b" % (at, json_codec.canonical(given))
    one = InitialObject(entry.kind, own, _compile_body(entry, given, own, taken), source)
    for error in every_error(entry.kind.model, one.first_body(_NOWHERE)):
        entry.report_error(error)
    return one


def _compile_body(
    entry: Entry, given: Mapping[str, Any], own: Own, taken: dict[str, Place]
) -> Body:
    """Return the body of the request that an entry stands for, without what is its own."""
    kind = entry.kind
    fields = {name: value for name, value in given.items() if name not in kind.naming.own}
    written = None if kind.parts is None else fields.get(kind.parts.field)
    if kind.parts is None or not isinstance(written, list):
        return Body(compile_value(fields, entry.place, entry.report, request=False))
    del fields[kind.parts.field]
    parts = tuple(_compile_parts(entry, kind.parts, written, taken, own.repeat))
    count = own.repeat * sum(part.repeat for part, _ in parts)
    if count > REPEAT_LIMIT:
        what = f"{count} {kind.parts.field} are more than {REPEAT_LIMIT}"
        entry.report(
            (*entry.place, kind.parts.field), what, "write fewer, or repeat them less often"
        )
    rest = compile_value(fields, entry.place, entry.report, request=False)
    return Body(rest, kind.parts.field, parts)


def _compile_parts(
    entry: Entry, parts: Parts, written: Sequence[Any], taken: dict[str, Place], copies: int
) -> Iterator[tuple[Own, Rendered]]:
    """Yield what each of the parts says of its own, and what renders its other fields."""
    for at, part in enumerate(written):
        here = (*entry.place, parts.field, at)
        own, fields = Own(), part
        if isinstance(part, dict):  # what is none is reported by the model
            own = read_own(part, parts.naming, here, entry.report, taken, copies)
            fields = {name: value for name, value in part.items() if name not in parts.naming.own}
        yield own, compile_value(fields, here, entry.report, request=False)


# ── What belongs together ────────────────────────────────────────────────────────


def check_together(
    compiled: Sequence[Compiled], models: Models, existing: Existing | None = None
) -> list[InitialObject]:
    """Return the objects that have no problem, those that others refer to before them.

    Each is created in an empty namespace, and what the API would refuse is reported. They may use
    `models`, and refer to each other and to what is in the `existing` namespace.
    """
    ordered = sorted(compiled, key=lambda each: _RANKS[each[1].kind.name])
    refers = any(entry.kind.refers_to for _, entry in ordered)
    trial = _Trial(ordered, existing() if refers and existing is not None else None)
    for one, entry in ordered:
        if entry.is_sound and trial.can_be_made(one, entry):
            try:
                one.try_in(trial.namespace, models)
            except ApiError as error:
                entry.report_error(error)
    return [one for one, entry in ordered if entry.is_sound]


def _references(kind: ObjectKind, body: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield each field of a body with the id of another object, that object's kind, and the id."""
    for name, referred in kind.refers_to.items():
        value = body.get(name)
        for object_id in value if isinstance(value, list) else [value]:
            if object_id is not None:
                yield name, referred, object_id


class _Trial:
    """A namespace in which the objects of documents are created to see whether they can be."""

    def __init__(self, compiled: Sequence[Compiled], existing: Namespace | None) -> None:
        self.namespace = Namespace(0, "frozen", files_limit=LARGEST)
        self._existing = existing
        if existing is not None:
            self.namespace.clock = existing.as_of(existing.clock.now()).clock
        self._counts: Counter[tuple[str, str, str]] = Counter()
        self._written: dict[str, dict[str, None]] = {kind.name: {} for kind in KINDS}
        for one, entry in compiled:
            if one.own.id is not None:
                self._written[entry.kind.name][one.own.id] = None

    def can_be_made(self, one: InitialObject, entry: Entry) -> bool:
        """Return whether all is there that an object refers to.

        What exists nowhere is reported, and the first object that is one too many.
        """
        if not entry.kind.refers_to:
            return True
        body, complete = one.first_body(self.namespace), True
        for name, kind, object_id in _references(entry.kind, body):
            limit = entry.kind.at_most.get(name)
            if limit is not None and self._is_beyond(limit, entry, name, object_id):
                return False
            if object_id in self.namespace.collection(kind):
                continue
            if self._existing is not None and self.namespace.adopt(self._existing, kind, object_id):
                continue
            complete = False
            if object_id not in self._written[kind]:  # otherwise its own problem is reported
                self._report_unknown(entry, name, kind, object_id)
        return complete

    def _is_beyond(self, limit: int, entry: Entry, name: str, object_id: str) -> bool:
        counted = (entry.kind.name, name, object_id)
        self._counts[counted] += 1
        if self._counts[counted] == limit + 1:
            what = f"more than {limit} {entry.kind.name} have this {name}"
            entry.report((*entry.place, name), what, "divide them among several")
        return self._counts[counted] > limit

    def _report_unknown(self, entry: Entry, name: str, kind: str, object_id: str) -> None:
        close = get_close_matches(object_id, list(self._written[kind])[:MAX_SUGGESTED], 1)
        noun = KINDS[_RANKS[kind]].naming.noun
        remedy = f"give {noun} of these fixtures that id"
        if close:
            remedy = f"did you mean '{close[0]}'?"
        what = f"there is no {noun.partition(' ')[2]} with the id {object_id}"
        entry.report((*entry.place, name), what, remedy)


def _steps(param: str) -> Place:
    """Return the steps of a param such as `tools[0].type`."""
    found = re.findall(r"([^.\[\]]+)|\[(\d+)\]", param)
    return tuple(int(number) if number else name for name, number in found)
