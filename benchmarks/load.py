"""Load on a server, with wrk where it is installed, otherwise with plain sockets."""

import json
import os
import re
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.servers import cores

KEY = "sk-benchmark"

HEADERS = {
    "Authorization": f"Bearer {KEY}",
    "OpenAI-Beta": "assistants=v2",
    "Content-Type": "application/json",
}
BODY = (
    '{"model":"gpt-4o","name":"Math Tutor",'
    '"instructions":"You are a personal math tutor. Write and run code to answer."}'
)

REPLAY = """
local requests, number = {%s}, -1
function request()
    -- The first is for wrk itself, which looks at it and does not send it.
    if number < 0 then number = 0; return requests[1] end
    local round, at = math.floor(number / #requests), number %% #requests
    number = number + 1
    return (requests[at + 1]:gsub("%s", "%s-" .. round, 1))
end
"""
"""wrk's program for `replay`: the requests, the key in them, and the one to send instead."""


LAST_CHUNK = b"\r\n0\r\n\r\n"


@dataclass
class Window:
    """The result of one window of load: requests a second, and p99 in milliseconds."""

    rate: float
    p99: float


def post(port: int, *, seconds: float, connections: int) -> Window:
    """Create assistants as fast as possible for `seconds` seconds."""
    if shutil.which("wrk"):
        headers = "".join(f"wrk.headers[{name!r}]={value!r}\n" for name, value in HEADERS.items())
        script = f"wrk.method='POST'\nwrk.path='/v1/assistants'\nwrk.body=[[{BODY}]]\n{headers}"
        return _wrk(port, seconds, connections, script)
    request = http_request("POST", "/v1/assistants", BODY)
    return _sockets(port, seconds, connections, lambda _: request)


def replay(
    port: int, requests: Sequence[bytes], key: str, *, seconds: float, connections: int
) -> Window:
    """Send requests in their order, as fast as possible, again and again for `seconds` seconds.

    Each round has a key of its own, which begins with `key`: so it finds no object of another.
    """
    if shutil.which("wrk"):
        # Lua reads the strings of JSON, as long as they are ASCII.
        texts = ",\n".join(json.dumps(request.decode()) for request in requests)
        return _wrk(port, seconds, connections, REPLAY % (texts, KEY.replace("-", "%-"), key))

    def make(number: int) -> bytes:
        turn, at = divmod(number, len(requests))
        return requests[at].replace(KEY.encode(), f"{key}-{turn}".encode())

    return _sockets(port, seconds, connections, make)


def http_request(method: str, path: str, body: str = "") -> bytes:
    """Return the bytes of an HTTP request."""
    content = body.encode()
    headers = HEADERS | {"Host": "127.0.0.1", "Content-Length": str(len(content))}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode() + content


@dataclass
class Requests:
    """Requests over raw sockets, with a thread for each connection.

    `make` is called with 0, 1, 2 and so on. It returns the request, or None to stop. `took` has the
    times of the requests in seconds, in order of their responses.
    """

    port: int
    make: Callable[[int], bytes | None]
    took: list[float] = field(default_factory=list)
    _next: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self, connections: int) -> None:
        """Send all requests over a number of connections."""
        before = os.sched_getaffinity(0)
        os.sched_setaffinity(0, cores()[1])
        threads = [threading.Thread(target=self._connection) for _ in range(connections)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        os.sched_setaffinity(0, before)

    def _connection(self) -> None:
        with socket.create_connection(("127.0.0.1", self.port)) as connection:
            while True:
                with self._lock:
                    number, self._next = self._next, self._next + 1
                request = self.make(number)
                if request is None:
                    return
                begin = time.perf_counter()
                connection.sendall(request)
                status = status_of(read_answer(connection))
                self.took.append(time.perf_counter() - begin)
                if status != 200:
                    raise SystemExit(f"expected status 200, got {status}")


def read_answer(connection: socket.socket, received: bytes = b"") -> bytes:
    """Read one response to its end and return it; `received` is what was read of it before."""
    while b"\r\n\r\n" not in received:
        received += connection.recv(65536)
    head = received.partition(b"\r\n\r\n")[0]
    length = re.search(rb"(?i)content-length: (\d+)", head)
    if length:
        end = len(head) + 4 + int(length[1])
        while len(received) < end:
            received += connection.recv(65536)
    elif b"chunked" in head:
        chunks = bytearray(received)
        while not chunks.endswith(LAST_CHUNK):
            chunks += connection.recv(65536)
        received = bytes(chunks)
    return received


def status_of(answer: bytes) -> int:
    """Return the status of a response."""
    return int(answer.split(b" ", 2)[1])


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that a share of all values, from 0 to 1, does not exceed."""
    return sorted(values)[min(int(len(values) * share), len(values) - 1)]


def _sockets(port: int, seconds: float, connections: int, make: Callable[[int], bytes]) -> Window:
    deadline = time.monotonic() + seconds
    requests = Requests(port, lambda number: make(number) if time.monotonic() < deadline else None)
    requests.run(connections)
    return Window(len(requests.took) / seconds, percentile(requests.took, 0.99) * 1000)


def _wrk(port: int, seconds: float, connections: int, program: str) -> Window:
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "program.lua"
        script.write_text(program)
        printed = subprocess.run(
            [
                *("wrk", "--latency", "-t1", f"-c{connections}", f"-d{max(round(seconds), 1)}s"),
                *("-s", str(script), f"http://127.0.0.1:{port}"),
            ],
            check=True,
            capture_output=True,
            text=True,
            preexec_fn=lambda: os.sched_setaffinity(0, cores()[1]),
        ).stdout
    if "Non-2xx" in printed or "Socket errors" in printed:
        raise SystemExit(printed)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", printed)
    p99 = re.search(r"99%\s+([\d.]+)(us|ms|s)", printed)
    if not rate or not p99:
        raise SystemExit(printed)
    scale = {"us": 0.001, "ms": 1.0, "s": 1000.0}[p99[2]]
    return Window(float(rate[1]), float(p99[1]) * scale)
