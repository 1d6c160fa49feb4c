"""Numbers of bytes as people write them: `64MiB`, `1GB`, or a plain number."""

import re

_UNITS = {"": 1, "b": 1} | {
    f"{letter}{ending}": base ** (power + 1)
    for power, letter in enumerate("kmgt")
    for ending, base in (("", 1024), ("ib", 1024), ("b", 1000))
}
_SIZE = re.compile(r"([0-9]{1,15})\s*([a-z]*)", re.IGNORECASE)

LARGEST = 2**50
"""The largest number of bytes that is accepted."""

FORMS = "a size such as 64MiB, 1GB, or a number of bytes"
"""The words for what is accepted."""


def byte_count(value: object) -> int:
    """Return a size in bytes.

    Raises:
        ValueError: `value` is not a size, or it is negative or over `LARGEST`.
    """
    size = -1
    if isinstance(value, int) and not isinstance(value, bool):
        size = value
    elif isinstance(value, str) and (found := _SIZE.fullmatch(value.strip())):
        unit = _UNITS.get(found[2].lower())
        size = -1 if unit is None else int(found[1]) * unit
    if not 0 <= size <= LARGEST:
        raise ValueError("not a size")
    return size


def as_text(size: int) -> str:
    """Return a number of bytes as people read it: `64 MiB`, `1000 bytes`."""
    for power, unit in ((3, "GiB"), (2, "MiB"), (1, "KiB")):
        if size and size % 1024**power == 0:
            return f"{size // 1024**power} {unit}"
    return f"{size} bytes"
