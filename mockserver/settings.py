"""The settings of a server: flag, variable, default and help text, in one table."""

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from difflib import get_close_matches
from pathlib import PurePath
from typing import Any, Literal, get_args

from mockserver import moments, sizes

PREFIX = "MOCKSERVER_"
"""The prefix of the environment variables of all options."""

PLUGIN_VARIABLES = ("URL",)
"""Names after the prefix of variables that only the pytest plugin reads."""

MIN_SIMILARITY = 0.8
"""How similar, from 0 to 1, the name of a misspelled variable has to be to that of an option."""

ClockMode = Literal["tick", "frozen", "real"]

LogFormat = Literal["text", "json", "none"]


class SettingsError(ValueError):
    """Some flags or variables are invalid; `problems` has a message for each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of value: how to parse it, which values are valid, and the separator of several.

    `words` describes the valid values. `separator` is None for a single value.
    """

    words: str
    read: Callable[[str], Any]
    allows: Callable[[Any], bool]
    separator: str | None = None

    def parse(self, text: str) -> Any:
        """Return the value that a text represents.

        Raises:
            ValueError: the text does not represent a value of this kind.
        """
        try:
            value = self.read(text)
        except (KeyError, ValueError):
            raise ValueError(self.refusal(text)) from None
        if not self.allows(value):
            raise ValueError(self.refusal(text))
        return value

    def take(self, texts: Sequence[str]) -> tuple[str, ...]:
        """Return several values, without empty ones.

        Raises:
            ValueError: a text is not a value of this kind.
        """
        values = tuple(filter(None, texts))
        if not self.allows(values):
            raise ValueError(self.refusal(values))
        return values

    def refusal(self, given: object) -> str:
        """Return a message with the expected and the given value."""
        shown = ", ".join(map(repr, given)) if isinstance(given, tuple) else repr(given)
        return f"expected {self.words}, got {shown}"


def _whole_number(least: int, most: int) -> _Kind:
    def read(text: str) -> int:
        if not _DIGITS.fullmatch(text):
            raise ValueError(text)
        return int(text)

    def allows(value: Any) -> bool:
        return type(value) is int and least <= value <= most

    return _Kind(f"a whole number from {least} to {most}", read, allows)


def _choice(values: object) -> _Kind:
    allowed: tuple[str, ...] = get_args(values)
    return _Kind(f"one of {', '.join(allowed)}", str, lambda value: value in allowed)


_DIGITS = re.compile("-?[0-9]{1,20}")
_WORDS = dict.fromkeys(("1", "true", "yes", "on"), True) | dict.fromkeys(
    ("", "0", "false", "no", "off"), False
)
_SWITCH = _Kind(
    "true or false", lambda text: _WORDS[text.lower()], lambda value: isinstance(value, bool)
)


def _is_sunset(value: object) -> bool:
    try:
        return isinstance(value, bool) or moments.seconds(value) is not None
    except ValueError:
        return False


_SUNSET = _Kind(
    f"true, false, {moments.FORMS}", lambda text: _WORDS.get(text.lower(), text), _is_sunset
)


def _is_size(value: object) -> bool:
    try:
        return sizes.byte_count(value) >= 0
    except ValueError:
        return False


_SIZE = _Kind(sizes.FORMS, str, _is_size)


def _several(words: str, separator: str, each: str = "(?s:.*)") -> _Kind:
    def allows(value: Any) -> bool:
        return isinstance(value, tuple) and all(
            isinstance(one, str) and re.fullmatch(each, one) for one in value
        )

    return _Kind(words, lambda text: tuple(filter(None, text.split(separator))), allows, separator)


_TEXT = _Kind("a value", str, lambda value: isinstance(value, str) and bool(value))


