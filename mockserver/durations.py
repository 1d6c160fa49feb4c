"""Lengths of time as people write them: `300ms`, `2s`, `1m30s`, or a number of seconds."""

import math
import re

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_WHOLE = re.compile(rf"(?:{_PART.pattern})+")

LONGEST_SECONDS = 100 * 365 * 86400
"""The longest length of time that is accepted, in seconds: a hundred years."""

FORMS = "use seconds, or a text such as 300ms, 2s, 1m30s"
"""The remedy for a value that is not a length of time."""


def seconds(value: object) -> float:
    """Return a length of time in seconds.

    Raises:
        ValueError: `value` is not a length of time, or it is negative or over `LONGEST_SECONDS`.
    """
    length: float = -1
    if isinstance(value, int | float) and not isinstance(value, bool):
        length = value
    elif isinstance(value, str) and _WHOLE.fullmatch(value):
        length = sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(value))
    if not 0 <= length <= LONGEST_SECONDS:
        raise ValueError("not a length of time")
    return float(length)


def as_go(length: float) -> str:
    """Return a length of time, given in seconds, as Go and the real service write it: `1m12s`."""
    if length < 1:
        return f"{math.ceil(length * 1000)}ms"
    minutes, left = divmod(math.ceil(length), 60)
    hours, minutes = divmod(minutes, 60)
    text = f"{hours}h" if hours else ""
    return f"{text}{minutes}m{left}s" if text or minutes else f"{left}s"
