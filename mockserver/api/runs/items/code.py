"""`code`: a step of the code interpreter, with its input and what it printed."""

from functools import partial
from typing import TYPE_CHECKING, Any

from pydantic import Field

from mockserver.api.runs import usage
from mockserver.api.runs.deltas import code_deltas
from mockserver.api.runs.items.item import ScriptItem
from mockserver.api.shared.results import Object
from mockserver.api.shared.validation import Strict

if TYPE_CHECKING:
    from mockserver.api.runs.engine import Playback


class Code(Strict):
    """Code that was run. Without `logs` it printed nothing."""

    input: str
    logs: str | None = Field(default=None, description="what the code printed")


def _read(value: Any) -> Any:
    return {"input": value} if isinstance(value, str) else value


def _play(playback: "Playback", value: Object) -> None:
    if playback.tool("code_interpreter") is None:
        playback.fail("runs code, but the run has no tool code_interpreter")
        return
    logs = value.get("logs")
    interpreter = {
        "input": value["input"],
        "outputs": [] if logs is None else [{"type": "logs", "logs": logs}],
    }
    call = {
        "id": playback.new_id("tool_call"),
        "type": "code_interpreter",
        "code_interpreter": interpreter,
    }
    tokens = usage.tokens(value["input"], logs)
    details = {"type": "tool_calls", "tool_calls": [call]}
    playback.add_step(details, tokens, partial(code_deltas, call))


CODE = ScriptItem(
    "code",
    "runs code: a step with its input and what it printed",
    'code: {input: "print(6 * 7)", logs: "42"}',
    Code,
    _play,
    read=_read,
    written=str | Code,
    beside=("logs",),
)
