"""Templates: `{{ … }}` in the strings of an action or an object, rendered on parsed values.

An expression is a name with a path behind it, looked up in plain data: there is
no code in it and nothing to reach by attribute.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from difflib import get_close_matches
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Any

from mockserver.expressions.conditions import MISSING, Asked, Part
from mockserver.problems import Place, Report
from mockserver.state import ids

if TYPE_CHECKING:
    from faker import Faker

_TEMPLATE = re.compile(r"{{(.*?)}}", re.DOTALL)
_EXPRESSION = re.compile(r"\s*([A-Za-z_][\w.\-\[\]]*)\s*(?:\((.*)\))?\s*", re.DOTALL)
_LITERAL = re.compile(r"""\s*(?:'([^']*)'|"([^"]*)")\s*""")
_ARGUMENT = re.compile(r"""\s*(?:(\w+)\s*=\s*)?('[^']*'|"[^"]*"|[\w.+-]+)\s*(?:,|$)""")

REQUEST_PARTS: tuple[Part, ...] = ("operation", "method", "path", "headers", "query", "body")


@dataclass(slots=True)
class Context:
    """What expressions are looked up in. `asked` is None for an object of a fixture file.

    `now` is the namespace's clock in seconds; `chance` is what invented values
    derive from, each from its own part of it; `request_id` is that of the answer,
    `key` the API key as it may be shown.
    """

    asked: Asked | None
    now: int
    seed: int
    chance: bytes
    request_id: str = ""
    key: str = ""
    _drawn: int = 0

    def draw(self) -> int:
        """Give the next seed for an invented value."""
        self._drawn += 1
        return int.from_bytes(ids.digest(b"%d" % self._drawn, self.chance, size=8))


Expression = Callable[[Context], Any]
Rendered = Callable[[Context], Any]


def compile_value(value: Any, place: Place, report: Report, *, request: bool = True) -> Rendered:
    """Compile a value with templates anywhere in it to what gives the rendered value.

    `request` says whether there is a request to look into.
    """
    if isinstance(value, str) and "{{" in value:
        return _compile_text(value, place, report, request)
    if isinstance(value, dict) and _has_template(value):
        parts = {
            key: compile_value(inner, (*place, key), report, request=request)
            for key, inner in value.items()
        }
        return lambda context: {key: part(context) for key, part in parts.items()}
    if isinstance(value, list) and _has_template(value):
        items = [
            compile_value(inner, (*place, at), report, request=request)
            for at, inner in enumerate(value)
        ]
        return lambda context: [item(context) for item in items]
    return lambda context: value


def _has_template(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_has_template, value.values()))
    if isinstance(value, list):
        return any(map(_has_template, value))
    return isinstance(value, str) and "{{" in value


def _compile_text(text: str, place: Place, report: Report, request: bool) -> Rendered:
    pieces: list[str | Expression] = []
    at = 0
    for match in _TEMPLATE.finditer(text):
        pieces.append(text[at : match.start()])
        pieces.append(_compile_expression(match[1], place, report, request))
        at = match.end()
    if "{{" in text[at:]:
        report(place, "`{{` without `}}`", "close it; to write it as it is, {{ '{{' }}")
    pieces.append(text[at:])
    if len(pieces) == 3 and not pieces[0] and not pieces[2] and callable(pieces[1]):
        return pieces[1]  # nothing else: the value keeps its own type

    def render(context: Context) -> str:
        return "".join(
            piece if isinstance(piece, str) else as_text(piece(context)) for piece in pieces
        )

    return render


