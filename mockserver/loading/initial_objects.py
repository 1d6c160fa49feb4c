"""Initial objects: the objects of fixtures, which exist when a namespace is created."""

import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from mockserver.api.assistants import ASSISTANTS, CreateAssistant, create_assistant
from mockserver.api.shared.call import Call
from mockserver.api.shared.errors import ApiError
from mockserver.api.shared.known_models import Models
from mockserver.api.shared.validation import every_error, validate
from mockserver.expressions.templates import Context, Rendered, compile_value
from mockserver.http import json_codec
from mockserver.problems import Place, Report, place_text
from mockserver.state import ids
from mockserver.state.namespace import Namespace

OWN_FIELDS = ("repeat", "id", "created_at")
REPEAT_LIMIT = 100_000
_ID = re.compile(r"asst_[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class InitialObject:
    """An entry of `objects.assistants`, which creates `repeat` objects.

    `created_at` is a Unix time in seconds. If it is negative, it is relative to the start of the
    namespace's clock.
    """

    fields: Rendered
    source: bytes
    repeat: int
    id: str | None
    created_at: int | None

    def rendered(self, namespace: Namespace, nth: int = 0) -> tuple[Any, bytes]:
        """Return the request body that creates the n-th object, and 32 bytes of entropy for it."""
        entropy = ids.digest(namespace.seed, b"%d" % nth, self.source)
        context = Context(None, namespace.clock.start, int(namespace.seed), entropy)
        return self.fields(context), entropy

    def create(self, namespace: Namespace, models: Models) -> Iterator[dict[str, Any]]:
        """Yield the objects for a namespace, each as a create request would make it.

        Raises:
            ApiError: the API would refuse that request.
        """
        for nth in range(self.repeat):
            fields, entropy = self.rendered(namespace, nth)
            body = validate(CreateAssistant, fields)
            call: Call[Any, None] = Call(namespace, models, {}, body, None, entropy)
            created: Any = create_assistant(call).value
            if self.id is not None:
                created["id"] = self.id
            if self.created_at is not None:
                base = namespace.clock.start if self.created_at < 0 else 0
                created["created_at"] = base + self.created_at
            yield created


def add_initial_objects(
    objects: Sequence[InitialObject], namespace: Namespace, models: Models
) -> None:
    """Store the objects of fixtures in a namespace, without advancing its clock.

    An object that the API would refuse under the seed of this namespace is skipped, with a message
    on standard error.
    """
    collection = namespace.collection(ASSISTANTS.kind)
    for one in objects:
        try:
            for created in one.create(namespace, models):
                encoded = json_codec.dumps(created)
                collection.put(created["id"], created["created_at"], encoded)
        except ApiError as error:  # a generated value is not valid under this seed
            print(f"mockserver: skipped an initial object of a fixture: {error}", file=sys.stderr)


def compile_objects(
    entries: Sequence[dict[str, Any]], place: Place, report: Report, models: Models
) -> list[InitialObject]:
    """Return the compiled entries of `objects.assistants`.

    They are validated as create requests; problems are reported.
    """
    objects = []
    taken: dict[str, int] = {}
    for at, entry in enumerate(entries):
        here = (*place, at)
        repeat, object_id, created_at = (entry.get(name) for name in OWN_FIELDS)
        if repeat is not None and not (_is_whole(repeat) and 1 <= repeat <= REPEAT_LIMIT):
            report(
                (*here, "repeat"),
                "not a number of objects",
                f"use a whole number from 1 to {REPEAT_LIMIT}",
            )
            repeat = 1
        if created_at is not None and not _is_whole(created_at):
            remedy = "use whole seconds; negative seconds count back from the clock's start"
            report((*here, "created_at"), "not a time", remedy)
            created_at = None
        if object_id is not None:
            if not isinstance(object_id, str) or not _ID.fullmatch(object_id):
                remedy = "use asst_ followed by letters, digits, - or _"
                report((*here, "id"), "not an assistant id", remedy)
                object_id = None
            elif object_id in taken:
                report(
                    (*here, "id"),
                    f"the id is already used by {place_text((*place, taken[object_id]))}",
                    "use another id",
                )
            elif repeat is not None and repeat > 1:
                report((*here, "id"), "several objects cannot share an id", "remove the id")
            else:
                taken[object_id] = at
        fields = {name: value for name, value in entry.items() if name not in OWN_FIELDS}
        rendered = compile_value(fields, here, report, request=False)
        one = InitialObject(
            rendered,
            b"%d\n%b" % (at, json_codec.canonical(entry)),
            repeat or 1,
            object_id,
            created_at,
        )
        objects.append(one)
        for error in _errors(one, models):
            report(
                (*here, *_steps(error.param)),
                error.message.rstrip("."),
                "use a value that the API accepts",
            )
    return objects


def _errors(one: InitialObject, models: Models) -> list[ApiError]:
    """Return the errors in the fields of an object, or if there are none, in its creation."""
    scratch = Namespace(0, "frozen")
    errors = every_error(CreateAssistant, one.rendered(scratch)[0])
    if not errors:
        try:
            next(one.create(scratch, models))
        except ApiError as error:
            errors.append(error)
    return errors


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _steps(param: str | None) -> Place:
    """Return the steps of a param such as `tools[0].type`."""
    found = re.findall(r"([^.\[\]]+)|\[(\d+)\]", param or "")
    return tuple(int(number) if number else name for name, number in found)
