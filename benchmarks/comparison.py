"""Several servers under the same load: rate, p99 and processor time, as ratios to the first one."""

import argparse
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from statistics import median

from benchmarks.load import Window
from benchmarks.servers import cpu_seconds, running

Load = Callable[[int, float], Window]
"""Puts a server under load: takes its port, and how long, in seconds."""


def compare_commands(
    commands: Mapping[str, Sequence[str]], load: Load, arguments: argparse.Namespace
) -> None:
    """Start servers, each by its command, and measure them as `compare` does."""
    with ExitStack() as stack:
        servers = {
            name: stack.enter_context(running(command)) for name, command in commands.items()
        }
        compare(servers, load, arguments)


def compare(
    servers: Mapping[str, tuple[int, int]], load: Load, arguments: argparse.Namespace
) -> None:
    """Measure servers, each a port and a process id, and print a row for each.

    They are measured in turn, window by window: a change of load then affects all of them.
    """
    windows: dict[str, list[Window]] = {name: [] for name in servers}
    cpu: dict[str, list[float]] = {name: [] for name in servers}
    for port, _ in servers.values():
        load(port, 1.0)  # to warm up
    for _ in range(arguments.windows):
        for name, (port, pid) in servers.items():
            before = cpu_seconds(pid)
            window = load(port, arguments.seconds)
            if not window.rate:
                raise SystemExit(f"{name}: no response in {arguments.seconds} s")
            windows[name].append(window)
            cpu[name].append((cpu_seconds(pid) - before) / (window.rate * arguments.seconds))
    _print(windows, cpu)


def _print(windows: Mapping[str, list[Window]], cpu: Mapping[str, list[float]]) -> None:
    first = next(iter(windows))
    ratios = f"{'rate ratio':>12}{'p99 ratio':>11}{'cpu us':>9}{'cpu ratio':>11}"
    print(f"{'':28}{'requests/s':>12}{'p99 ms':>9}{ratios}")
    for name in windows:
        rate = median(window.rate for window in windows[name])
        p99 = median(window.p99 for window in windows[name])
        pairs = list(zip(windows[name], windows[first], strict=True))
        rate_ratio = median(ours.rate / bare.rate for ours, bare in pairs)
        p99_ratio = median(ours.p99 / bare.p99 for ours, bare in pairs)
        spent = median(cpu[name])
        ratio_columns = f"{rate_ratio:12.2f}{p99_ratio:11.2f}"
        cpu_columns = f"{spent * 1e6:9.1f}{median(cpu[first]) / spent:11.2f}"
        print(f"{name:28}{rate:12.0f}{p99:9.2f}{ratio_columns}{cpu_columns}")
