"""The view of a request that conditions and templates read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from mockserver.http import json_codec

MAX_SHOWN = 200
"""The most characters of a value that a message shows."""


class Missing:
    """The value of a field that a request does not have."""

    def __repr__(self) -> str:
        return "nothing"


MISSING = Missing()

Part = Literal["operation", "method", "path", "headers", "query", "body"]


@dataclass(frozen=True, slots=True)
class RequestView:
    """The parts of a request. `body` is MISSING if there is no body or it is not JSON.

    A header that came more than once is one value, as `Headers` joins it. Of a parameter of the
    query the last value counts.
    """

    operation: str | None
    method: str
    path: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: Any

    def value(self, part: Part, steps: tuple[str, ...]) -> Any:
        """Return the value at a path inside a part, or MISSING."""
        value: Any = getattr(self, part)
        for step in steps:
            if isinstance(value, list):
                value = value[int(step)] if step.isdecimal() and int(step) < len(value) else MISSING
            elif isinstance(value, Mapping):
                value = value.get(step, MISSING)
            else:
                return MISSING
        return value


def show(value: Any) -> str:
    """Return a value as text for a message, truncated to `MAX_SHOWN` characters."""
    text = repr(value) if isinstance(value, Missing) else json_codec.canonical(value).decode()
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}… ({len(text)} characters)"
