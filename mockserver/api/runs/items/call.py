"""`call`: calls of functions, whose outputs the client has to submit."""

import re
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from mockserver.api.runs import usage
from mockserver.api.runs.deltas import function_deltas
from mockserver.api.runs.items.item import ScriptItem
from mockserver.api.runs.records import function_names
from mockserver.api.shared.results import Object
from mockserver.api.shared.validation import Strict
from mockserver.api.shared.wrong import wrong
from mockserver.http import json_codec

if TYPE_CHECKING:
    from mockserver.api.runs.engine import Playback

_REMEDY = "write {NAME: {ARGUMENT: VALUE}}, or a list of such"
_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}|.*{{.*", re.DOTALL)
"""What a function can be called, or a template."""


class FunctionCall(Strict):
    """A call of a function. `arguments` are an object, or the text of one as a model wrote it."""

    name: str
    arguments: dict[str, Any] | str


class Calls(Strict):
    """The calls of one step."""

    calls: Annotated[list[FunctionCall], Field(min_length=1)]


Arguments = (
    Annotated[dict[str, Any], Field(description="the arguments")]
    | Annotated[str, Field(description="the arguments as a model wrote them, which may be no JSON")]
    | None
)
OneStep = str | Annotated[dict[str, Arguments], Field(min_length=1)]


def _read(value: Any) -> Object:
    """Return the calls of `{NAME: {…}}`, of a name alone, or of a list of them."""
    calls = [call for one in (value if isinstance(value, list) else [value]) for call in _each(one)]
    if not calls:
        raise wrong("not a call of a function", _REMEDY)
    return {"calls": calls}


def _each(one: Any) -> list[Object]:
    named = {one: None} if isinstance(one, str) else one
    if not isinstance(named, dict):
        raise wrong("not a call of a function", _REMEDY)
    for name, arguments in named.items():
        if arguments is not None and not isinstance(arguments, dict | str):
            raise wrong("not a call of a function", _REMEDY)
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise wrong("not the name of a function", "use letters, digits, _ and -, at most 64")
    return [
        {"name": name, "arguments": {} if arguments is None else arguments}
        for name, arguments in named.items()
    ]


def _play(playback: "Playback", value: Object) -> None:
    """Ask the client to call functions, and wait for their outputs."""
    names = function_names(playback.run.get("tools"))
    missing = [call["name"] for call in value["calls"] if call["name"] not in names]
    if missing:
        playback.fail(
            f"calls {missing[0]}, a function that the run does not have: add it to the tools of "
            "the assistant or of the run"
        )
        return
    functions: list[Object] = [
        {"name": call["name"], "arguments": _as_json(call["arguments"])} for call in value["calls"]
    ]
    calls: list[Object] = [
        {"id": playback.new_id("tool_call"), "type": "function", "function": function}
        for function in functions
    ]
    shown = [call | {"function": call["function"] | {"output": None}} for call in calls]
    texts = [function["name"] + function["arguments"] for function in functions]
    details = {"type": "tool_calls", "tool_calls": shown}
    playback.open_step(details, usage.tokens(*texts), partial(function_deltas, calls))
    playback.require_outputs(calls)


def _as_json(arguments: Object | str) -> str:
    return arguments if isinstance(arguments, str) else json_codec.compact(arguments).decode()


CALL = ScriptItem(
    "call",
    "calls functions in one step, and waits for their outputs: `outputs.0`, `outputs.NAME`",
    "call: {get_weather: {city: Paris}}",
    Calls,
    _play,
    read=_read,
    written=OneStep | list[OneStep],
)
