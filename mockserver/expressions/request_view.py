"""The view of a request that conditions and templates read."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from unicodedata import is_normalized

from mockserver.expressions.paths import MISSING as MISSING
from mockserver.expressions.paths import Missing, follow
from mockserver.http import json_codec

MAX_SHOWN = 200
"""The most characters of a value that a message shows."""


Part = Literal["operation", "method", "path", "headers", "query", "body"]


@dataclass(frozen=True, slots=True)
class RequestView:
    """The parts of a request. `body` is MISSING if there is no body or it is not JSON.

    A header or a query parameter that is repeated has the list of its values.
    """

    operation: str | None
    method: str
    path: str
    headers: Mapping[str, str]
    query: Mapping[str, str | list[str]]
    body: Any

    def value(self, part: Part, steps: tuple[str, ...]) -> Any:
        """Return the value at a path inside a part, or MISSING."""
        return follow(getattr(self, part), steps)


def show(value: Any) -> str:
    """Return a value as text for a message, truncated to `MAX_SHOWN` characters, with escapes."""
    text = repr(value) if isinstance(value, Missing) else json_codec.canonical(value).decode()
    shown = escaped(text[:MAX_SHOWN])
    return shown if len(text) <= MAX_SHOWN else f"{shown}… ({len(text)} characters)"


def escaped(text: str) -> str:
    """Return a text with escapes for characters that cannot be seen.

    If accents stand apart in it, all that is not ASCII is escaped: such a text looks like one that
    is composed, and does not equal it.
    """
    if text.isascii():
        return text
    apart = not is_normalized("NFC", text)
    return "".join(
        sign if sign.isascii() or (sign.isprintable() and not apart) else json.dumps(sign)[1:-1]
        for sign in text
    )
