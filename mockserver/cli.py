"""The `mockserver` command."""

import argparse
import contextlib
import io
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from itertools import pairwise
from pathlib import Path
from typing import Any, TextIO, cast

from mockserver import __version__, messages, settings
from mockserver.server import healthcheck

BANNER = (
    "OpenAI shut the real Assistants API down on 2026-08-26: it answers a bare 404. "
    "To do the same: mockserver --sunset"
)
SUNSET_BANNER = (
    "Every Assistants path answers a bare 404, as the real service has since 2026-08-26 (--sunset)."
)
LATER_SUNSET_BANNER = (
    "From {since} on, by the clock of each key, every Assistants path answers a bare 404, "
    "as the real service has since 2026-08-26 (--sunset)."
)

REPORT_FLAGS = ("url", "key", "json")
"""The flags of `report` alone."""

CANNOT_START = 2
"""The exit status for invalid flags and fixture files, as in argparse, and for a port in use."""


BROKEN_PIPE = 141
"""The exit status where nobody reads the output any more: what SIGPIPE gives other tools."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit status."""
    arguments = sys.argv[1:] if arguments is None else arguments
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # it may be a console that is not UTF-8
            stream.reconfigure(errors="backslashreplace")
    with contextlib.ExitStack() as stack:
        if _wants_json(arguments):
            lines = cast("TextIO", messages.JsonLines(messages.standard_error()))
            stack.enter_context(contextlib.redirect_stderr(lines))
        try:
            try:
                return _run(arguments)
            finally:
                sys.stdout.flush()
        except BrokenPipeError:  # of `mockserver faults | head -3`
            _drop_output()
            return BROKEN_PIPE


def _wants_json(arguments: Sequence[str]) -> bool:
    """Return whether `--log json` is given: it holds for what is wrong with other flags, too."""
    given = os.environ.get("MOCKSERVER_LOG")
    for word, following in pairwise((*arguments, "")):
        if word == "--log":
            given = following
        elif word.startswith("--log="):
            given = word.removeprefix("--log=")
    return given == "json"


