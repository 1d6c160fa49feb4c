"""pydantic's errors about the shape of a document as problems: each with its place and a remedy."""

from collections.abc import Sequence
from copy import deepcopy
from typing import Any

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from mockserver import durations
from mockserver.expressions.request_view import show
from mockserver.loading.document import Document
from mockserver.loading.document_model import FixtureDocument, Objects, StubModel, When
from mockserver.problems import Place, Problem, closest
from mockserver.stubs.actions.rate_limit import RateLimitShape


def shape_problem(document: Document, error: ErrorDetails) -> Problem:
    """Return the problem that one of pydantic's errors is."""
    place = _place(document.value, error["loc"])
    if error["type"] == "extra_forbidden":
        name = str(place[-1])
        return document.problem(place, f"unknown key '{name}'", closest(name, _keys_at(place)))
    if error["type"] == "missing":
        name = str(error["loc"][-1])
        return document.problem(place, f"there is no '{name}'", f"add '{name}'")
    if error["type"] in ("model_type", "dict_type"):
        remedy = "write keys and values"
        if not place:
            remedy += ", at the top stubs: and objects:"
        elif "then" in place:
            remedy += ", or the word default"
        return document.problem(place, f"expected an object, not {show(error['input'])}", remedy)
    if error["type"] == "too_short":
        return document.problem(place, "there is nothing in it", "write one, or leave it out")
    message = error["msg"].removeprefix("Value error, ")
    so = ":" if message.startswith("not ") else ", not"
    what = f"{message[:1].lower()}{message[1:]}{so} {show(error['input'])}"
    remedy = REMEDIES.get(error["type"], "write one of the forms allowed")
    return document.problem(place, what, durations.FORMS if "length of time" in message else remedy)


REMEDIES = {
    "int_type": "write a whole number, without quotes",
    "float_type": "write a number, without quotes",
    "bool_type": "write true or false, without quotes",
    "string_type": "write a text, in quotes",
    "list_type": "write a list, such as [one, two]",
}
"""What to do about a value of the wrong type, by pydantic's name for that."""


_LEAST = {"stubs": {"then": "default"}, "objects": {"model": "gpt-4o"}}
"""What an item of a list becomes that cannot be used, so that the others keep their places."""


def without(value: Any, errors: Sequence[ErrorDetails]) -> Any:
    """Give a copy of a document without what its errors are about.

    What has to be there and is not becomes the least that it can be. Items of lists
    stay where they are, so that the places of the others do too.
    """
    copy = deepcopy(value)
    for error in errors:
        place = _place(value, error["loc"])
        if not place:
            return {}
        if error["type"] == "missing" and error["loc"][-1] == "then":
            _at(copy, place)["then"] = "default"
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


def _at(value: Any, place: Place) -> Any:
    for step in place:
        try:
            value = value[step]
        except (TypeError, KeyError, IndexError):
            return {}  # it went with something else
    return value


def _place(value: Any, loc: Sequence[str | int]) -> Place:
    """Follow a error's `loc` as far as the document goes.

    pydantic names the members of unions in it, and counts a single action as a list.
    """
    place: list[str | int] = []
    for step in loc:
        if isinstance(value, str):
            break
        try:
            value = value[step]
        except (TypeError, KeyError, IndexError):
            continue
        place.append(step)
    return tuple(place)


def _keys_at(place: Place) -> list[str]:
    """Return the keys that may stand where an unknown one does."""
    model: type[BaseModel] = FixtureDocument
    if place[0] == "stubs" and len(place) > 2:
        model = When if "when" in place else RateLimitShape if "rate_limit" in place else StubModel
    elif place[0] == "objects" and len(place) > 1:
        model = Objects
    return [field.alias or name for name, field in model.model_fields.items()]
