"""Deferred values: parts of a script that wait for the outputs of tools.

A script is rendered when its run is made; the outputs come later, from another request. So what
reads them is kept beside the script as plain data, and is put in when the script gets there.
"""

from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from mockserver.expressions.paths import Step, follow

Alternatives = Sequence[dict[str, Any]]
"""The first that has a value counts: `{"path": [...]}` into the outputs, or `{"value": ...}`."""

LookUp = Callable[[Sequence[Step]], Any]
"""Takes a path into the outputs of tools; returns what is there, or None."""


STAND_IN = "..."
"""What is in the place of a deferred value until it is known: a text, wherever one may stand."""


@dataclass(frozen=True, slots=True)
class Deferred:
    """A value that is not known yet: pieces of text, and alternatives between them."""

    parts: Sequence[str | Alternatives]


def take_out(value: Any) -> tuple[Any, list[dict[str, Any]]]:
    """Return a value with a stand-in for each deferred one, and those with their places."""
    later: list[dict[str, Any]] = []
    return _taken(value, [], later), later


def _taken(value: Any, at: list[Step], later: list[dict[str, Any]]) -> Any:
    if isinstance(value, Deferred):
        later.append({"at": at, "parts": list(value.parts)})
        return STAND_IN
    if isinstance(value, dict):
        return {name: _taken(inner, [*at, name], later) for name, inner in value.items()}
    if isinstance(value, list):
        return [_taken(inner, [*at, index], later) for index, inner in enumerate(value)]
    return value


def put_in(
    value: Any,
    later: Sequence[dict[str, Any]],
    look_up: LookUp,
    as_text: Callable[[Any], str],
) -> Any:
    """Return a copy of a value with the deferred ones in their places, as `look_up` finds them.

    One that stands alone keeps its type.
    """
    copy = deepcopy(value)
    for one in later:
        pieces = [part if isinstance(part, str) else _first(part, look_up) for part in one["parts"]]
        known = pieces[0] if len(pieces) == 1 else "".join(map(as_text, pieces))
        *around, last = one["at"]
        holder = follow(copy, around)
        # A script that was restored may have less in it than waits for outputs.
        if isinstance(holder, dict) or (isinstance(holder, list) and last in range(len(holder))):
            holder[last] = known
    return copy


def _first(alternatives: Alternatives, look_up: LookUp) -> Any:
    found = (one["value"] if "value" in one else look_up(one["path"]) for one in alternatives)
    return next((value for value in found if value is not None), None)
