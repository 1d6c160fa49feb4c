"""The script of a run, and how far it has been played: a field of its record, never shown."""

from typing import Annotated, Any, TypeGuard

from pydantic import AfterValidator, Field, ValidationError

from mockserver.api.shared.results import Object
from mockserver.api.shared.validation import Strict


class Text(Strict):
    """What an item writes."""

    text: str


class Call(Strict):
    """A call of a function; `arguments` are JSON, as text."""

    name: str
    arguments: str


class Calls(Strict):
    """The calls of one step."""

    calls: Annotated[list[Call], Field(min_length=1)]


class Wait(Strict):
    """How long to wait: seconds of the namespace's clock, or a number of reads."""

    seconds: Annotated[int, Field(ge=0)] | None = None
    polls: Annotated[int, Field(ge=0)] | None = None


class Failure(Strict):
    """The error of a run that fails."""

    code: str
    message: str


class Reason(Strict):
    """Why a run is incomplete."""

    reason: str


class Nothing(Strict):
    """An item that says all by its name."""


class Item(Strict):
    """One item: exactly one of these."""

    say: Text | None = None
    refuse: Text | None = None
    call: Calls | None = None
    wait: Wait | None = None
    fail: Failure | None = None
    incomplete: Reason | None = None
    expire: Nothing | None = None
    cancel: Nothing | None = None


def _is_one(item: Item) -> Item:
    if len(item.model_fields_set) != 1:
        raise ValueError("expected one name")
    if item.wait is not None and len(item.wait.model_fields_set) != 1:
        raise ValueError("expected either seconds or polls")
    return item


class Script(Strict):
    """A script that is played.

    `at` is the place of the next item, `reads` how often that was read while it waits, `since` when
    its turn came. `made` counts the ids that were given. `prompt` and `written` are the tokens that
    the run began with and has made. `eager` plays the first item together with the transition to
    in_progress. `usage`, `step` and `message` are of what is open.
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
    }


def is_script(value: Any) -> TypeGuard[Object]:
    """Return whether a value is a script: that of a patched or restored record may be anything."""
    try:
        Script.model_validate(value)
    except ValidationError:
        return False
    return True


def script_problem(run: Object) -> str | None:
    """Return what is wrong with the script of a run that is restored, or None."""
    return None if "script" not in run or is_script(run["script"]) else "its script is not valid"