def as_text(value: Any) -> str:
    """Write a rendered value as part of a text: nothing for null, JSON for what is no text."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _compile_expression(text: str, place: Place, report: Report, request: bool) -> Expression:
    if literal := _LITERAL.fullmatch(text):
        constant = literal[1] if literal[1] is not None else literal[2]
        return lambda context: constant
    match = _EXPRESSION.fullmatch(text)
    name, _, steps = match[1].partition(".") if match else ("", "", "")
    called = match is not None and match[2] is not None
    if match and name == "fake":
        return _compile_fake(steps, match[2], place, report)
    if name == "now" and not steps and not called:
        return lambda context: context.now
    if name == "seed" and not steps and not called:
        return lambda context: context.seed
    if name == "request" and request and not called:
        return _compile_look_up(steps.split("."), place, report)
    known = "request.…, fake.…, now or seed" if request else "fake.…, now or seed"
    report(place, f"nothing is called `{text.strip()}`", f"use {known}")
    return _nothing


def _compile_look_up(steps: list[str], place: Place, report: Report) -> Expression:
    first, *path = steps
    if steps == ["id"]:
        return lambda context: context.request_id
    if steps == ["key"]:
        return lambda context: context.key
    part = next((part for part in REQUEST_PARTS if part == first), None)
    if part is None or any(step.startswith("__") for step in path):
        report(
            place,
            f"a request has no `{'.'.join(steps)}`",
            f"use request.{', request.'.join(REQUEST_PARTS)} and what is in them, "
            "request.id or request.key",
        )
        return _nothing
    if part == "headers":
        path = [step.lower() for step in path]

    def look_up(context: Context) -> Any:
        if context.asked is None:
            return None
        value = context.asked.value(part, tuple(path))
        if isinstance(value, Mapping) and not isinstance(value, dict):
            value = {name.lower(): text for name, text in value.items()}
        return None if value is MISSING else value

    return look_up


# ── Invented values ──────────────────────────────────────────────────────────────


_inventing = Lock()
"""Servers in several threads share the one Faker that this process has."""


@cache
def _faker() -> "Faker":
    from faker import Faker  # a tenth of a second that only those pay who use it

    return Faker("en_US")


@cache
def providers() -> frozenset[str]:
    """Give the names of all that Faker can invent."""
    return frozenset(
        name
        for provider in _faker().get_providers()
        for name in dir(provider)
        if not name.startswith("_") and callable(getattr(provider, name))
    )


def _compile_fake(name: str, arguments: str | None, place: Place, report: Report) -> Expression:
    if name not in providers():
        close = get_close_matches(name, providers(), 3)
        hint = f"did you mean {' or '.join(close)}?" if close else "Faker's manual lists them"
        report(place, f"Faker has no provider `{name}`", hint)
        return _nothing
    positional, named = _arguments(arguments, place, report)

    def invent(draw: int) -> Any:
        with _inventing:
            faker = _faker()
            faker.seed_instance(draw)
            return _plain(getattr(faker, name)(*positional, **named))

    try:
        invent(0)
    except Exception as error:  # noqa: BLE001  whatever a provider raises of its arguments
        report(place, f"`fake.{name}` cannot be used so: {error}", "give it scalars that it takes")
    return lambda context: invent(context.draw())


def _arguments(text: str | None, place: Place, report: Report) -> tuple[list[Any], dict[str, Any]]:
    positional: list[Any] = []
    named: dict[str, Any] = {}
    rest = (text or "").strip()
    while rest:
        match = _ARGUMENT.match(rest)
        if match is None:
            report(place, f"cannot read the arguments ({text})", "give scalars: (3), (word='x')")
            break
        value = _scalar(match[2])
        if match[1]:
            named[match[1]] = value
        else:
            positional.append(value)
        rest = rest[match.end() :].strip()
    return positional, named


def _scalar(text: str) -> Any:
    if text[0] in "'\"":
        return text[1:-1]
    try:
        return json.loads(text)
    except ValueError:
        return {"True": True, "False": False, "None": None}.get(text, text)


def _plain(value: Any) -> Any:
    """Give an invented value as JSON has it."""
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, tuple | set | list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if value is None or isinstance(value, str | int | float):
        return value
    raise TypeError(f"it gives {type(value).__name__}, which JSON does not have")


def _nothing(context: Context) -> None:
    return None
