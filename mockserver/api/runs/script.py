"""The script of a run, and how far it has been played: a field of its record, never shown."""

from collections.abc import Sequence
from types import NoneType, UnionType
from typing import Annotated, Any, get_args, get_origin

from pydantic import AfterValidator, BaseModel, Field, ValidationError, create_model

from mockserver.api.runs.items import ITEMS
from mockserver.api.runs.items.item import ScriptItem
from mockserver.api.shared.results import Object
from mockserver.api.shared.validation import Strict
from mockserver.expressions.deferred import put_in
from mockserver.expressions.paths import MISSING, Step, follow
from mockserver.expressions.request_view import show
from mockserver.expressions.templates import as_text
from mockserver.http import json_codec
from mockserver.problems import Place, place_text

LATER = "later"
"""The key beside an item's name with what waits for the outputs of tools."""


class Path(Strict):
    """A path into the outputs of tools."""

    path: Annotated[list[str | int], Field(min_length=1)]


class Default(Strict):
    """What stands in the place of an output that is not there."""

    value: Any


class Later(Strict):
    """A value that waits for the outputs of tools, and its place in the item's value."""

    at: Annotated[list[str | int], Field(min_length=1)]
    parts: list[str | list[Path | Default]]


def _is_one(item: BaseModel) -> BaseModel:
    values = [getattr(item, name) for name in item.model_fields_set - {LATER}]
    if len(values) != 1 or values[0] is None:
        raise ValueError("expected one name, with a value")
    return item


_fields: Any = {name: (item.stored | None, None) for name, item in ITEMS.items()}
Item: Any = create_model("Item", __base__=Strict, later=(list[Later] | None, None), **_fields)
"""One item: exactly one of these names, with its stored form."""


class Script(Strict):
    """A script that is played.

    `at` is the place of the next item, `reads` how often that was read while it waits, `since` when
    its turn came. `made` counts the ids that were given. `prompt` and `written` are the tokens that
    the run began with and has made. `eager` plays the first item together with the transition to
    in_progress. `usage`, `step` and `message` are of what is open. `images` are the ids of those
    that the next message shows.
    """

    items: list[Annotated[Item, AfterValidator(_is_one)]]
    at: Annotated[int, Field(ge=0)]
    reads: int
    since: int | None
    made: int
    prompt: int
    written: int
    eager: bool
    usage: Annotated[list[int], Field(min_length=2, max_length=2)]
    step: str | None
    message: str | None
    images: list[str] = Field(default_factory=list)


def new_script(items: list[Object], *, prompt: int = 0, eager: bool = False) -> Object:
    """Return a script at its beginning; the run begins with `prompt` tokens."""
    return {
        "items": items,
        "at": 0,
        "reads": 0,
        "since": None,
        "made": 0,
        "prompt": prompt,
        "written": 0,
        "eager": eager,
        "usage": [0, 0],
        "step": None,
        "message": None,
        "images": [],
    }


def script_problem(run: Object) -> str | None:
    """Return what is wrong with the script of a run that is restored, or None."""
    if "script" not in run:
        return None
    try:
        Script.model_validate(run["script"])
    except ValidationError:
        return "its script is not valid"
    return None


class OutputError(ValueError):
    """What a tool said is no value in the place where a script puts it."""


# ── Items ────────────────────────────────────────────────────────────────────────

Rounds = Sequence[Sequence[tuple[str, str | None]]]
"""The outputs that a run got, oldest first: for each step of calls, each name with its output."""


def kind_of(item: Object) -> ScriptItem:
    """Return which kind of item one is."""
    return ITEMS[next(name for name in item if name != LATER)]


def value_of(item: Object, rounds: Rounds) -> Object:
    """Return the value of an item, with the outputs of tools in their places.

    Raises:
        OutputError: what a tool said is no value there; the message goes on from "The script".
    """
    kind = kind_of(item)
    value: Object = item[kind.name]
    if item.get(LATER):
        value = put_in(value, item[LATER], lambda path: _output(rounds, path), as_text)
        value = as_texts(kind.stored, value)
        if (problem := value_problem(kind, value)) is not None:
            raise OutputError(f"cannot use the output of a tool: {problem}")
    return value


def value_problem(kind: ScriptItem, value: Object, place: Place = ()) -> str | None:
    """Return where in an item, which stands at a place, a template led to no value; or None."""
    try:
        kind.stored.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        known = [
            at
            for at, _ in enumerate(first["loc"])
            if follow(value, first["loc"][: at + 1]) is not MISSING
        ]
        where = place_text((*place, kind.name, *(first["loc"][at] for at in known)))
        return f"`{where}`: {first['msg']}, got {show(first['input'])}"
    return None


def as_texts(model: type[BaseModel], value: Object) -> Object:
    """Return a value of a model with text in the fields that are text, wherever they are."""
    fields = {name: info for name, info in model.model_fields.items() if name in value}
    return value | {name: _as_text(info.annotation, value[name]) for name, info in fields.items()}


def _as_text(annotation: Any, value: Any) -> Any:
    kinds = get_args(annotation) if get_origin(annotation) is UnionType else (annotation,)
    if {*kinds} <= {str, NoneType}:
        is_one = isinstance(value, str) or (value is None and NoneType in kinds)
        return value if is_one else as_text(value)
    models = [get_args(kind)[0] for kind in kinds if get_origin(kind) is list]
    if models and isinstance(value, list):
        return [as_texts(models[0], one) if isinstance(one, dict) else one for one in value]
    return value


def _output(rounds: Rounds, path: Sequence[Step]) -> Any:
    """Return an output: by its number, of the newest step of calls; by a name, of the newest call.

    What is behind that in the path is looked up in an output that is JSON.
    """
    first, *rest = path
    if isinstance(first, int) or first.isdecimal():
        newest = rounds[-1] if rounds else ()
        outputs = [output for _, output in newest]
        found = outputs[int(first)] if -len(outputs) <= int(first) < len(outputs) else None
    else:
        named = [out for calls in reversed(rounds) for name, out in calls if name == first]
        found = named[0] if named else None
    if not rest or found is None:
        return found
    try:
        value = follow(json_codec.loads(found.encode()), rest)
    except ValueError:
        return None
    return None if value is MISSING else value
