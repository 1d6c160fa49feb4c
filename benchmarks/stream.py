"""A run that is streamed, compared with a bare aiohttp handler that writes the same chunks.

Each request creates a thread and streams its run, whose script says a text of a hundred words: a
hundred deltas, with no delay between them. A request is a whole stream.
"""

import argparse
import json
import re
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median

from benchmarks import load
from benchmarks.comparison import compare
from benchmarks.servers import MOCKSERVER, MOCKSERVER_JOURNAL, MOCKSERVER_LOGGING, running

BARE_STREAM = ("-m", "benchmarks.bare_stream", "{port}")
TEXT = " ".join(f"word{number}" for number in range(100))
STUB = {"then": {"run": [{"say": TEXT}]}}
FIRST_BYTES = 200
"""How many requests measure the time to the first byte."""


def run(arguments: argparse.Namespace) -> None:
    """Measure the servers in turn, window by window, and then the times to the first byte."""
    commands = {
        "no journal, no access log": MOCKSERVER,
        "journal, no access log": MOCKSERVER_JOURNAL,
        "journal and log (default)": MOCKSERVER_LOGGING,
    }
    with ExitStack() as stack:
        ours = {name: stack.enter_context(running(command)) for name, command in commands.items()}
        *_, request = [_prepare(port) for port, _ in ours.values()]
        bare = stack.enter_context(_bare(next(iter(ours.values()))[0], request))

        def stream(port: int, seconds: float) -> load.Window:
            return _stream(port, request, seconds, arguments.connections)

        compare({"bare aiohttp handler": bare, **ours}, stream, arguments)
        plain = request.replace(b'"stream": true', b'"stream":false')
        port, _ = ours["journal and log (default)"]
        first = _first_byte(port, request) / _first_byte(port, plain)
    print(f"\ntime to the first byte, of that of the run without a stream   {first:.2f}")


def _prepare(port: int) -> bytes:
    """Have the runs of a server say the text; return the request that streams one."""
    assistant = json.loads(_exchange(port, "/v1/assistants", load.BODY).partition(b"\r\n\r\n")[2])
    _exchange(port, "/_mock/stubs", json.dumps(STUB))
    body = {"assistant_id": assistant["id"], "stream": True}
    return load.http_request("POST", "/v1/threads/runs", json.dumps(body))


def _exchange(port: int, path: str, body: str) -> bytes:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(load.http_request("POST", path, body))
        return load.read_answer(connection)


@contextmanager
def _bare(port: int, request: bytes) -> Iterator[tuple[int, int]]:
    """Run the bare handler with the chunks of one stream of a server."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(request)
        body = load.read_answer(connection).partition(b"\r\n\r\n")[2].decode()
    events = re.findall(r"[0-9a-f]+\r\n(event: .*?\n\n)\r\n", body, re.DOTALL)
    with tempfile.TemporaryDirectory() as folder:
        chunks = Path(folder) / "chunks.json"
        chunks.write_text(json.dumps(events))
        with running((*BARE_STREAM, str(chunks))) as server:
            yield server


def _stream(port: int, request: bytes, seconds: float, connections: int) -> load.Window:
    """Stream as fast as possible for some seconds."""
    deadline = time.monotonic() + seconds
    requests = load.Requests(port, lambda _: request if time.monotonic() < deadline else None)
    requests.run(connections)
    return load.Window(len(requests.took) / seconds, load.percentile(requests.took, 0.99) * 1000)


def _first_byte(port: int, request: bytes) -> float:
    """Return the median time from the request to the first byte of the response, in seconds."""
    took = []
    with socket.create_connection(("127.0.0.1", port)) as connection:
        for _ in range(FIRST_BYTES):
            begin = time.perf_counter()
            connection.sendall(request)
            received = connection.recv(65536)
            took.append(time.perf_counter() - begin)
            load.read_answer(connection, received)
    return median(took)
