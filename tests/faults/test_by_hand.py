"""Faults as curl reports them, and how a server closes held connections."""

import asyncio
import subprocess
import time

import pytest
from aiohttp.test_utils import TestServer

from mockserver import BackgroundServer, Settings, create_app
from tests.faults.raw import Line, request_bytes
from tests.support import Api, until

REPORTS = [
    ("connection_reset", (), 56, "reset by peer"),
    ("truncated_body", (), 18, "transfer closed with"),
    ("hang", ("--max-time", "1"), 28, "timed out"),
    ("empty_reply", (), 52, "Empty reply from server"),
]


@pytest.mark.parametrize(("fault", "flags", "status", "words"), REPORTS)
def test_curl_reports_the_fault_and_the_next_request_works(
    api: Api, fault: str, flags: tuple[str, ...], status: int, words: str
) -> None:
    done = subprocess.run(
        ["curl", "-sS", *flags, f"{api.url}/v1/models", "-H", f"X-Mock-Fault: {fault}"],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert done.returncode == status
    assert words in done.stderr
    assert api.get("/v1/models").status == 200


HOLDING = ["hang", "latency; ms=60000", "slow_body; bytes_per_second=1", "wrong_content_length"]


@pytest.mark.parametrize("fault", HOLDING)
def test_a_server_that_stops_closes_held_connections(fault: str) -> None:
    server = BackgroundServer(Settings(port=0, log="none")).start()
    with Line(server.url) as line:
        line.send(request_bytes("sk-a", {"model": "gpt-4o"}, {"X-Mock-Fault": fault}))
        time.sleep(0.1)
        begin = time.monotonic()
        server.stop()
        assert time.monotonic() - begin < 1
        assert line.see().ending in ("FIN", "RST")


def test_a_response_that_is_nearly_due_is_sent_before_the_server_stops() -> None:
    server = BackgroundServer(Settings(port=0, log="none")).start()
    with Line(server.url) as line:
        line.send(request_bytes("sk-a", {"model": "gpt-4o"}, {"X-Mock-Fault": "latency; ms=200"}))
        until(lambda: Api(server.url, "sk-a").get("/_mock/requests").json["requests"])
        server.stop()

        assert line.see().status == 200


@pytest.mark.parametrize("fault", HOLDING)
async def test_an_application_that_stops_closes_held_connections(fault: str) -> None:
    async with TestServer(create_app()) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(request_bytes("sk-a", {"model": "gpt-4o"}, {"X-Mock-Fault": fault}))
        await asyncio.sleep(0.1)
        begin = time.monotonic()
    await reader.read()
    writer.close()

    assert time.monotonic() - begin < 2
