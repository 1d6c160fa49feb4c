"""The servers to measure, each in a process of its own that is pinned to the first core."""

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence

BARE = ("-m", "benchmarks.bare", "{port}")
_WITHOUT_UVLOOP = (
    "import sys; sys.modules['uvloop'] = None; from mockserver.cli import main; sys.exit(main())"
)
_QUIET = ("--port", "{port}", "--log", "none")
MOCKSERVER = ("-m", "mockserver", *_QUIET, "--journal", "0")
MOCKSERVER_JOURNAL = ("-m", "mockserver", *_QUIET)
MOCKSERVER_LOGGING = ("-m", "mockserver", "--port", "{port}")
MOCKSERVER_WITHOUT_UVLOOP = ("-c", _WITHOUT_UVLOOP, *_QUIET, "--journal", "0")


def cores() -> tuple[set[int], set[int]]:
    """Return the cores for the server and those for the load."""
    server, *rest = sorted(os.sched_getaffinity(0))
    return {server}, set(rest) or {server}


@contextlib.contextmanager
def running(command: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Run a server on a free port; yield the port and the id of the process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, *(part.format(port=port) for part in command)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.sched_setaffinity(process.pid, cores()[0])
    try:
        _wait_for(port, process)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(10)


def resident_bytes(pid: int) -> int:
    """Return the resident memory of a process, in bytes."""
    with open(f"/proc/{pid}/statm") as file:  # noqa: PTH123  not a path of a user
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def cpu_seconds(pid: int) -> float:
    """Return the processor time that a process has used, in seconds."""
    with open(f"/proc/{pid}/stat") as file:  # noqa: PTH123  not a path of a user
        ticks = file.read().rpartition(")")[2].split()[11:13]
    return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.02)
    raise SystemExit(f"no server on port {port} after 10 s: {process.args!r}")
