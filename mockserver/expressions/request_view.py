"""The view of a request that conditions and templates read."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args
from unicodedata import is_normalized

from mockserver.expressions.paths import MISSING as MISSING
from mockserver.expressions.paths import Missing, follow
from mockserver.http import json_codec

MAX_SHOWN = 200
"""The most characters of a value that a message shows."""


Subject = Literal["assistant", "thread", "message", "messages"]
"""What a request is about: objects that are stored, the newest question, and how many messages."""

SUBJECTS: tuple[Subject, ...] = get_args(Subject)

Part = Literal["operation", "method", "path", "headers", "query", "body"] | Subject


class About:
    """What a request is about, each part looked up when it is first asked for.

    `find` takes the name of a part and returns its value, or MISSING. `found` has those that were
    asked for.
    """

    __slots__ = ("_find", "found")

    def __init__(
        self, find: Callable[[Subject], Any], found: dict[Subject, Any] | None = None
    ) -> None:
        self._find = find
        self.found = {} if found is None else found

    def value(self, part: Subject) -> Any:
        """Return a part, or MISSING."""
        if part not in self.found:
            self.found[part] = self._find(part)
        return self.found[part]


NOTHING = About(lambda part: MISSING)
"""What a request is about that is about none of this."""


@dataclass(frozen=True, slots=True)
class RequestView:
    """The parts of a request. `body` is MISSING if there is no body or it is not JSON.

    A header or a query parameter that is repeated has the list of its values. `about` has the
    subjects, such as the assistant of a run.
    """

    operation: str | None
    method: str
    path: str
    headers: Mapping[str, str]
    query: Mapping[str, str | list[str]]
    body: Any
    about: About = NOTHING

    def value(self, part: Part, steps: tuple[str, ...]) -> Any:
        """Return the value at a path inside a part, or MISSING."""
        if part in SUBJECTS:
            return follow(self.about.value(part), steps)
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