def _drop_output() -> None:
    """Let what is still to be printed go nowhere: Python tries once more when it exits."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run(arguments: Sequence[str]) -> int:
    known, unknown = _parser().parse_known_intermixed_args(list(_with_values(arguments)))
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
    asked = {name: flags.pop(name) for name in REPORT_FLAGS if name in flags}
    if command != "report" and asked:
        return _complain([f"unexpected flag for {command}: --{name}: use report" for name in asked])
    if command != "check" and paths:
        hint = "use --fixtures for fixture files" if command == "serve" else "see mockserver --help"
        return _complain([f"unexpected argument for {command}: {' '.join(paths)}: {hint}"])
    if command in COMMANDS:
        return COMMANDS[command](paths, any_model=flags.get("any_model") == "true")
    try:
        chosen = settings.load(flags, os.environ)
    except settings.SettingsError as error:
        return _complain(error.problems)
    if command == "report":
        return _report(chosen, **asked)
    return healthcheck.run(chosen) if command == "healthcheck" else _serve(chosen)


def _with_values(arguments: Sequence[str]) -> Iterator[str]:
    """Yield the arguments; a flag whose value may be left out does not take a command for it."""
    flags = [option.flag for option in settings.OPTIONS if option.is_switch and option.metavar]
    for word, following in pairwise((*arguments, "")):
        is_alone = word in flags and following in ("serve", *COMMANDS, "healthcheck")
        yield f"{word}=true" if is_alone else word


def _no_flag(word: str) -> str:
    flags = [option.flag for option in settings.OPTIONS] + [f"--{name}" for name in REPORT_FLAGS]
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


def _script(paths: Sequence[str], *, any_model: bool) -> int:
    """Print every item that the script of a run can have."""
    from mockserver.api.runs.items import as_json

    print("then: {run: [ITEM, ...]} in a stub is the script of the run. An ITEM:")
    for item in as_json():
        print(f"{item['name']:12}{item['what']}", f"{'':12}- {item['example']}", sep="\n")
        for option in item["options"]:
            print(f"{'':16}{option['name']}: {option['what']}")
    return 0


def _schema(paths: Sequence[str], *, any_model: bool) -> int:
    """Print the JSON Schema of fixture files."""
    from mockserver.loading.json_schema import schema_text

    print(schema_text(), end="")
    return 0


COMMANDS = {"check": _check, "faults": _faults, "script": _script, "schema": _schema}

ABOUT = {
    "serve": "Serve until SIGTERM or Ctrl-C. Without a command, mockserver does this.",
    "check": "Check fixture files: print every problem and warning, with its line and the remedy. "
    "The exit status is 2 if there is a problem, and 0 if there are warnings alone.",
    "faults": "List every way to fail: its name, its status, what the client sees, its options.",
    "script": "List every item of the script of a run: what it does, an example, its options.",
    "schema": "Print the JSON Schema of fixture files, for editors.",
    "report": "Print what the faults did to the client. The exit status is 1 where it did wrong.",
    "healthcheck": "Ask the server on this machine whether it is ready: exit status 0, or 1.",
}
"""The commands, with what the help of each says of it."""

FLAGS_OF = {"check": ("any_model",)}
"""The flags of the commands that have few or none; `serve` has all of them."""


def _report(
    chosen: settings.Settings, *, url: str | None = None, key: str | None = None, json: bool = False
) -> int:
    """Print what the faults did to the client; return 1 where it did wrong.

    Without `url` it is the server of `MOCKSERVER_URL`, or else the one on this machine that has
    these settings. Without `key` it is about all keys.
    """
    from mockserver.client.control_client import ControlClient, MockServerError
    from mockserver.client.report import Report
    from mockserver.http import credentials, json_codec

    if key is not None and not (key and credentials.is_well_formed(key)):
        return _complain(["--key: not an API key: use visible ASCII characters and spaces"])
    host = healthcheck.host_to_ask(chosen)
    here = f"http://[{host}]:{chosen.port}" if ":" in host else f"http://{host}:{chosen.port}"
    try:
        client = ControlClient(url or os.environ.get("MOCKSERVER_URL") or here)
        report = Report(client.call(key, "GET", "report"))
    except MockServerError as error:
        return _complain([str(error)])
    client.close()
    if not {"problems", "verdict", "faults", "requests"} <= report.keys():
        what = "sent no such report as this version reads: use the same version on both sides"
        return _complain([f"{client.url} {what}"])
    print(json_codec.dumps(dict(report)).decode() if json else report)
    return 1 if report.problems else 0


def _serve(chosen: settings.Settings) -> int:
    from mockserver.problems import FixtureError
    from mockserver.server.process import CannotListenError, UnusedStubsError, run, serve

    is_json = chosen.log == "json"
    tell = messages.teller(as_json=is_json)
    status = 0
    try:
        run(serve(chosen, lambda address: _announce(address, chosen, tell)))
    except CannotListenError as error:
        return _complain([str(error)])
    except FixtureError as error:
        for problem in error.problems:
            tell("error", str(problem))
        return CANNOT_START
    except UnusedStubsError as error:
        for stub in error.stubs:
            tell("error", f"stub never matched: {stub}")
        status = 1
    if is_json:
        tell("info", "stopped")
    return status


def _announce(address: str, chosen: settings.Settings, tell: messages.Tell) -> None:
    """Print the address and what has become of the real service; a log of JSON has them too."""
    banner = SUNSET_BANNER if chosen.sunset else BANNER
    if not isinstance(chosen.sunset, bool):
        banner = LATER_SUNSET_BANNER.format(since=chosen.sunset)
    try:
        print(address, banner, sep="\n", flush=True)
    except BrokenPipeError:  # the parent process does not read it
        _drop_output()
    if chosen.log == "json":
        tell("info", f"listening on {address}")
        tell("info", banner)


def _complain(problems: Sequence[str]) -> int:
    tell = messages.teller(as_json=isinstance(sys.stderr, messages.JsonLines))
    for problem in problems:
        tell("error", messages.PREFIX + problem)
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
        help="serve; check fixture files; list faults; list the items of scripts; print the "
        "schema; print what the faults did to the client; check health (serve)",
    )
    parser.add_argument(
        "paths", nargs="*", metavar="PATH", default=[], help="fixture files to check"
    )
    _add_report_flags(parser.add_argument_group("report"))
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
    if command == "report":
        _add_report_flags(parser)
    if command in ("report", "healthcheck"):
        parser.add_argument("--host", metavar="HOST", help="the host of the server to ask")
        parser.add_argument("--port", metavar="PORT", help="the port of the server to ask")
    own = FLAGS_OF.get(command, ())
    _add_flags(parser, [one for one in settings.OPTIONS if command == "serve" or one.name in own])
    return parser


def _add_help(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-h", "--help", action="store_true", help="show this help message and exit")


def _add_report_flags(parser: argparse._ActionsContainer) -> None:
    parser.add_argument("--url", metavar="URL", help="the server to ask (MOCKSERVER_URL)")
    parser.add_argument("--key", metavar="KEY", help="report on this API key (all keys)")
    parser.add_argument("--json", action="store_true", help="print JSON")


def _add_flags(parser: argparse.ArgumentParser, options: Sequence[settings.Option]) -> None:
    for option in options:
        if option.is_switch:
            off = option.flag.replace("--", "--no-", 1)
            for flag, const, text in (
                (option.flag, "true", option.help),
                (off, "false", argparse.SUPPRESS),
            ):
                how: dict[str, Any] = {"action": "store_const"}
                if option.metavar and const == "true":
                    how = {"nargs": "?", "metavar": option.metavar.strip("[]")}
                parser.add_argument(flag, dest=option.name, const=const, help=text, **how)
        elif option.separator:
            parser.add_argument(
                option.flag, metavar=option.metavar, help=option.help, action="append"
            )
        else:
            parser.add_argument(
                option.flag, metavar=option.metavar, help=f"{option.help} ({option.default})"
            )
