"""Servers compared with the first of them: rate, p99 and processor time, as ratios.

On a shared machine processor time is more reliable than wall time: a server with a core of its own
reaches the rate that its processor time for each request allows.
"""

import argparse
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from statistics import median

from benchmarks.load import Window
from benchmarks.servers import cpu_seconds, running

Load = Callable[[int, float], Window]
"""Takes the port of a server and a length in seconds; returns what came of so much load."""


def run(commands: Mapping[str, Sequence[str]], load: Load, arguments: argparse.Namespace) -> None:
    """Measure the servers in turn, window by window: a change of load then affects all of them."""
    names = tuple(commands)
    windows: dict[str, list[Window]] = {name: [] for name in names}
    cpu: dict[str, list[float]] = {name: [] for name in names}
    with ExitStack() as stack:
        servers = {
            name: stack.enter_context(running(command)) for name, command in commands.items()
        }
        for port, _ in servers.values():
            load(port, 1)  # to warm up
        for _ in range(arguments.windows):
            for name, (port, pid) in servers.items():
                before = cpu_seconds(pid)
                window = load(port, arguments.seconds)
                windows[name].append(window)
                cpu[name].append((cpu_seconds(pid) - before) / (window.rate * arguments.seconds))
    ratios = f"{'rate ratio':>12}{'p99 ratio':>11}{'cpu us':>9}{'cpu ratio':>11}"
    print(f"{'':28}{'requests/s':>12}{'p99 ms':>9}{ratios}")
    for name in names:
        rate = median(window.rate for window in windows[name])
        p99 = median(window.p99 for window in windows[name])
        pairs = list(zip(windows[name], windows[names[0]], strict=True))
        rate_ratio = median(ours.rate / bare.rate for ours, bare in pairs)
        p99_ratio = median(ours.p99 / bare.p99 for ours, bare in pairs)
        spent = median(cpu[name])
        ratio_columns = f"{rate_ratio:12.2f}{p99_ratio:11.2f}"
        cpu_columns = f"{spent * 1e6:9.1f}{median(cpu[names[0]]) / spent:11.2f}"
        print(f"{name:28}{rate:12.0f}{p99:9.2f}{ratio_columns}{cpu_columns}")
