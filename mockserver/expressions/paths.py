"""Paths into JSON values, as people write them: `tools[0].type`, `tools.0.type`, `metadata["a b"]`.

A step is a name, or the number of an item where it stands in brackets; -1 is the last item.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from multidict import MultiMapping

Step = str | int


class Missing:
    """The value of a field that a request does not have."""

    def __repr__(self) -> str:
        return "nothing"


MISSING = Missing()

_STEP = re.compile(r"""\.?([\w$-]+)|\[(-?[0-9]+)\]|\[(?:'([^']*)'|"([^"]*)")\]""")


@lru_cache(maxsize=4096)
def parse_path(text: str) -> tuple[Step, ...] | None:
    """Return the steps of a path; None if the text is none."""
    steps: list[Step] = []
    at = 0
    while at < len(text):
        found = _STEP.match(text, at)
        # The first step is a name; those behind it begin with a dot or a bracket.
        if found is None or (text[at] in ".[") != (at > 0):
            return None
        name = next((one for one in (found[1], found[3], found[4]) if one is not None), None)
        steps.append(int(found[2]) if name is None else name)
        at = found.end()
    return tuple(steps) or None


def path_text(steps: Sequence[Step]) -> str:
    """Return a path as text."""
    text = ""
    for step in steps:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def item(values: list[Any], index: int) -> Any:
    """Return an item of a list, or MISSING."""
    return values[index] if -len(values) <= index < len(values) else MISSING


def is_index(step: Step) -> bool:
    """Return whether a step can be the number of an item."""
    return isinstance(step, int) or (step.isascii() and step.isdecimal())


def field(value: Any, step: Step) -> Any:
    """Return what a step leads to, or MISSING.

    A name that an object does not have may be a path inside it. A header that is repeated leads to
    the list of its values.
    """
    if isinstance(value, MultiMapping) and isinstance(step, str):
        several = value.getall(step, ())
        return several[0] if len(several) == 1 else list(several) or MISSING
    if type(value) is dict or isinstance(value, Mapping):
        found = value.get(step, MISSING)
        if found is MISSING and isinstance(step, str) and ("[" in step or "." in step):
            path = parse_path(step)
            if path is not None and len(path) > 1:
                return follow(value, path)
        return found
    if isinstance(value, list) and is_index(step):
        return item(value, int(step))
    return MISSING


def follow(value: Any, path: Sequence[Step]) -> Any:
    """Return what a path leads to, or MISSING."""
    for step in path:
        value = field(value, step)
    return value
