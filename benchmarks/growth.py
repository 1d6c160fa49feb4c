"""The speed of a server with a hundred thousand assistants, compared with that of an empty one."""

import argparse
import json
import time
from http.client import HTTPConnection
from statistics import median

from benchmarks import load
from benchmarks.servers import MOCKSERVER, resident_bytes, running

PAGE_SIZE = 100


def run(arguments: argparse.Namespace) -> None:
    """Create assistants one by one, then read pages at the start, the middle and the end."""
    objects = arguments.objects
    with running(MOCKSERVER) as (port, pid):

        def create(number: int) -> bytes | None:
            if number >= objects:
                return None
            body = json.dumps({"model": "gpt-4o", "name": f"Assistant {number}"})
            return load.http_request("POST", "/v1/assistants", body)

        _send_repeatedly(port, load.http_request("GET", "/v1/assistants"), 2000)  # to warm up
        before = resident_bytes(pid)
        requests = load.Requests(port, create)
        begin = time.perf_counter()
        requests.run(1)
        elapsed = time.perf_counter() - begin
        print(f"created {objects} assistants in {elapsed:.1f} s")
        start = load.percentile(requests.took[:1000], 0.99)
        for name, part in (("first 1000", requests.took[:1000]), ("all", requests.took)):
            p99 = load.percentile(part, 0.99)
            print(f"p99 of {name:12}{p99 * 1000:8.2f} ms   {p99 / start:5.2f} of the first 1000")
        grown = (resident_bytes(pid) - before) / objects
        print(f"memory for each   {grown:8.0f} bytes")
        cursors = _cursors(port)
        start = 0.0
        for name, cursor in zip(("start", "middle", "end"), cursors, strict=True):
            request = load.http_request("GET", f"/v1/assistants?limit={PAGE_SIZE}&after={cursor}")
            took = median(_send_repeatedly(port, request, 500))
            start = start or took
            print(f"page at the {name:8}{took * 1000:8.2f} ms   {took / start:5.2f} of the start")


def _send_repeatedly(port: int, request: bytes, times: int) -> list[float]:
    requests = load.Requests(port, lambda number: request if number < times else None)
    requests.run(1)
    return requests.took


def _cursors(port: int) -> tuple[str, str, str]:
    """Return the cursors of the second, middle and last full page of the whole list."""
    connection = HTTPConnection("127.0.0.1", port)
    cursors: list[str] = []
    more, query = True, f"limit={PAGE_SIZE}"
    while more:
        connection.request("GET", f"/v1/assistants?{query}", headers=load.HEADERS)
        page = json.load(connection.getresponse())
        more = page["has_more"]
        cursors.append(page["last_id"])
        query = f"limit={PAGE_SIZE}&after={page['last_id']}"
    connection.close()
    return cursors[0], cursors[len(cursors) // 2], cursors[-2]
