"""Initial objects: those that a fixture says exist from the start."""

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
    """One entry of `objects.assistants`: what creates one object, or several that differ.

    `created_at` is absolute, in seconds, or where it is negative counts from the clock's start.
    """

    fields: Rendered
    source: bytes
    repeat: int
    id: str | None
    created_at: int | None

    def rendered(self, namespace: Namespace, nth: int = 0) -> tuple[Any, bytes]:
        """Return the body that would be sent for the n-th object, and 32 bytes of entropy."""
        entropy = ids.digest(namespace.seed, b"%d" % nth, self.source)
        context = Context(None, namespace.clock.start, int(namespace.seed), entropy)
        return self.fields(context), entropy

    def create(self, namespace: Namespace, models: Models) -> Iterator[dict[str, Any]]:
        """Yield the objects for a namespace, each as its own create would make it.

        Raises:
            ApiError: the API itself would refuse it.
        """
        for nth in range(self.repeat):
            fields, entropy = self.rendered(namespace, nth)
            body = validate(CreateAssistant, fields)
            call: Call[Any, None] = Call(namespace, models, {}, body, None, entropy)
            created: Any = create_assistant(call).value
            if self.id is not None:
                created["id"] = self.id
            if self.created_at is not None:
                early = namespace.clock.start if self.created_at < 0 else 0
                created["created_at"] = early + self.created_at
            yield created


def add_initial_objects(
    objects: Sequence[InitialObject], namespace: Namespace, models: Models
) -> None:
    """Create the objects of fixtures in a namespace; its clock does not move."""
    collection = namespace.collection(ASSISTANTS.kind)
    for one in objects:
        try:
            for created in one.create(namespace, models):
                encoded = json_codec.dumps(created)
                collection.put(created["id"], created["created_at"], encoded)
        except ApiError as error:  # an invented value that does not fit, under this seed alone
            print(f"mockserver: an object of a fixture is left out: {error}", file=sys.stderr)


def compile_objects(
    entries: Sequence[dict[str, Any]], place: Place, report: Report, models: Models
) -> list[InitialObject]:
    """Check entries of `objects.assistants` as if they had been sent, and compile them."""
    objects = []
    taken: dict[str, int] = {}
    for at, entry in enumerate(entries):
        here = (*place, at)
        repeat, object_id, created_at = (entry.get(name) for name in OWN_FIELDS)
        if repeat is not None and not (_is_whole(repeat) and 1 <= repeat <= REPEAT_LIMIT):
            report(
                (*here, "repeat"), "not a number of objects", f"give one from 1 to {REPEAT_LIMIT}"
            )
            repeat = 1
        if created_at is not None and not _is_whole(created_at):
            report((*here, "created_at"), "not a time", "give whole seconds; negative is before")
            created_at = None
        if object_id is not None:
            if not isinstance(object_id, str) or not _ID.fullmatch(object_id):
                report((*here, "id"), "not an assistant's id", "give asst_ and letters or digits")
                object_id = None
            elif object_id in taken:
                report(
                    (*here, "id"),
                    f"the id is that of {place_text((*place, taken[object_id]))}",
                    "give another",
                )
            elif repeat is not None and repeat > 1:
                report((*here, "id"), "several objects cannot share an id", "leave the id out")
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
                "write what the API would accept",
            )
    return objects


def _errors(one: InitialObject, models: Models) -> list[ApiError]:
    """Return all that is wrong with the fields of an object, or else with what they mean."""
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
    """Cut `tools[0].type` into steps."""
    found = re.findall(r"([^.\[\]]+)|\[(\d+)\]", param or "")
    return tuple(int(number) if number else name for name, number in found)
