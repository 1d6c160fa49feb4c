"""A kind of objects that fixtures may have, and what an entry says beside its request."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from pydantic import BaseModel

from mockserver.api.shared.call import Call
from mockserver.api.shared.results import Result
from mockserver.problems import Place, Report, place_text
from mockserver.state.clock import Clock

OWN_FIELDS = ("repeat", "id", "created_at")
"""What an entry may say beside the fields of a create request."""

ID_REST = "[A-Za-z0-9_-]+"
"""What follows the prefix of an id, as a regular expression."""

REPEAT_LIMIT = 100_000
"""How many objects an entry may create, those inside it included."""


@dataclass(frozen=True, slots=True)
class Own:
    """What an entry says beside the fields of a create request.

    It creates `repeat` objects. `created_at` is a Unix time in seconds. If it is negative, it is
    relative to the start of the namespace's clock.
    """

    repeat: int = 1
    id: str | None = None
    created_at: int | None = None

    def time(self, clock: Clock) -> int:
        """Return when its objects were created, in seconds; by the clock where it says nothing."""
        if self.created_at is None:
            return clock.now()
        return self.created_at + (clock.start if self.created_at < 0 else 0)


class Naming(NamedTuple):
    """How a kind is called with its article, and what its ids begin with.

    `own` are those of `OWN_FIELDS` that its entries may have. `joint` is between the prefix and the
    rest of an id.
    """

    noun: str
    prefix: str
    own: tuple[str, ...] = OWN_FIELDS
    joint: str = "_"


class Parts(NamedTuple):
    """A field of an entry that has a list of entries: objects that belong to the entry's own."""

    field: str
    naming: Naming


@dataclass(frozen=True, slots=True)
class ObjectKind:
    """One kind of objects; `name` is its key in `objects`.

    `model` is what the fields of an entry are validated against. `create` returns the new object,
    and what goes with it; it also takes what the entry says of its own, and what each of its
    `parts` does. `refers_to` has the fields with the id of another object, or with a list of such
    ids, each with the name of that kind. `at_most` is how many objects may refer to the same one in
    a field. `remedies` has, by the name of an error that the API would send, the field to change,
    and how.
    """

    name: str
    naming: Naming
    model: type[BaseModel]
    create: Callable[[Call[Any, None], Own, Sequence[Own]], Result]
    parts: Parts | None = None
    refers_to: Mapping[str, str] = field(default_factory=dict)
    at_most: Mapping[str, int] = field(default_factory=dict)
    remedies: Mapping[str, tuple[str, str]] = field(default_factory=dict)


def read_own(
    entry: Mapping[str, Any],
    naming: Naming,
    place: Place,
    report: Report,
    taken: dict[str, Place],
    copies: int = 1,
) -> Own:
    """Return what an entry says beside a request; what is wrong with it is reported.

    `taken` has the place of each id so far, and gets this one's. `copies` is how many objects have
    such an entry.
    """
    repeat, object_id, created_at = (
        entry.get(name) if name in naming.own else None for name in OWN_FIELDS
    )
    if repeat is not None and not (_is_whole(repeat) and 1 <= repeat <= REPEAT_LIMIT):
        remedy = f"use a whole number from 1 to {REPEAT_LIMIT}"
        report((*place, "repeat"), "not a number of objects", remedy)
        repeat = 1
    if created_at is not None and not _is_whole(created_at):
        remedy = "use whole seconds; negative seconds count back from the clock's start"
        report((*place, "created_at"), "not a time", remedy)
        created_at = None
    repeat = repeat or 1
    if object_id is not None and not _has_form(object_id, naming):
        remedy = f"use {naming.prefix}{naming.joint} followed by letters, digits, - or _"
        report((*place, "id"), f"not {naming.noun} id", remedy)
        object_id = None
    elif object_id in taken:
        what = f"the id is already used by {place_text(taken[object_id])}"
        report((*place, "id"), what, "use another id")
    elif object_id is not None and repeat * copies > 1:
        report((*place, "id"), "several objects cannot share an id", "remove the id")
    elif object_id is not None:
        taken[object_id] = place
    return Own(repeat, object_id, created_at)


def _has_form(object_id: object, naming: Naming) -> bool:
    pattern = naming.prefix + naming.joint + ID_REST
    return isinstance(object_id, str) and re.fullmatch(pattern, object_id) is not None


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
