"""Create Assistant compared with a bare aiohttp handler: rate, p99 and processor time, as ratios.

On a shared machine processor time is more reliable than wall time: a server with a core of its own
reaches the rate that its processor time for each request allows.
"""

import argparse
from contextlib import ExitStack
from importlib.util import find_spec

from benchmarks import load
from benchmarks.comparison import compare
from benchmarks.servers import (
    BARE,
    MOCKSERVER,
    MOCKSERVER_JOURNAL,
    MOCKSERVER_LOGGING,
    MOCKSERVER_WITHOUT_UVLOOP,
    running,
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
    with ExitStack() as stack:
        servers = {
            name: stack.enter_context(running(command)) for name, command in commands.items()
        }
        compare(
            servers,
            lambda port, seconds: load.post(
                port, seconds=seconds, connections=arguments.connections
            ),
            arguments,
        )
