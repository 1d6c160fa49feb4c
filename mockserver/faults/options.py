"""The options of faults, each with its unit, its bounds and its default."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from mockserver.problems import closest


@dataclass(frozen=True, slots=True)
class FaultOption:
    """One option of a fault.

    `what` describes its value as a noun phrase, with the unit. `read` returns the value of a number
    or a text, and raises ValueError saying what it expected. A `default` of None means that the
    option is unset.
    """

    name: str
    what: str
    read: Callable[[Any], Any]
    default: Any = None


def number(
    name: str,
    what: str,
    default: float | None,
    *,
    least: float = 0,
    most: float = 1e9,
    whole: bool = True,
) -> FaultOption:
    """Return an option whose value is a number from `least` to `most`, an integer if `whole`."""

    def read(value: Any) -> float:
        expected = f"{'a whole number' if whole else 'a number'} from {least:g} to {most:g}"
        try:
            if isinstance(value, bool):
                raise ValueError(value)
            read = int(value) if whole and not isinstance(value, float) else float(value)
        except (TypeError, ValueError):
            raise ValueError(f"expected {expected}") from None
        if not least <= read <= most or (whole and read != int(read)):
            raise ValueError(f"expected {expected}")
        return int(read) if whole else read

    return FaultOption(name, what, read, default)


def text(name: str, what: str, default: str | None = None) -> FaultOption:
    """Return an option whose value is a text of one line."""

    def read(value: Any) -> str:
        if not isinstance(value, str) or not value.isprintable() or not value:
            raise ValueError("expected a text of one line")
        return value

    return FaultOption(name, what, read, default)


def one_of(name: str, what: str, words: Sequence[str]) -> FaultOption:
    """Return an option whose value is one of many words; it is unset by default."""

    def read(value: Any) -> str:
        if value not in words:
            raise ValueError(f"no such name: {closest(str(value), words)}")
        return str(value)

    return FaultOption(name, what, read)


def choice(name: str, what: str, words: Sequence[str]) -> FaultOption:
    """Return an option whose value is one of some words; the first is the default."""

    def read(value: Any) -> str:
        if value not in words:
            raise ValueError(f"expected {' or '.join(words)}")
        return str(value)

    return FaultOption(name, what, read, words[0])


def switch(name: str, what: str) -> FaultOption:
    """Return an option whose value is true or false."""

    def read(value: Any) -> bool:
        words = {"true": True, "false": False}
        if str(value).lower() not in words:
            raise ValueError("expected true or false")
        return words[str(value).lower()]

    return FaultOption(name, what, read)
