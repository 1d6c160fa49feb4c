"""Create Assistant compared with a bare aiohttp handler."""

import argparse
from importlib.util import find_spec

from benchmarks import load
from benchmarks.comparison import compare_commands
from benchmarks.servers import (
    BARE,
    MOCKSERVER,
    MOCKSERVER_JOURNAL,
    MOCKSERVER_LOGGING,
    MOCKSERVER_WITHOUT_UVLOOP,
)


def run(arguments: argparse.Namespace) -> None:
    """Measure the server as it is, and without what costs most."""
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

    compare_commands(commands, create, arguments)
