"""The JSON codec of the whole server: it reads and writes JSON as the real service does.

The layout has an indent of two spaces, raw UTF-8, no trailing newline and floats such as `1.0`
[recorded]: `Content-Length` equals that of Python's `json.dumps(value, indent=2,
ensure_ascii=False)`. orjson writes the same bytes many times faster, except for some numbers. These
are read and written by the standard library.
"""

import json
import re
from collections.abc import Callable, Iterable
from typing import Any

import orjson

MAX_DEPTH = 200
"""How many levels a body may nest. orjson writes at most 254."""

_DIGIT_RUNS = bytes(ord("0") if chr(i).isdigit() and i < 128 else ord(" ") for i in range(256))
_MIN_64_BIT_DIGITS = b"0" * 19
_SMALL_FLOAT = re.compile(rb"[0-9]e-|(?<![0-9])0\.0000")
_ORJSON_NESTING_ERROR = re.compile("depth limit|recursion limit", re.IGNORECASE)


class NotJSONError(ValueError):
    """The bytes are not valid JSON."""


class TooDeepError(ValueError):
    """The JSON nests more levels than allowed."""


def loads(raw: bytes, levels: int = MAX_DEPTH) -> Any:
    """Return the value of a JSON text.

    Integers keep their value, also beyond 64 bits. NaN, numbers beyond the range of a double, lone
    surrogates, and bytes that are not UTF-8 are not valid JSON.

    Raises:
        NotJSONError: `raw` is not valid JSON.
        TooDeepError: it nests more than `levels` levels.
    """
    try:
        value = orjson.loads(raw)
        # orjson reads an integer wider than 64 bits as a float.
        if _MIN_64_BIT_DIGITS in raw.translate(_DIGIT_RUNS):
            value = json.loads(raw)
    except ValueError as error:
        if _ORJSON_NESTING_ERROR.search(str(error)):
            raise TooDeepError from error
        raise NotJSONError(str(error)) from error
    # Counting brackets avoids a traversal: a short text has few of them.
    if (
        len(raw) > 2 * levels
        and raw.count(b"[") + raw.count(b"{") > levels
        and _nests_beyond(levels, value)
    ):
        raise TooDeepError
    return value


def dumps(value: Any) -> bytes:
    """Return `value` encoded in the layout of the real service.

    Values nest at most `MAX_DEPTH` levels, plus the few that a response adds.
    """
    try:
        written = orjson.dumps(value, option=orjson.OPT_INDENT_2)
    except TypeError:  # an integer wider than 64 bits, or a lone surrogate
        return _exact(value, indent=2)
    # Small floats: orjson writes 1e-7 and 0.00001, the real service 1e-07 and 1e-05.
    if (b"e-" in written or b"0.0000" in written) and _SMALL_FLOAT.search(written):
        return _exact(value, indent=2)
    # A copy, since many results are kept: that of orjson retains a much larger buffer.
    return b"".join((written, b""))


def compact(value: Any) -> bytes:
    """Return `value` encoded without any spaces, its keys in their order."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return _exact(value, separators=(",", ":"))


def canonical(value: Any, default: Callable[[Any], Any] | None = None) -> bytes:
    """Return bytes that are equal for equal values, whatever their key order.

    `default` converts a value that JSON cannot represent to one that it can.
    """
    try:
        return orjson.dumps(value, default, orjson.OPT_SORT_KEYS)
    except TypeError:
        return _exact(value, sort_keys=True, default=default)


def _exact(value: Any, **how: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, **how).encode("utf-8", "replace")


def _nests_beyond(levels: int, value: Any) -> bool:
    children: Iterable[Any]
    if isinstance(value, dict):
        children = value.values()
    elif isinstance(value, list):
        children = value
    else:
        return False
    if levels == 0:
        return True
    for child in children:  # noqa: SIM110  a generator would double the stack
        if _nests_beyond(levels - 1, child):
            return True
    return False
