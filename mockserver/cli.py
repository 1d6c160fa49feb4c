"""The `mockserver` command."""

import argparse
import contextlib
import io
import os
import sys
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from mockserver import __version__, settings
from mockserver.server import healthcheck

BANNER = (
    "OpenAI shut the real Assistants API down on 2026-08-26: it answers a bare 404. "
    "To do the same: mockserver --sunset"
)
SUNSET_BANNER = (
    "Every Assistants path answers a bare 404, as the real service has since 2026-08-26 (--sunset)."
)

CANNOT_START = 2
"""The exit status for invalid flags and fixture files, as in argparse, and for a port in use."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit status."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # it may be a console that is not UTF-8
            stream.reconfigure(errors="backslashreplace")
    known, unknown = _parser().parse_known_intermixed_args(arguments)
    flags = vars(known)
    command, paths = flags.pop("command"), flags.pop("paths")
    unknown_flags = [word for word in unknown if word.startswith("-")]
    if unknown_flags:
        return _complain([_no_flag(word.partition("=")[0]) for word in unknown_flags])
    if command not in (*ABOUT, None):
        return _complain([_no_command(command)])
    if flags.pop("help", False):
        (_parser() if command is None else _parser_of(command)).print_help()
        return 0
    command = command or "serve"
    if command != "check" and paths:
        hint = "use --fixtures for fixture files" if command == "serve" else "see mockserver --help"
        return _complain([f"unexpected argument for {command}: {' '.join(paths)}: {hint}"])
    if command not in ("serve", "healthcheck"):
        return COMMANDS[command](paths, any_model=flags.get("any_model") == "true")
    try:
        chosen = settings.load(flags, os.environ)
    except settings.SettingsError as error:
        return _complain(error.problems)
    return healthcheck.run(chosen) if command == "healthcheck" else _serve(chosen)


def _no_flag(word: str) -> str:
    flags = [option.flag for option in settings.OPTIONS]
    close = get_close_matches(word, flags, 1)
    hint = f"did you mean {close[0]}?" if close else "see mockserver --help"
    return f"no such flag: {word}: {hint}"


def _no_command(word: str) -> str:
    close = get_close_matches(word, ABOUT, 1)
    hint = f"did you mean {close[0]}?" if close else f"use one of {', '.join(ABOUT)}"
    if len(word) < 256 and Path(word).exists():
        hint = f"to serve or check a fixture file, use --fixtures {word} or check {word}"
    return f"no such command: {word}: {hint}"


def _check(paths: Sequence[str], *, any_model: bool) -> int:
    """Check fixture files and print every problem and warning, with its line and the remedy."""
    from mockserver.api.shared import known_models
    from mockserver.loading.check import check

    if not paths:
        return _complain(["check: expected the files, folders or globs to check"])
    models = known_models.any_model() if any_model else known_models.shipped()
    checked = check(paths, models)
    for message in checked.messages:
        print(message)
    if checked.has_problems:
        return CANNOT_START
    print(f"{_counted(checked.stubs, 'stub')}, {_counted(checked.objects, 'object')}: OK")
    return 0


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _faults(paths: Sequence[str], *, any_model: bool) -> int:
    """Print the catalogue of faults."""
    from mockserver.faults.catalogue import as_json

    for fault in as_json():
        print(f"{fault['name']:22}{fault['status'] or '-':>4}  {fault['effect']}")
        if fault["kind"] != "error":
            _print_options(fault["options"])
    print("options of every fault with a status:")
    _print_options(next(fault["options"] for fault in as_json() if fault["kind"] == "error"))
    return 0


def _print_options(options: Sequence[Mapping[str, Any]]) -> None:
    for option in options:
        default = "" if option["default"] is None else f" ({option['default']})"
        print(f"{'':28}{option['name']}: {option['what']}{default}")


def _schema(paths: Sequence[str], *, any_model: bool) -> int:
    """Print the JSON Schema of fixture files."""
    from mockserver.loading.json_schema import schema_text

    print(schema_text(), end="")
    return 0


COMMANDS = {"check": _check, "faults": _faults, "schema": _schema}

ABOUT = {
    "serve": "Serve until SIGTERM or Ctrl-C. Without a command, mockserver does this.",
    "check": "Check fixture files: print every problem and warning, with its line and the remedy. "
    "The exit status is 2 if there is a problem, and 0 if there are warnings alone.",
    "faults": "List every way to fail: its name, its status, what the client sees, its options.",
    "schema": "Print the JSON Schema of fixture files, for editors.",
    "healthcheck": "Ask the server on this machine whether it is ready: exit status 0, or 1.",
}
"""The commands, with what the help of each says of it."""

FLAGS_OF = {"check": ("any_model",), "healthcheck": ("host", "port")}
"""The flags of the commands that have few or none; `serve` has all of them."""


def _serve(chosen: settings.Settings) -> int:
    from mockserver.problems import FixtureError
    from mockserver.server.process import CannotListenError, UnusedStubsError, run, serve

    def announce(address: str) -> None:
        with contextlib.suppress(BrokenPipeError):  # the parent process does not read it
            print(address, SUNSET_BANNER if chosen.sunset else BANNER, sep="\n", flush=True)

    try:
        run(serve(chosen, announce))
    except CannotListenError as error:
        return _complain([str(error)])
    except FixtureError as error:
        print(error, file=sys.stderr)
        return CANNOT_START
    except UnusedStubsError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _complain(problems: Sequence[str]) -> int:
    for problem in problems:
        print(f"mockserver: {problem}", file=sys.stderr)
    return CANNOT_START


def _parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    parser = argparse.ArgumentParser(
        prog="mockserver",
        description="A local server that stands in for OpenAI's Assistants API.",
        epilog="Every flag has a variable: --any-model is MOCKSERVER_ANY_MODEL=true. "
        "mockserver COMMAND --help is about one command.",
        argument_default=argparse.SUPPRESS,
        allow_abbrev=False,
        add_help=False,
    )
    _add_help(parser)
    parser.add_argument("--version", action="version", version=f"mockserver {__version__}")
    parser.add_argument(
        "command",
        nargs="?",
        metavar=f"{{{','.join(ABOUT)}}}",
        default=None,
        help="serve; check fixture files; list faults; print the schema; check health (serve)",
    )
    parser.add_argument(
        "paths", nargs="*", metavar="PATH", default=[], help="fixture files to check"
    )
    _add_flags(parser, settings.OPTIONS)
    return parser


def _parser_of(command: str) -> argparse.ArgumentParser:
    """Return a parser of one command, for its help."""
    parser = argparse.ArgumentParser(
        prog=f"mockserver {command}", description=ABOUT[command], add_help=False
    )
    _add_help(parser)
    if command == "check":
        parser.add_argument(
            "paths", nargs="+", metavar="PATH", help="fixture files, folders of them, or globs"
        )
    own = FLAGS_OF.get(command, ())
    _add_flags(parser, [one for one in settings.OPTIONS if command == "serve" or one.name in own])
    return parser


def _add_help(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-h", "--help", action="store_true", help="show this help message and exit")


def _add_flags(parser: argparse.ArgumentParser, options: Sequence[settings.Option]) -> None:
    for option in options:
        if option.is_switch:
            off = option.flag.replace("--", "--no-", 1)
            for flag, const, text in (
                (option.flag, "true", option.help),
                (off, "false", argparse.SUPPRESS),
            ):
                parser.add_argument(
                    flag, dest=option.name, action="store_const", const=const, help=text
                )
        elif option.separator:
            parser.add_argument(
                option.flag, metavar=option.metavar, help=option.help, action="append"
            )
        else:
            parser.add_argument(
                option.flag, metavar=option.metavar, help=f"{option.help} ({option.default})"
            )
