"""`wait`: holds a run in its state, for some reads or some time of the namespace's clock."""

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, model_validator

from mockserver.api.runs.items.item import ScriptItem, as_seconds
from mockserver.api.shared.delay import Duration
from mockserver.api.shared.results import Object
from mockserver.api.shared.validation import Strict
from mockserver.api.shared.wrong import wrong

if TYPE_CHECKING:
    from mockserver.api.runs.engine import Playback

_REMEDY = "write a length of time such as 30s, or polls: N"


class Polls(Strict):
    """A number of reads."""

    polls: Annotated[int, Field(ge=1)]


class Wait(Strict):
    """How long to wait: seconds of the namespace's clock, or a number of reads."""

    seconds: Annotated[int, Field(ge=0)] | None = None
    polls: Annotated[int, Field(ge=0)] | None = None

    @model_validator(mode="after")
    def _is_one(self) -> "Wait":
        if len(self.model_fields_set) != 1:
            raise ValueError("expected either seconds or polls")
        return self


def _read(value: Any) -> Object:
    if isinstance(value, dict):
        length = value.get("polls")
        if value.keys() != {"polls"} or type(length) is not int or length < 0:
            raise wrong("neither a time nor a number of reads", _REMEDY)
        read = value
    else:
        try:
            length = as_seconds(value)
        except ValueError:
            raise wrong("not a length of time", _REMEDY) from None
        read = {"seconds": length}
    if length == 0:
        raise wrong("waits for nothing", _REMEDY)
    return read


def _play(playback: "Playback", value: Object) -> None:
    playback.hold(**value)


WAIT = ScriptItem(
    "wait",
    "stays in its state: `30s` of the namespace's clock, or `polls: 5` reads",
    "wait: {polls: 5}",
    Wait,
    _play,
    read=_read,
    written=Duration | Polls,
)
