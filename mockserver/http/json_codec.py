"""JSON as the real service writes and reads it: one codec for the whole server.

The layout (two-space indent, raw UTF-8, no trailing newline, floats as `1.0`)
is recorded traffic: `Content-Length` equals that of Python's own
`json.dumps(value, indent=2, ensure_ascii=False)`. orjson writes the same bytes
many times faster but for a few numbers, so those go through the standard
library, on the way in as on the way out.
"""

import json
import re
from collections.abc import Callable, Iterable
from typing import Any

import orjson

MAX_DEPTH = 200
"""Levels of nesting that a body may have. orjson writes 254 at the most."""

_DIGIT_RUNS = bytes(ord("0") if chr(i).isdigit() and i < 128 else ord(" ") for i in range(256))
_MIN_64_BIT_DIGITS = b"0" * 19
_ORJSON_NESTING_ERROR = re.compile("depth limit|recursion limit", re.IGNORECASE)


class NotJSONError(ValueError):
    """The bytes are no JSON document."""


class TooDeepError(ValueError):
    """The document nests deeper than `MAX_DEPTH` levels."""


def loads(raw: bytes, levels: int = MAX_DEPTH) -> Any:
    """Read one JSON document.

    Integers keep their value, also beyond 64 bits. Not JSON are NaN, numbers beyond
    what a double holds, lone surrogates, and bytes that are not UTF-8.

    Raises:
        NotJSONError: `raw` is no JSON document.
        TooDeepError: it nests more than so many levels.
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
    # What has few brackets need not be walked, and what is short has few.
    if (
        len(raw) > 2 * levels
        and raw.count(b"[") + raw.count(b"{") > levels
        and _nests_beyond(levels, value)
    ):
        raise TooDeepError
    return value


def dumps(value: Any) -> bytes:
    """Write `value` in the layout of the real service.

    Values nest at most `MAX_DEPTH` levels plus the few that an answer adds.
    """
    try:
        written = orjson.dumps(value, option=orjson.OPT_INDENT_2)
    except TypeError:  # an integer wider than 64 bits, or a lone surrogate
        return _exact(value, indent=2)
    # Small floats: orjson writes 1e-7 and 0.00001, the real service 1e-07 and 1e-05.
    if b"e-" in written or b"0.0000" in written:
        return _exact(value, indent=2)
    # A fresh copy, since many are kept: orjson's result holds on to a much larger buffer.
    return bytes(memoryview(written))


def canonical(value: Any, default: Callable[[Any], Any] | None = None) -> bytes:
    """Return bytes that are equal for equal values, whatever their key order.

    `default` turns a value that JSON does not know into one that it does.
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
