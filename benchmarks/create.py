"""Create Assistant compared with a bare aiohttp handler."""

import argparse
from importlib.util import find_spec

from benchmarks import compare, load
from benchmarks.servers import (
    BARE,
    MOCKSERVER,
    MOCKSERVER_JOURNAL,
    MOCKSERVER_LOGGING,
    MOCKSERVER_WITHOUT_UVLOOP,
)


def run(arguments: argparse.Namespace) -> None:
    """Measure each of our ways to run beside the handler."""
    commands = {
        "bare aiohttp handler": BARE,
        "no journal, no access log": MOCKSERVER,
        "journal, no access log": MOCKSERVER_JOURNAL,
        "journal and log (default)": MOCKSERVER_LOGGING,
    }
    if find_spec("uvloop"):
        commands["the first, without uvloop"] = MOCKSERVER_WITHOUT_UVLOOP

    def create(port: int, seconds: float) -> load.Window:
        return load.post(port, seconds=seconds, connections=arguments.connections)

    compare.run(commands, create, arguments)
