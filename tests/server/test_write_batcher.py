"""Answers of one turn go out together, each connection's in order."""

import asyncio
import json
import re
from typing import cast

from aiohttp.test_utils import TestServer

from mockserver import create_app
from mockserver.server.write_batcher import WriteBatcher
from tests.faults.raw import request_bytes


class Line:
    """A transport that only notes what is written."""

    def __init__(self, written: list[bytes], *, closing: bool = False) -> None:
        self.written = written
        self.closing = closing

    def write(self, data: bytes) -> None:
        self.written.append(data)

    def is_closing(self) -> bool:
        return self.closing


async def test_what_is_added_goes_out_with_the_end_of_the_turn_and_in_order() -> None:
    written: list[bytes] = []
    batcher, line = WriteBatcher(), cast("asyncio.Transport", Line(written))
    batcher.add(line, b"1")
    batcher.add(line, b"2")

    assert written == []
    await asyncio.sleep(0)
    assert written == [b"1", b"2"]
    await asyncio.sleep(0)
    assert written == [b"1", b"2"]


async def test_what_waits_can_be_sent_at_once() -> None:
    written: list[bytes] = []
    batcher = WriteBatcher()
    batcher.add(cast("asyncio.Transport", Line(written)), b"1")
    batcher.flush()

    assert written == [b"1"]


async def test_nothing_is_written_to_a_client_that_has_gone() -> None:
    written: list[bytes] = []
    batcher = WriteBatcher()
    batcher.add(cast("asyncio.Transport", Line(written, closing=True)), b"1")
    batcher.flush()

    assert written == []


async def test_pipelined_answers_come_in_the_order_of_their_requests() -> None:
    requests = b"".join(
        request_bytes(
            "sk-a",
            {"model": "gpt-4o", "name": str(number)},
            {"X-Mock-Fault": "latency; ms=1"} if number % 7 == 3 else {},
        )
        for number in range(60)
    )
    async with TestServer(create_app()) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(requests)
        names: list[str] = []
        while len(names) < 60:
            head = await reader.readuntil(b"\r\n\r\n")
            [length] = re.findall(rb"Content-Length: (\d+)", head)
            names.append(json.loads(await reader.readexactly(int(length)))["name"])
        writer.close()

    assert names == [str(number) for number in range(60)]
