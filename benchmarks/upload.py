"""The upload of a megabyte compared with a bare aiohttp handler that reads the form.

Ours replaces one and the same file, by a stub that fixes its id: so nothing fills up.
"""

import argparse
import json
import time
from http.client import HTTPConnection
from importlib.util import find_spec

from benchmarks.comparison import compare_commands
from benchmarks.load import HEADERS, Requests, Window, percentile
from benchmarks.servers import (
    BARE,
    MOCKSERVER,
    MOCKSERVER_LOGGING,
    MOCKSERVER_WITHOUT_UVLOOP,
)

FILE_BYTES = 2**20
BOUNDARY = "a-boundary-of-the-benchmark"
STUB = {"when": {"operation": "createFile"}, "then": {"body": {"id": "file-fixed"}}}


def run(arguments: argparse.Namespace) -> None:
    """Measure each of our ways to run beside the handler."""
    commands = {
        "bare aiohttp handler": BARE,
        "no journal, no access log": MOCKSERVER,
        "journal and log (default)": MOCKSERVER_LOGGING,
    }
    if find_spec("uvloop"):
        commands["the first, without uvloop"] = MOCKSERVER_WITHOUT_UVLOOP
    request = _request()

    def upload(port: int, seconds: float) -> Window:
        _fix_id(port)
        deadline = time.monotonic() + seconds
        requests = Requests(port, lambda _: request if time.monotonic() < deadline else None)
        requests.run(arguments.connections)
        return Window(len(requests.took) / seconds, percentile(requests.took, 0.99) * 1000)

    compare_commands(commands, upload, arguments)


def _fix_id(port: int) -> None:
    """Add the stub to one of our servers; the bare handler has no such path."""
    connection = HTTPConnection("127.0.0.1", port)
    headers = {"Content-Type": "application/json"}
    connection.request("DELETE", "/_mock/stubs")
    connection.getresponse().read()
    connection.request("POST", "/_mock/stubs", json.dumps(STUB), headers)
    connection.getresponse().read()
    connection.close()


def _request() -> bytes:
    part = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="'
    content = b"".join(
        (
            f'{part}purpose"\r\n\r\nassistants\r\n'.encode(),
            f'{part}file"; filename="a.bin"\r\n\r\n'.encode(),
            bytes(range(256)) * (FILE_BYTES // 256),
            f"\r\n--{BOUNDARY}--\r\n".encode(),
        )
    )
    headers = HEADERS | {
        "Host": "127.0.0.1",
        "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
        "Content-Length": str(len(content)),
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"POST /v1/files HTTP/1.1\r\n{lines}\r\n".encode() + content