def _option(default: Any, kind: _Kind, metavar: str, text: str) -> Any:
    return field(default=default, metadata={"kind": kind, "metavar": metavar, "help": text})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of one server. Each field is a flag and a `MOCKSERVER_…` variable.

    Raises:
        SettingsError: a value is not valid for its field.
    """

    host: str = _option("127.0.0.1", _TEXT, "HOST", "address to listen on")
    port: int = _option(
        4010, _whole_number(0, 65535), "PORT", "port to listen on; 0 picks a free one"
    )
    fixtures: tuple[str, ...] = _option(
        (),
        _several("paths", os.pathsep),
        "PATH",
        "fixture files, folders of them, or globs; may be given again",
    )
    seed: int = _option(
        0, _whole_number(-(2**63), 2**63 - 1), "N", "what ids and random decisions derive from"
    )
    clock: ClockMode = _option(
        "tick",
        _choice(ClockMode),
        "|".join(get_args(ClockMode)),
        "tick: one second for each object created; frozen: never moves; real: the wall clock",
    )
    any_model: bool = _option(False, _SWITCH, "", "accept any model name")
    run_polls: int = _option(
        2,
        _whole_number(0, 1000),
        "N",
        "how many reads a run takes that no stub gave a script; 0 ends it before the first",
    )
    index_polls: int = _option(
        0,
        _whole_number(0, 1000),
        "N",
        "how many reads a file of a vector store takes until it can be searched",
    )
    files_limit: int | str = _option(
        "64MiB", _SIZE, "SIZE", "how much the files of each API key may have, such as 1GiB"
    )
    sunset: bool | str | date = _option(
        False,
        _SUNSET,
        "[DATE]",
        "answer every Assistants path as the real service does today; from DATE on by each key's "
        "clock, such as 2026-08-26",
    )
    watch: bool = _option(False, _SWITCH, "", "load the fixture files again when they change")
    allow_host: tuple[str, ...] = _option(
        (),
        _several("names", ","),
        "HOST",
        "a name that the control API may be called by; may be given again",
    )
    cors: tuple[str, ...] = _option(
        (),
        _several(
            "origins such as http://localhost:3000, or *", ",", r"\*|[a-z][\w+.-]*://[^\s/?#,]+"
        ),
        "ORIGIN",
        "an origin whose pages may call the API from a browser, or *; may be given again",
    )
    strict: bool = _option(
        False, _SWITCH, "", "refuse requests that no stub expects; report stubs never used"
    )
    fault: tuple[str, ...] = _option(
        (),
        _several("rules", ","),
        "RULE",
        "a fault for every key, such as 'latency; ms=300; probability=0.1'; may be given again",
    )
    journal: int = _option(
        1000, _whole_number(0, 10**6), "N", "requests to remember for each API key"
    )
    namespaces: int = _option(
        1000,
        _whole_number(1, 10**9),
        "N",
        "API keys to remember; the least recently used is forgotten first",
    )
    log: LogFormat = _option(
        "text", _choice(LogFormat), "|".join(get_args(LogFormat)), "the access log's form"
    )

    def __post_init__(self) -> None:
        problems = [
            f"{option.name}: {option.kind.refusal(value)}"
            for option in OPTIONS
            if not option.kind.allows(value := getattr(self, option.name))
        ]
        if problems:
            raise SettingsError(problems)


@dataclass(frozen=True, slots=True)
class Option:
    """One row of the table, for the command line and the documentation."""

    name: str
    default: Any
    kind: _Kind
    metavar: str
    help: str

    @property
    def flag(self) -> str:
        """The command-line flag, such as `--any-model`."""
        return "--" + self.name.replace("_", "-")

    @property
    def variable(self) -> str:
        """The environment variable, such as `MOCKSERVER_ANY_MODEL`."""
        return PREFIX + self.name.upper()

    @property
    def is_switch(self) -> bool:
        """Whether the flag stands alone; one with a `metavar` may have a value all the same."""
        return self.kind in (_SWITCH, _SUNSET)

    @property
    def separator(self) -> str | None:
        """The separator of values in the variable, or None where the flag cannot be repeated."""
        return self.kind.separator


OPTIONS = tuple(
    Option(name=row.name, default=row.default, **row.metadata) for row in fields(Settings)
)


def load(flags: Mapping[str, str | Sequence[str]], environment: Mapping[str, str]) -> Settings:
    """Return the settings: a flag wins over its variable, a variable over the default.

    `flags` has the given texts by option name, and lists of texts for options that may be repeated.

    Raises:
        SettingsError: a flag or a variable is invalid; the error has every problem.
    """
    values: dict[str, Any] = {}
    problems = _misspelled(environment)
    for option in OPTIONS:
        source, given = option.flag, flags.get(option.name)
        if given is None:
            source, given = option.variable, environment.get(option.variable)
            if not given or _from_kubernetes(given):  # Compose's ${SEED:-} is empty if unset
                continue
        try:
            if isinstance(given, str):
                values[option.name] = option.kind.parse(given)
            else:
                values[option.name] = option.kind.take(given)
        except ValueError as error:
            problems.append(f"{source}: {error}")
    if problems:
        raise SettingsError(problems)
    return Settings(**values)


def chosen_by_name(values: Mapping[str, Any]) -> Settings:
    """Return the settings from values by name.

    An option that may be repeated takes one value or several.

    Raises:
        SettingsError: a name or a value is invalid; the error has every problem.
    """
    known = {option.name: option for option in OPTIONS}
    problems = [f"{name}: no such setting: {_suggestion(name)}" for name in values.keys() - known]
    if problems:
        raise SettingsError(sorted(problems))
    chosen = dict(values)
    for name in chosen:
        if known[name].separator:
            several = [values[name]] if isinstance(values[name], str | PurePath) else values[name]
            if isinstance(several, list | tuple | set | frozenset):
                chosen[name] = tuple(map(str, several))
    return Settings(**chosen)


def _suggestion(name: str) -> str:
    names = [option.name for option in OPTIONS]
    close = get_close_matches(name, names, 1)
    return f"did you mean {close[0]}?" if close else f"use one of {', '.join(names)}"


def _misspelled(environment: Mapping[str, str]) -> list[str]:
    """Return a problem for each unknown variable whose name is similar to that of an option."""
    known = [option.variable.removeprefix(PREFIX) for option in OPTIONS]
    unknown = [name.removeprefix(PREFIX) for name in environment if name.startswith(PREFIX)]
    return [
        f"{PREFIX}{name}: no such option: did you mean {PREFIX}{close[0]}?"
        for name in sorted(set(unknown) - {*known, *PLUGIN_VARIABLES})
        if (close := get_close_matches(name, known, 1, MIN_SIMILARITY))
    ]


def _from_kubernetes(value: str) -> bool:
    """Return whether Kubernetes set a variable: `MOCKSERVER_PORT=tcp://…` for a service's port."""
    return value.startswith(("tcp://", "udp://", "sctp://"))
