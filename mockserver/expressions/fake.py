"""`{{ fake.company }}`: values that Faker invents, the same ones for the same seed."""

import json
import re
from collections.abc import Callable
from datetime import date, time
from decimal import Decimal
from difflib import get_close_matches
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Any

from mockserver.problems import Place, Report

if TYPE_CHECKING:
    from faker import Faker

_ARGUMENT = re.compile(r"""\s*(?:(\w+)\s*=\s*)?('[^']*'|"[^"]*"|[\w.+-]+)\s*(?:,|$)""")

_faker_lock = Lock()
"""Servers in several threads share the one Faker that this process has."""


@cache
def _faker() -> "Faker":
    from faker import Faker  # a tenth of a second that only those pay who use it

    return Faker("en_US")


@cache
def providers() -> frozenset[str]:
    """Return the names of all values that Faker can invent."""
    return frozenset(
        name
        for provider in _faker().get_providers()
        for name in dir(provider)
        if not name.startswith("_") and callable(getattr(provider, name))
    )


def compile_fake(
    name: str, arguments: str | None, place: Place, report: Report
) -> Callable[[int], Any]:
    """Return a function that invents a value, the same one for the same seed."""
    if name not in providers():
        close = get_close_matches(name, providers(), 3)
        hint = f"did you mean {' or '.join(close)}?" if close else "Faker's manual lists them"
        report(place, f"Faker has no provider `{name}`", hint)
        return lambda seed: None
    positional, named = _arguments(arguments, place, report)

    def invent(seed: int) -> Any:
        with _faker_lock:
            faker = _faker()
            faker.seed_instance(seed)
            return _plain(getattr(faker, name)(*positional, **named))

    try:
        invent(0)
    except Exception as error:  # noqa: BLE001  whatever a provider raises of its arguments
        report(place, f"`fake.{name}` cannot be used so: {error}", "give it scalars that it takes")
    return invent


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
    """Return an invented value as JSON has it."""
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
