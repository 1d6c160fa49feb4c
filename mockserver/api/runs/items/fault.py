"""`fault`: a fault of streams, injected at this place; a run that is polled passes it by."""

from typing import TYPE_CHECKING, Any

from pydantic import Field

from mockserver.api.runs.items.item import ScriptItem
from mockserver.api.shared.results import Object
from mockserver.api.shared.validation import Strict
from mockserver.api.shared.wrong import wrong

if TYPE_CHECKING:
    from mockserver.api.runs.engine import Playback


class FaultHere(Strict):
    """The name of a stream fault, and its options."""

    name: str
    options: dict[str, Any] = Field(default_factory=dict)


def _read(value: Any) -> Any:
    if isinstance(value, dict):
        return value
    if not isinstance(value, str):
        raise wrong("not the name of a fault", "write one such as stream_cut")
    return {"name": value}


def _play(playback: "Playback", value: Object) -> None:
    playback.inject(value["name"], value.get("options") or {})


FAULT = ScriptItem(
    "fault",
    "injects a fault into a stream at this place; a run that is polled passes it by",
    "fault: stream_cut",
    FaultHere,
    _play,
    read=_read,
    written=str,
    beside=("code",),
    options="options",
)
