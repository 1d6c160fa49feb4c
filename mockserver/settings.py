"""What a server can be told: flag, variable, default and help text, in one table."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal, get_args

from mockserver.clock import ClockMode

LogFormat = Literal["text", "json", "none"]


class SettingsError(ValueError):
    """Flags or variables that cannot be used; `problems` has every one of them."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def _whole_number(least: int, most: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        number = int(text) if text.removeprefix("-").isdecimal() and len(text) <= 20 else None
        if number is None or not least <= number <= most:
            raise ValueError(f"expected a whole number from {least} to {most}, got '{text}'")
        return number

    return parse


def _choice(values: object) -> Callable[[str], str]:
    allowed: tuple[str, ...] = get_args(values)

    def parse(text: str) -> str:
        if text not in allowed:
            raise ValueError(f"expected one of {', '.join(allowed)}, got '{text}'")
        return text

    return parse


def _switch(text: str) -> bool:
    if text.lower() in {"1", "true", "yes", "on"}:
        return True
    if text.lower() in {"", "0", "false", "no", "off"}:
        return False
    raise ValueError(f"expected true or false, got '{text}'")


def _text(text: str) -> str:
    if not text:
        raise ValueError("expected a value, got none")
    return text


def _option(default: Any, parse: Callable[[str], Any], metavar: str, text: str) -> Any:
    return field(default=default, metadata={"parse": parse, "metavar": metavar, "help": text})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of one server. Each field is a flag and a `MOCKSERVER_…` variable."""

    host: str = _option("127.0.0.1", _text, "HOST", "address to listen on")
    port: int = _option(
        4010, _whole_number(0, 65535), "PORT", "port to listen on; 0 picks a free one"
    )
    seed: int = _option(
        0, _whole_number(-(2**63), 2**63 - 1), "N", "what ids and chance are derived from"
    )
    clock: ClockMode = _option(
        "tick",
        _choice(ClockMode),
        "|".join(get_args(ClockMode)),
        "tick: one second for each object created; frozen: never moves; real: the wall clock",
    )
    any_model: bool = _option(False, _switch, "", "accept any model name")
    sunset: bool = _option(
        False, _switch, "", "answer every Assistants path as the real service does today"
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


@dataclass(frozen=True, slots=True)
class Option:
    """One row of the table, as the command line and the documentation see it."""

    name: str
    default: Any
    parse: Callable[[str], Any]
    metavar: str
    help: str

    @property
    def flag(self) -> str:
        """The command-line flag, such as `--any-model`."""
        return "--" + self.name.replace("_", "-")

    @property
    def variable(self) -> str:
        """The environment variable, such as `MOCKSERVER_ANY_MODEL`."""
        return "MOCKSERVER_" + self.name.upper()

    @property
    def is_switch(self) -> bool:
        """Whether the flag stands alone, with no value."""
        return self.parse is _switch


OPTIONS = tuple(
    Option(name=row.name, default=row.default, **row.metadata) for row in fields(Settings)
)


def load(flags: Mapping[str, str], environment: Mapping[str, str]) -> Settings:
    """Settle the settings: a flag wins over its variable, a variable over the default.

    `flags` has the texts given, by option name.

    Raises:
        SettingsError: with every problem there is.
    """
    values: dict[str, Any] = {}
    problems: list[str] = []
    for option in OPTIONS:
        source, given = option.flag, flags.get(option.name)
        if given is None:
            source, given = option.variable, environment.get(option.variable)
        if given is None or (source == option.variable and _from_kubernetes(given)):
            continue
        try:
            values[option.name] = option.parse(given)
        except ValueError as error:
            problems.append(f"{source}: {error}")
    if problems:
        raise SettingsError(problems)
    return Settings(**values)


def _from_kubernetes(value: str) -> bool:
    """Kubernetes injects `MOCKSERVER_PORT=tcp://…` beside a service of that name."""
    return value.startswith(("tcp://", "udp://", "sctp://"))
