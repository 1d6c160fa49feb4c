"""What an item of a script is, and what the shapes of items have in common."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field

from mockserver import durations
from mockserver.api.shared.delay import DelayShape
from mockserver.api.shared.results import Object
from mockserver.api.shared.validation import Strict
from mockserver.api.shared.wrong import wrong

if TYPE_CHECKING:
    from mockserver.api.runs.engine import Playback

Read = Callable[[Any], Any]
"""Takes the value of an item as people write it; returns its stored form, as far as that is known.

It raises what `wrong` returns where the value is none.
"""


@dataclass(frozen=True, slots=True)
class ScriptItem:
    """One kind of item, such as `say`.

    `what` says for people what it does, and `example` is a line of YAML. `stored` is the shape of
    its value in the record of a run, and `written` the same as people write it, which `read` turns
    into that; None where it is the same. The fields of `beside` may stand beside the item's name;
    where there is a field `options`, all other keys are put in it. A `needs_value` of False allows
    its name alone. `ends` says whether it ends the run.
    """

    name: str
    what: str
    example: str
    stored: type[BaseModel]
    play: Callable[["Playback", Any], None]
    read: Read = lambda value: value
    written: Any = None
    beside: tuple[str, ...] = ()
    options: str | None = None
    needs_value: bool = True
    ends: bool = False

    def shape(self) -> Any:
        """Return the type of the item's value in a fixture, for pydantic."""
        written = self.stored if self.written is None else self.written
        if not self.needs_value:
            written |= None
        return Annotated[self.stored, BeforeValidator(self._read, json_schema_input_type=written)]

    def _read(self, value: Any) -> Any:
        return {} if value is None and not self.needs_value else self.read(value)


# ── Parts of items ───────────────────────────────────────────────────────────────


def as_seconds(value: Any) -> int:
    """Return a length of time in whole seconds, since a namespace's clock has no others.

    Raises:
        ValueError: it is no length of time.
    """
    return math.ceil(durations.seconds(value))


def _cut(value: Any) -> Any:
    """Return how a text is cut, if a value says that."""
    if value in ("words", "characters") or (type(value) is int and value >= 1):
        return value
    remedy = "write words, characters, or how many characters each piece has"
    raise wrong("not a way to cut a text", remedy)


Cut = Annotated[Literal["words", "characters"] | Annotated[int, Field(ge=1)], BeforeValidator(_cut)]


class Words(Strict):
    """A text, and how a stream cuts it into pieces: `deltas`, with `delay` between them."""

    text: str
    deltas: Cut | None = Field(
        default=None,
        description="how a stream cuts the text: words (the default), characters, or so many each",
    )
    delay: DelayShape | None = Field(default=None, description="the time between two pieces")


def read_words(value: Any) -> Object:
    """Return the fields of an item that may be a text alone.

    Raises:
        PydanticCustomError: it is neither a text nor an object.
    """
    if isinstance(value, dict):
        return value
    if not isinstance(value, str):
        raise wrong("not a text", "quote it, or write text: and more keys")
    return {"text": value}
