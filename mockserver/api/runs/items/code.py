"""`code`: a step of the code interpreter, with its input and what it printed."""

from base64 import b64decode
from functools import partial
from typing import TYPE_CHECKING, Any

from pydantic import Field

from mockserver.api.runs import usage
from mockserver.api.runs.deltas import code_deltas
from mockserver.api.runs.items.item import ScriptItem
from mockserver.api.shared.results import Object
from mockserver.api.shared.validation import Strict

PNG = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEUlEQVR42mP4zwAEIOI/kAAAG/ID/SGO"
    "iJAAAAAASUVORK5CYII="
)
"""The image that code makes: two pixels by two."""

if TYPE_CHECKING:
    from mockserver.api.runs.engine import Playback


class Code(Strict):
    """Code that was run. Without `logs` it printed nothing."""

    input: str
    logs: str | None = Field(default=None, description="what the code printed")
    image: bool | str | None = Field(
        default=None,
        description="true makes an image, or a file by its name or id: the next message shows it",
    )


def _read(value: Any) -> Any:
    return {"input": value} if isinstance(value, str) else value


def _play(playback: "Playback", value: Object) -> None:
    if playback.tool("code_interpreter") is None:
        playback.fail("runs code, but the run has no tool code_interpreter")
        return
    logs, image = value.get("logs"), value.get("image")
    outputs: list[Object] = [] if logs is None else [{"type": "logs", "logs": logs}]
    if image:
        file = (_made(playback), "") if image is True else playback.find_file(image)
        if file is None:
            playback.fail(f"shows {image}, a file that is not there")
            return
        file_id, _ = file
        outputs.append({"type": "image", "image": {"file_id": file_id}})
        playback.script.setdefault("images", []).append(file_id)
    interpreter = {"input": value["input"], "outputs": outputs}
    call = {
        "id": playback.new_id("tool_call"),
        "type": "code_interpreter",
        "code_interpreter": interpreter,
    }
    tokens = usage.tokens(value["input"], logs)
    details = {"type": "tool_calls", "tool_calls": [call]}
    playback.add_step(details, tokens, partial(code_deltas, call))


def _made(playback: "Playback") -> str:
    """Make a small image, a file that downloads, and return its id."""
    return playback.add_file("image.png", "assistants_output", PNG, playback.now)


CODE = ScriptItem(
    "code",
    "runs code: a step with its input and what it printed",
    'code: {input: "print(6 * 7)", logs: "42"}',
    Code,
    _play,
    read=_read,
    written=str | Code,
    beside=("logs", "image"),
)
