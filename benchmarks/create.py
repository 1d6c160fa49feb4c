"""Create Assistant beside a bare aiohttp handler: rate and p99, as ratios."""

import argparse
from contextlib import ExitStack
from importlib.util import find_spec
from statistics import median

from benchmarks import load
from benchmarks.servers import (
    BARE,
    MOCKSERVER,
    MOCKSERVER_JOURNAL,
    MOCKSERVER_LOGGING,
    MOCKSERVER_WITHOUT_UVLOOP,
    running,
)


def run(arguments: argparse.Namespace) -> None:
    """Measure in turn, window by window, so that a drifting machine drifts for all."""
    commands = {
        "bare aiohttp handler": BARE,
        "no journal, no access log": MOCKSERVER,
        "journal, no access log": MOCKSERVER_JOURNAL,
        "journal and log (default)": MOCKSERVER_LOGGING,
    }
    if find_spec("uvloop"):
        commands["the first, without uvloop"] = MOCKSERVER_WITHOUT_UVLOOP
    names = tuple(commands)
    windows: dict[str, list[load.Window]] = {name: [] for name in names}
    with ExitStack() as stack:
        ports = {
            name: stack.enter_context(running(command))[0] for name, command in commands.items()
        }
        for port in ports.values():
            load.post(port, seconds=1, connections=arguments.connections)  # to warm up
        for _ in range(arguments.windows):
            for name, port in ports.items():
                windows[name].append(
                    load.post(port, seconds=arguments.seconds, connections=arguments.connections)
                )
    print(f"{'':28}{'requests/s':>12}{'p99 ms':>9}{'rate ratio':>12}{'p99 ratio':>11}")
    for name in names:
        rate = median(window.rate for window in windows[name])
        p99 = median(window.p99 for window in windows[name])
        pairs = list(zip(windows[name], windows[names[0]], strict=True))
        rate_ratio = median(ours.rate / bare.rate for ours, bare in pairs)
        p99_ratio = median(ours.p99 / bare.p99 for ours, bare in pairs)
        print(f"{name:28}{rate:12.0f}{p99:9.2f}{rate_ratio:12.2f}{p99_ratio:11.2f}")
