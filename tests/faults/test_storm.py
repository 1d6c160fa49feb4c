"""Every fault at once, on many connections: the same results each time, and nothing leaks."""

import asyncio
import gc
import json
import os
import random
import re
from pathlib import Path
from typing import Any

import pytest

from mockserver import Settings
from mockserver.faults.catalogue import faults
from mockserver.server.process import Server
from tests.faults.raw import request_bytes

REQUESTS = int(os.environ.get("STORM", "1500"))
CONNECTIONS = 150
TIMEOUT = 2.0
"""The timeout of a request, in seconds. It is long, because busy machines respond late."""

KEY = "sk-storm"
OPTIONS = {"latency": "; ms=5", "slow_body": "; bytes_per_second=20000"}
RULES = tuple(
    f"{name}{OPTIONS.get(name, '')}; probability=0.05{inject}"
    for name in faults()
    for inject in (
        ("; inject=after", "") if name in ("connection_reset", "truncated_body") else ("",)
    )
)


def requests(count: int) -> list[bytes]:
    """Return a mix of creates, some of them repeated, lists, and invalid requests."""
    random_source = random.Random(4)  # noqa: S311
    bodies: list[bytes] = []
    for number in range(count):
        kind = random_source.random()
        if kind < 0.7:
            name = str(number if kind < 0.6 else number % 10)
            bodies.append(request_bytes(KEY, {"model": "gpt-4o", "name": name}))
        elif kind < 0.9:
            bodies.append(request_bytes(KEY, line=f"GET /v1/assistants?limit={1 + number % 9}"))
        else:
            bodies.append(request_bytes(KEY, {"model": "gpt-4o", "top_p": number}))
    return bodies


async def send(port: int, request: bytes) -> bytes:
    """Send one request on a new connection, and return all bytes received."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    received = b""
    try:
        writer.write(request)
        async with asyncio.timeout(TIMEOUT):
            while not _is_whole(received) and (piece := await reader.read(65536)):
                received += piece
    except (TimeoutError, ConnectionError):
        pass
    finally:
        writer.close()
    return received


def _is_whole(received: bytes) -> bool:
    head, end, body = received.partition(b"\r\n\r\n")
    length = re.search(rb"Content-Length: (\d+)", head)
    return bool(end) and length is not None and len(body) >= int(length[1])


def outcome(received: bytes) -> str:
    """Return the result of a request, without its date and, for a list, without its body."""
    if not received.startswith(b"HTTP/1.1 "):
        return f"{len(received)} bytes that are not a response"
    if b'"object": "list"' in received:
        return "".join(re.findall(r"HTTP/1.1 \d+|x-request-id: .*", received.decode()))
    return re.sub(rb"Date: [^\r]+\r\n", b"", received).decode("latin-1")


async def storm(port: int, count: int) -> list[str]:
    gate = asyncio.Semaphore(CONNECTIONS)

    async def one(request: bytes) -> str:
        async with gate:
            return outcome(await send(port, request))

    return await asyncio.gather(*map(one, requests(count)))


async def run(count: int = REQUESTS) -> tuple[list[str], set[str], dict[str, int]]:
    """Return the outcomes of a storm on a new server, the stored ids, and the injected faults."""
    before = asyncio.all_tasks()
    server = Server(Settings(port=0, log="none", clock="frozen", seed=9, fault=RULES))
    port = int((await server.start()).rpartition(":")[2])
    outcomes = await storm(port, count)
    kept = await send(port, request_bytes(KEY, line="GET /_mock/state"))
    report = await send(port, request_bytes(KEY, line="GET /_mock/report"))
    await server.stop()
    for _ in range(20):
        await asyncio.sleep(0.01)
    assert asyncio.all_tasks() == before
    counts: Any = json.loads(report.partition(b"\r\n\r\n")[2])["faults"]
    ids = {one["id"] for one in json.loads(kept.partition(b"\r\n\r\n")[2])["assistants"]}
    return outcomes, ids, {name: one["injected"] for name, one in counts.items()}


def by_request(outcomes: list[str]) -> dict[bytes, list[str]]:
    """Return the sorted outcomes of each request: equal requests may be served in any order."""
    sorted_by: dict[bytes, list[str]] = {}
    for request, one in sorted(zip(requests(REQUESTS), outcomes, strict=True)):
        sorted_by.setdefault(request, []).append(one)
    return sorted_by


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts descriptors through /proc")
async def test_the_same_requests_fail_in_the_same_ways_and_nothing_is_lost() -> None:
    await run(10)  # so that modules and caches are loaded before the files are counted
    gc.collect()
    before = open_files()
    first, kept, injected = await run()
    second, kept_again, injected_again = await run()
    gc.collect()

    assert by_request(first) == by_request(second)
    assert (kept, injected) == (kept_again, injected_again)
    assert injected.keys() == {name for name, fault in faults().items() if fault.kind != "stream"}
    created = {
        json.loads(one.partition("\r\n\r\n")[2])["id"]
        for one in first
        if one.startswith("HTTP/1.1 200") and '"object": "assistant"' in one and one.endswith("}")
    }
    assert created
    assert created <= kept
    assert open_files() == before
