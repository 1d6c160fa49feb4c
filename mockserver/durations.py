"""Lengths of time as people write them: `300ms`, `2s`, `1m30s`, or a number of seconds."""

import math
import re

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_WHOLE = re.compile(rf"(?:{_PART.pattern})+")

LONGEST = 100 * 365 * 86400
"""The longest length of time that anything takes, in seconds: a hundred years."""

FORMS = "seconds, or words such as 300ms, 2s, 1m30s"


def seconds(value: object) -> float:
    """Read a length of time.

    Raises:
        ValueError: it is none, or it is negative.
    """
    length: float = -1
    if isinstance(value, int | float) and not isinstance(value, bool):
        length = value
    elif isinstance(value, str) and _WHOLE.fullmatch(value):
        length = sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(value))
    if not 0 <= length <= LONGEST:
        raise ValueError("not a length of time")
    return float(length)


def as_go(length: float) -> str:
    """Write a length of time, in seconds, as Go does and the real service: `1m12s`, `120ms`."""
    if length < 1:
        return f"{math.ceil(length * 1000)}ms"
    minutes, left = divmod(math.ceil(length), 60)
    hours, minutes = divmod(minutes, 60)
    text = f"{hours}h" if hours else ""
    return f"{text}{minutes}m{left}s" if text or minutes else f"{left}s"
