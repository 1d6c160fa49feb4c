"""The cost of connections that the fault `hang` keeps open: rate, memory, and time to stop."""

import argparse
import contextlib
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from statistics import median

from benchmarks import load
from benchmarks.servers import MOCKSERVER_JOURNAL, resident_bytes, running


def run(arguments: argparse.Namespace) -> None:
    """Measure the rate without and with held connections in turn, on one server."""
    without, held, grown = [], [], []
    with running(MOCKSERVER_JOURNAL) as (port, pid):
        load.post(port, seconds=1, connections=arguments.connections)  # to warm up
        for _ in range(arguments.windows):
            without.append(_window(port, arguments))
            before = resident_bytes(pid)
            with _holding(port, arguments.held):
                grown.append(resident_bytes(pid) - before)
                held.append(_window(port, arguments))
        ratio = median(
            with_held.rate / alone.rate for with_held, alone in zip(held, without, strict=True)
        )
    print(f"{arguments.held} connections held by `hang`")
    print(f"rate of the others, of that without   {ratio:.2f}")
    print(f"memory of the held                    {max(grown) / 1e6:.1f} MB")
    print(f"from SIGTERM to the end, all held     {_time_to_stop(arguments.held):.2f} s")


def _window(port: int, arguments: argparse.Namespace) -> load.Window:
    return load.post(port, seconds=arguments.seconds, connections=arguments.connections)


@contextlib.contextmanager
def _holding(port: int, count: int) -> Iterator[None]:
    request = load.http_request("POST", "/v1/assistants", '{"model":"fault:hang"}')
    with contextlib.ExitStack() as stack:
        for _ in range(count):
            line = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
            line.sendall(request)
        time.sleep(0.5)
        yield
    time.sleep(0.5)  # until the server has seen that they are gone


def _time_to_stop(count: int) -> float:
    command = [sys.executable, "-m", "mockserver", "--port", "0", "--log", "none"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None  # noqa: S101
        port = int(process.stdout.readline().rpartition(":")[2])
        with _holding(port, count):
            begin = time.monotonic()
            process.send_signal(signal.SIGTERM)
            process.wait(10)
            return time.monotonic() - begin
