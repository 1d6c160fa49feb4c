"""The `mockserver` command."""

import argparse
import contextlib
import os
import sys
from collections.abc import Sequence

from mockserver import __version__, settings

BANNER = (
    "OpenAI shut the real Assistants API down on 2026-08-26: it answers a bare 404. "
    "To answer so as well: mockserver --sunset"
)
SUNSET_BANNER = (
    "Every Assistants path answers a bare 404, as the real service has since 2026-08-26 (--sunset)."
)

CANNOT_START = 2
"""Exit status for flags that cannot be used, as argparse has it, and for a taken port."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; gives the exit status."""
    flags = vars(_parser().parse_args(arguments))
    del flags["command"]
    try:
        chosen = settings.load(flags, os.environ)
    except settings.SettingsError as error:
        return _complain(error.problems)
    return _serve(chosen)


def _serve(chosen: settings.Settings) -> int:
    from mockserver.server import CannotListenError, run, serve

    def announce(address: str) -> None:
        with contextlib.suppress(BrokenPipeError):  # whoever started us does not listen
            print(address, SUNSET_BANNER if chosen.sunset else BANNER, sep="\n", flush=True)

    try:
        run(serve(chosen, announce))
    except CannotListenError as error:
        return _complain([str(error)])
    return 0


def _complain(problems: Sequence[str]) -> int:
    for problem in problems:
        print(f"mockserver: {problem}", file=sys.stderr)
    return CANNOT_START


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="mockserver",
        description="A local server that stands in for OpenAI's Assistants API.",
        epilog="Every flag has a variable: --any-model is MOCKSERVER_ANY_MODEL=true.",
        argument_default=argparse.SUPPRESS,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"mockserver {__version__}")
    parser.add_argument(
        "command", nargs="?", choices=["serve"], default="serve", help="what to do (serve)"
    )
    for option in settings.OPTIONS:
        if option.is_switch:
            off = option.flag.replace("--", "--no-", 1)
            for flag, const, text in (
                (option.flag, "true", option.help),
                (off, "false", argparse.SUPPRESS),
            ):
                parser.add_argument(
                    flag, dest=option.name, action="store_const", const=const, help=text
                )
        else:
            parser.add_argument(
                option.flag, metavar=option.metavar, help=f"{option.help} ({option.default})"
            )
    return parser
