"""A response that streams: events one by one, faults in its middle, and its end."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import pairwise
from typing import Any

import pytest

from tests.faults.raw import Line, request_bytes
from tests.server.streaming import streaming_server
from tests.support import Api, until

EVENTS = (
    b'event: tick\ndata: {"number":0}\n\n',
    b'event: tick\ndata: {"number":1}\n\n',
    b'event: tick\ndata: {"number":2}\n\n',
    b"event: done\ndata: [DONE]\n\n",
)


@pytest.fixture(scope="module")
def api() -> Iterator[Api]:
    with streaming_server() as running:
        yield running


@pytest.fixture(autouse=True)
def own_namespace(api: Api) -> Iterator[None]:
    yield
    api.delete("/_mock/namespace")


def get(path: str = "/v1/ticks", **headers: str) -> bytes:
    return request_bytes("sk-test", headers=headers, line=f"GET {path}")


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def entry(api: Api) -> Any:
    return api.get("/_mock/requests").json["requests"][0]


def test_each_event_is_a_chunk_of_its_own(api: Api) -> None:
    with Line(api.url) as line:
        line.send(get())
        seen = line.see(0.2)

    head = seen.received.partition(b"\r\n\r\n")[0].decode()
    assert seen.status == 200
    assert "Content-Type: text/event-stream; charset=utf-8" in head
    assert "Transfer-Encoding: chunked" in head
    assert "Content-Length" not in head
    assert seen.body == b"".join(map(chunk, EVENTS)) + b"0\r\n\r\n"
    assert seen.ending == "open"


def test_events_arrive_one_by_one_and_the_next_is_made_when_the_last_is_out(api: Api) -> None:
    with Line(api.url) as line:
        line.send(get("/v1/ticks?pause=0.15"))
        line.socket.settimeout(5)
        received, arrivals = b"", []
        while b"[DONE]" not in received:
            received += line.socket.recv(65536)
            arrivals.append((time.monotonic(), received.count(b"event: tick")))

    firsts = [next(at for at, ticks in arrivals if ticks >= number) for number in (1, 2, 3)]
    assert all(later - earlier > 0.05 for earlier, later in pairwise(firsts))


def test_the_connection_goes_on_after_a_stream(api: Api) -> None:
    with Line(api.url) as line:
        line.send(get())
        assert line.see(0.2).body.endswith(b"0\r\n\r\n")
        line.send(get("/v1/models"))
        assert line.see(0.2).status == 200


def test_before_http_1_1_the_end_of_a_stream_is_the_end_of_the_connection(api: Api) -> None:
    with Line(api.url) as line:
        line.send(get().replace(b"HTTP/1.1", b"HTTP/1.0", 1))
        seen = line.see()

    assert b"chunked" not in seen.received
    assert seen.body == b"".join(EVENTS)
    assert seen.ending == "FIN"


def test_a_client_that_closes_the_connection_afterwards_still_gets_chunks(api: Api) -> None:
    with Line(api.url) as line:
        line.send(get(Connection="close"))
        seen = line.see()

    assert seen.body == b"".join(map(chunk, EVENTS)) + b"0\r\n\r\n"
    assert seen.ending == "FIN"


def test_a_head_request_gets_the_head_alone(api: Api) -> None:
    api.post("/_mock/stubs", {"when": {"path": "/v1/ticks"}, "then": "default"})
    with Line(api.url) as line:
        line.send(request_bytes("sk-test", line="HEAD /v1/ticks"))
        seen = line.see(0.2)

    assert seen.status == 405
    assert seen.body == b""


@pytest.mark.parametrize("after_bytes", [0, 100, 400])
def test_a_reset_in_the_middle_of_a_stream_is_an_rst(api: Api, after_bytes: int) -> None:
    with Line(api.url) as line:
        fault = f"connection_reset; after_bytes={after_bytes}"
        line.send(
            get("/v1/ticks?pause=0.01&events=30", **{"X-Mock-Fault": f"{fault}; inject=after"})
        )
        seen = line.see(2)

    assert seen.ending == "RST"
    assert len(seen.received) == after_bytes
    until(lambda: entry(api)["response"]["completed"] is False)


def test_latency_comes_before_the_first_byte_of_a_stream(api: Api) -> None:
    with Line(api.url) as line:
        line.send(get(**{"X-Mock-Fault": "latency; ms=200"}))
        begin = time.monotonic()
        line.socket.settimeout(5)
        assert line.socket.recv(1)
        assert time.monotonic() - begin > 0.15
        assert line.see(0.2).received.endswith(b"0\r\n\r\n")


def test_the_journal_has_what_went_out_once_the_stream_is_over(api: Api) -> None:
    with Line(api.url) as line:
        line.send(get("/v1/ticks?pause=0.2"))
        line.socket.settimeout(5)
        line.socket.recv(1)
        under_way = entry(api)
        line.see(0.5)
    over = entry(api)

    assert under_way["operation"] == "streamTicks"
    assert under_way["response"]["completed"] is None
    assert over["response"]["completed"] is True
    assert over["response"]["body"] == [
        {"event": "tick", "data": {"number": 0}},
        {"event": "tick", "data": {"number": 1}},
        {"event": "tick", "data": {"number": 2}},
        {"event": "done", "data": "[DONE]"},
    ]


def test_the_journal_entry_is_closed_when_the_client_has_gone(api: Api) -> None:
    with Line(api.url) as line:
        line.send(get("/v1/ticks?pause=0.1&events=100"))
        line.socket.settimeout(5)
        line.socket.recv(1)
    until(lambda: entry(api)["response"]["completed"] is False)

    assert 0 < len(entry(api)["response"]["body"]) < 100


def test_a_stream_whose_status_allows_no_body_has_none_and_its_entry_is_closed(api: Api) -> None:
    api.post("/_mock/stubs", {"when": {"path": "/v1/ticks"}, "then": {"status": 204}})
    with Line(api.url) as line:
        line.send(get())
        seen = line.see(0.2)

    assert (seen.status, seen.body, seen.ending) == (204, b"", "open")
    assert entry(api)["response"]["completed"] is True


def test_many_streams_go_on_side_by_side(api: Api) -> None:
    def under_way() -> int:
        entries = api.get("/_mock/requests").json["requests"]
        return sum(one["response"]["completed"] is None for one in entries)

    with ExitStack() as stack:
        lines = [stack.enter_context(Line(api.url)) for _ in range(50)]
        for line in lines:
            line.send(get("/v1/ticks?pause=0.5", Connection="close"))
        until(lambda: under_way() == len(lines))
        seen = [line.see(5) for line in lines]

    assert all(one.body.endswith(b"0\r\n\r\n") for one in seen)


def test_sigterm_ends_a_stream_and_the_process_in_under_a_second() -> None:
    command = [sys.executable, "-m", "tests.server.streaming", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    url = process.stdout.readline().strip()
    with Line(url) as waiting, Line(url) as busy:
        waiting.send(get("/v1/ticks?pause=60"))
        busy.send(get("/v1/ticks?pause=0.01&events=1000000"))
        busy.socket.settimeout(5)
        assert b"200" in busy.socket.recv(65536)
        begin = time.monotonic()
        process.terminate()
        _, errors = process.communicate(timeout=10)

    assert process.returncode == 0
    assert time.monotonic() - begin < 1
    assert "Traceback" not in errors
