"""Turns pydantic's errors about the shape of a document into problems with a remedy."""

from collections.abc import Iterator, Sequence
from copy import deepcopy
from typing import Any, get_args

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from mockserver import durations
from mockserver.api.runs.items import ITEMS
from mockserver.api.shared.wrong import KIND
from mockserver.expressions import paths
from mockserver.expressions.request_view import MISSING, show
from mockserver.loading.document import Document
from mockserver.loading.document_model import FixtureDocument, StubModel, When
from mockserver.loading.objects import ObjectsModel
from mockserver.problems import Place, Problem, closest
from mockserver.stubs.actions.rate_limit import RateLimitShape
from mockserver.stubs.actions.run import kind_of


def shape_problem(document: Document, error: ErrorDetails) -> Problem:
    """Return the problem for one of pydantic's errors."""
    place = _place(document.value, error["loc"])
    if error["type"] == KIND:
        remedy = error.get("ctx", {})["remedy"]
        return document.problem(place, f"{error['msg']}: {show(error['input'])}", remedy)
    if error["type"] == "extra_forbidden":
        name = str(place[-1])
        known = _keys_at(document.value, place)
        remedy = closest(name, known) if known else "remove it, or write it inside the item's value"
        return document.problem(place, f"unknown key '{name}'", remedy)
    if error["type"] == "missing":
        name = str(error["loc"][-1])
        return document.problem(place, f"missing key '{name}'", f"add '{name}'")
    if error["type"] in ("model_type", "dict_type"):
        remedy = _remedy_for_no_object(place)
        return document.problem(place, f"expected an object, got {show(error['input'])}", remedy)
    if error["type"] == "too_short":
        return document.problem(
            place, "expected at least one item, got none", "add an item, or remove the key"
        )
    message = error["msg"].removeprefix("Value error, ")
    joint = ":" if message.startswith("not ") else ", got"
    what = f"{message[:1].lower()}{message[1:]}{joint} {show(error['input'])}"
    remedy = REMEDIES.get(error["type"], "use an allowed value")
    if place[-1:] == ("run",):
        remedy = "write a list of items, such as [{say: Hello.}]"
    return document.problem(place, what, durations.FORMS if "length of time" in message else remedy)


def _remedy_for_no_object(place: Place) -> str:
    item = _script_item(place)
    if item is not None and len(place) <= len(item) + 1:
        name = next((str(step) for step in place[len(item) :] if step in ITEMS), "say")
        return f"write an item as in: {ITEMS[name].example}"
    if item is not None or "then" not in place:
        return "write keys and values" + (
            "" if place else ", such as stubs: and objects: at the top"
        )
    return "write keys and values, or the word default"


REMEDIES = {
    "int_type": "write a whole number, without quotes",
    "float_type": "write a number, without quotes",
    "bool_type": "write true or false, without quotes",
    "string_type": "write a string, in quotes",
    "list_type": "write a list, such as [one, two]",
}
"""The remedy for a value of the wrong type, by pydantic's name for the error."""


_LEAST: dict[str, Any] = {"stubs": {"then": "default"}, "objects": {}}
"""What replaces a wrong item in a list, so that the others keep their places."""


def without(value: Any, errors: Sequence[ErrorDetails]) -> Any:
    """Return a copy of a document without the values that its errors are about.

    A missing required value is replaced by a minimal valid one, and so is a wrong item of a list:
    the other items keep their places.
    """
    copy = deepcopy(value)
    for error in errors:
        place = _place(value, error["loc"])
        if not place:
            return {}
        if error["type"] == "missing" and error["loc"][-1] == "then":
            _at(copy, place)["then"] = "default"
            continue
        if (item := _script_item(place)) is not None:
            _at(copy, item[:-1])[item[-1]] = _LEAST_ITEM
            continue
        holder = _at(copy, place[:-1])
        if place[-1] == "then":
            holder["then"] = "default"
            continue
        if isinstance(holder, dict):
            holder.pop(place[-1], None)
        elif isinstance(holder, list) and isinstance(place[-1], int):
            holder[place[-1]] = "default" if "then" in place else _LEAST[str(place[0])]
    return copy


_LEAST_ITEM = {"say": ""}
"""The valid item that replaces a wrong one in a script."""


def _script_item(place: Place) -> Place | None:
    """Return the place of the script's item that a place is in, or None."""
    if place[:1] != ("stubs",) or "run" not in place:
        return None
    at = place.index("run") + 1
    return place[: at + 1] if len(place) > at else None


def _at(value: Any, place: Place) -> Any:
    for step in place:
        try:
            value = value[step]
        except (TypeError, KeyError, IndexError):
            return {}  # an earlier error removed a value around it
    return value


def _place(value: Any, loc: Sequence[str | int]) -> Place:
    """Return the place in a document of an error's `loc`.

    Steps that the document does not have are left out: pydantic adds the names of union members,
    and an index for a single action. The options of a script's item may stand beside its name.
    """
    place: list[str | int] = []
    around: Any = None
    for step in loc:
        found = _inside(value, step)
        if found is MISSING and place and place[-1] in ITEMS and "run" in place:
            found = _inside(around, step)
            if found is not MISSING:
                value = around
                place.pop()
        if found is not MISSING:
            around, value = value, found
            place.append(step)
    return tuple(place)


def _inside(value: Any, step: str | int) -> Any:
    """Return what a step leads to, or MISSING."""
    if isinstance(value, list) and isinstance(step, int):
        return paths.item(value, step)
    return value.get(step, MISSING) if isinstance(value, dict) else MISSING


def _model_in(model: type[BaseModel], place: Place) -> type[BaseModel]:
    """Return the model of the object that holds the last step of a place in an item."""
    for step in place[1:-1]:
        inner = model.model_fields.get(str(step))
        found = None if inner is None else next(iter(_models(inner.annotation)), None)
        model = model if found is None else found
    return model


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models(inner)


def _keys_at(value: Any, place: Place) -> list[str]:
    """Return the keys that are allowed at the place of an unknown one in a document."""
    model: type[BaseModel] = FixtureDocument
    if (item := _script_item(place)) is not None:
        inside = place[len(item) :]
        if len(inside) < 2:
            kind = kind_of(_at(value, item))
            return [*ITEMS] if kind is None else [*kind.beside]
        kind = ITEMS.get(str(inside[0])) or kind_of(_at(value, item))
        if kind is None:
            return [*ITEMS]
        inside = inside if inside[0] == kind.name else (kind.name, *inside)
        model = _model_in(kind.stored, inside)
    elif place[0] == "stubs" and len(place) > 2:
        model = When if "when" in place else RateLimitShape if "rate_limit" in place else StubModel
    elif place[0] == "objects" and len(place) > 1:
        model = ObjectsModel
    return [field.alias or name for name, field in model.model_fields.items()]
