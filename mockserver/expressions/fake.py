"""`{{ fake.company }}`: values that Faker generates, the same values for the same seed."""

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
"""Servers in several threads share the one Faker instance of this process."""


@cache
def _faker() -> "Faker":
    from faker import Faker  # takes 0.1 s to import: only fixtures that use it pay for that

    return Faker("en_US")


@cache
def providers() -> frozenset[str]:
    """Return the names of all Faker providers that a template can use."""
    return frozenset(
        name
        for provider in _faker().get_providers()
        for name in dir(provider)
        if not name.startswith("_") and callable(getattr(provider, name))
    )


def compile_fake(
    name: str, arguments: str | None, place: Place, report: Report
) -> Callable[[int], Any]:
    """Return a function that generates a value from a seed, the same value for the same seed.

    Problems with the provider or its arguments are reported.
    """
    if name not in providers():
        close = get_close_matches(name, providers(), 3)
        listed = "use a provider that Faker's documentation lists"
        hint = f"did you mean {' or '.join(close)}?" if close else listed
        report(place, f"Faker has no provider `{name}`", hint)
        return lambda seed: None
    positional, named = _arguments(arguments, place, report)

    def generate(seed: int) -> Any:
        with _faker_lock:
            faker = _faker()
            faker.seed_instance(seed)
            return _plain(getattr(faker, name)(*positional, **named))

    try:
        generate(0)
    except Exception as error:  # noqa: BLE001  a provider raises anything on wrong arguments
        remedy = "correct its arguments, or use another provider"
        report(place, f"cannot call `fake.{name}`: {error}", remedy)
    return generate


def _arguments(text: str | None, place: Place, report: Report) -> tuple[list[Any], dict[str, Any]]:
    positional: list[Any] = []
    named: dict[str, Any] = {}
    rest = (text or "").strip()
    while rest:
        match = _ARGUMENT.match(rest)
        if match is None:
            remedy = "use scalars, such as (3) or (word='x')"
            report(place, f"cannot parse the arguments ({text})", remedy)
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
    """Return a generated value as a JSON value.

    Raises:
        TypeError: JSON has no such type.
    """
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
    raise TypeError(f"it returns {type(value).__name__}, which JSON cannot represent")
