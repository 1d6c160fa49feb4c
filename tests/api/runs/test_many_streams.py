"""Many streams at once: none disturbs another, and nothing of them is left."""

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.api.conversation import THREADS, thread
from tests.api.streams import Listening, assistant, names, script, split
from tests.faults.raw import Line, request_bytes
from tests.support import Api, until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="asks the system for memory"),
]

TEXT = " ".join(map(str, range(20)))
STREAMS, STALLED = 500, 200
KIB_OF_40_MIB = 40 * 1024
BODY = {"thread": {"messages": [{"role": "user", "content": "a"}]}, "stream": True}

Process = subprocess.Popen[str]


@pytest.fixture
def process() -> Iterator[Process]:
    """Run a server in a process of its own."""
    command = [sys.executable, "-m", "mockserver", "--port", "0", "--log", "none"]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    yield running
    running.kill()
    running.communicate()


@pytest.fixture
def api(process: Process) -> Api:
    assert process.stdout is not None
    return Api(process.stdout.readline().strip())


def memory(process: Process) -> int:
    """Return the memory of a process, in KiB."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0])


def descriptors(process: Process) -> int:
    return len(list(Path(f"/proc/{process.pid}/fd").iterdir()))


def conversations(api: Api, items: Any, number: int, fault: str = "") -> list[bytes]:
    """Return requests that each stream a run of its own, ten of them under one key.

    Many more under one key would move its clock so far that its runs expired.
    """
    requests = []
    for at in range(number // 10):
        own = replace(api, key=f"sk-{os.urandom(8).hex()}-{at}")
        script(own, *items)
        given = {"Connection": "close"} | ({"X-Mock-Fault": fault} if fault else {})
        body = {"assistant_id": assistant(own), **BODY}
        requests += [request_bytes(str(own.key), body, given, f"POST {THREADS}/runs")] * 10
    return requests


async def heard(api: Api, request: bytes) -> bytes:
    """Send a request, and return the response up to the end of the connection."""
    parts = urlsplit(api.url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    writer.write(request)
    received = await reader.read(-1)
    writer.close()
    return received


def at_once(api: Api, requests: list[bytes]) -> list[bytes]:
    """Send requests side by side, and return their responses."""

    async def all_of_them() -> list[bytes]:
        return await asyncio.gather(*(heard(api, request) for request in requests))

    return asyncio.run(all_of_them())


def is_whole(response: bytes) -> bool:
    """Return whether a response has its whole text, in order, and the end of its run."""
    head, _, chunks = response.partition(b"\r\n\r\n")
    events = split(b"".join(chunks.split(b"\r\n")[1::2]))
    deltas = [one.data["delta"]["content"][0] for one in events if one.name.endswith("e.delta")]
    text = "".join(part["text"]["value"] for part in deltas)
    ends = tuple(names(events))[-2:] == ("run.completed", "done")
    return b" 200 " in head and len(deltas) == 20 and text == TEXT and ends


def test_many_streams_are_whole_also_beside_many_that_are_silent(
    process: Process, api: Api
) -> None:
    items = [{"say": TEXT, "delay": "5ms"}]
    at_once(api, conversations(api, items, 50))
    before, opened = memory(process), descriptors(process)

    responses = at_once(api, conversations(api, items, STREAMS))
    assert sum(map(is_whole, responses)) == STREAMS

    with ExitStack() as held:
        for request in conversations(api, items, STALLED, "stream_stall"):
            held.enter_context(Line(api.url)).send(request)
        more = conversations(api, items, 100)
        begin = time.monotonic()
        responses = at_once(api, more)
        took = time.monotonic() - begin
        assert sum(map(is_whole, responses)) == 100
        assert descriptors(process) >= opened + STALLED
    assert took < 5
    until(lambda: descriptors(process) <= opened)
    replace(api, key=None).delete("/_mock/namespace")
    assert memory(process) - before < KIB_OF_40_MIB


def test_a_reader_that_takes_nothing_holds_nobody_up_and_costs_no_memory(
    process: Process, api: Api
) -> None:
    script(api, {"say": "x" * 250_000, "deltas": 1})  # some fifty megabytes of events
    path, body = (
        f"{THREADS}/{thread(api, 'a')}/runs",
        {
            "assistant_id": assistant(api),
            "stream": True,
        },
    )
    with Line(api.url) as idle:
        idle.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        before = memory(process)
        idle.send(request_bytes(str(api.key), body, {}, f"POST {path}"))
        time.sleep(0.7)
        assert memory(process) - before < KIB_OF_40_MIB
        script(api, {"say": "short"})
        begin = time.monotonic()
        with Listening(api, f"{THREADS}/{thread(api, 'b')}/runs", body) as other:
            assert other.rest()[-1].name == "done"
        assert time.monotonic() - begin < 3
        assert api.get(path).json["data"][0]["status"] == "in_progress"


def test_sigterm_ends_all_streams_in_under_a_second(process: Process, api: Api) -> None:
    items = [{"say": "x " * 10_000, "delay": "1ms"}, {"wait": "1h"}]
    faults = (
        *("", "stream_stall", "slow_body; bytes_per_second=10", "hang; inject=after"),
        "latency; ms=0; between_ms=900",
    )
    requests = [one for fault in faults for one in conversations(api, items, 40, fault)]
    everyone = replace(api, key=None)
    search = "/_mock/requests?operation=createThreadAndRun&limit=300"
    with ExitStack() as stack:
        lines = [stack.enter_context(Line(api.url)) for _ in requests]
        for line, request in zip(lines, requests, strict=True):
            line.send(request)
        until(lambda: len(everyone.get(search).json["requests"]) == len(requests))
        begin = time.monotonic()
        process.terminate()
        _, errors = process.communicate(timeout=10)

    assert time.monotonic() - begin < 1
    assert (process.returncode, errors) == (0, "")
