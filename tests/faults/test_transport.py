"""Transport faults, as a raw socket sees them."""

import json
import time
from itertools import pairwise
from typing import Any

import pytest

from mockserver.faults.catalogue import TRANSPORT
from tests.faults.raw import Line, Seen, ask, request_bytes
from tests.support import Api

HEADER = "X-Mock-Fault"
SPOILED = [fault.name for fault in TRANSPORT if not fault.needs_handler]


def stored(api: Api) -> list[Any]:
    found: list[Any] = api.get("/v1/assistants").json["data"]
    return found


def see(api: Api, fault: str) -> Seen:
    assert api.key is not None
    return ask(api.url, api.key, fault)


def test_a_reset_sends_an_rst_and_nothing_before_it(api: Api) -> None:
    seen = see(api, "connection_reset")

    assert (seen.received, seen.ending) == (b"", "RST")


@pytest.mark.parametrize("length", [1, 9, 300])
def test_a_reset_may_follow_a_number_of_bytes(api: Api, length: int) -> None:
    seen = see(api, f"connection_reset; after_bytes={length}")

    assert (len(seen.received), seen.ending) == (length, "RST")
    assert b"HTTP/1.1 200 OK\r\n".startswith(seen.received[:17])


def test_an_empty_reply_sends_a_fin_and_nothing_before_it(api: Api) -> None:
    seen = see(api, "empty_reply")

    assert (seen.received, seen.ending) == (b"", "FIN")


def test_a_truncated_body_ends_inside_the_body(api: Api) -> None:
    seen = see(api, "truncated_body")

    assert (seen.status, seen.ending) == (200, "FIN")
    assert len(seen.body) == seen.announced // 2


@pytest.mark.parametrize(("after_bytes", "sent"), [(0, 0), (7, 7), (1_000_000, 331)])
def test_a_truncated_body_may_have_a_length(api: Api, after_bytes: int, sent: int) -> None:
    seen = see(api, f"truncated_body; after_bytes={after_bytes}; inject=after")

    assert (len(seen.body), seen.announced, seen.ending) == (sent, 332, "FIN")


def test_a_content_length_that_is_too_large_leaves_the_client_waiting(api: Api) -> None:
    seen = see(api, "wrong_content_length; by=16")

    assert (seen.status, seen.ending) == (200, "open")
    assert seen.announced == len(seen.body) + 16


def test_a_content_length_that_is_too_small_leaves_stray_bytes_before_the_next_response(
    api: Api, key: str
) -> None:
    body = {"model": "gpt-4o"}
    with Line(api.url) as line:
        line.send(request_bytes(key, body, {HEADER: "wrong_content_length; by=-16"}))
        first = line.see(0.3)
        line.send(request_bytes(key, body))
        second = line.see(0.3)

    assert first.announced == len(first.body) - 16
    assert (second.status, len(second.body)) == (200, 332)


def test_malformed_json_is_complete_but_not_json(api: Api) -> None:
    seen = see(api, "malformed_json; inject=after")

    assert (seen.status, seen.announced) == (200, len(seen.body))
    with pytest.raises(json.JSONDecodeError):
        json.loads(seen.body)


def test_a_garbage_status_line_is_not_http(api: Api) -> None:
    seen = see(api, "garbage_status_line")

    assert (seen.status, seen.ending) == (None, "FIN")
    assert seen.received


def test_a_hanging_server_says_nothing_and_keeps_the_connection(api: Api) -> None:
    seen = see(api, "hang")

    assert (seen.received, seen.ending) == (b"", "open")


def test_latency_delays_the_normal_response(api: Api) -> None:
    begin = time.monotonic()
    reply = api.post("/v1/assistants", {"model": "gpt-4o"}, headers={HEADER: "latency; ms=150"})

    assert time.monotonic() - begin >= 0.15
    assert stored(api) == [reply.json]


def test_a_slow_body_keeps_its_rate(api: Api, key: str) -> None:
    came: list[tuple[float, int]] = []
    with Line(api.url) as line:
        line.send(
            request_bytes(key, {"model": "gpt-4o"}, {HEADER: "slow_body; bytes_per_second=600"})
        )
        head = b""
        while b"\r\n\r\n" not in head:
            head += line.socket.recv(1)
        begin, got = time.monotonic(), 0
        while got < 332:
            got += len(line.socket.recv(65536))
            came.append((time.monotonic() - begin, got))

    assert got == 332
    assert all(got <= 600 * (at + 0.05) for at, got in came)  # never ahead of the clock
    assert came[-1][0] >= 332 / 600 - 0.05
    assert max(after - before for (before, _), (after, _) in pairwise(came)) < 0.5
    assert len(stored(api)) == 1


@pytest.mark.parametrize("fault", SPOILED)
def test_a_fault_before_the_handler_stores_nothing(api: Api, fault: str) -> None:
    see(api, fault)

    assert stored(api) == []


@pytest.mark.parametrize("fault", SPOILED)
def test_a_fault_after_the_handler_leaves_the_object(api: Api, fault: str) -> None:
    see(api, f"{fault}; inject=after")

    assert len(stored(api)) == 1


def test_an_error_fault_may_be_injected_after_the_handler(api: Api) -> None:
    seen = see(api, "gateway_timeout; inject=after")

    assert seen.status == 504
    assert len(stored(api)) == 1


@pytest.mark.parametrize("fault", [fault.name for fault in TRANSPORT])
def test_the_next_request_succeeds(api: Api, fault: str) -> None:
    see(api, f"{fault}; ms=10" if fault == "latency" else fault)

    assert api.post("/v1/assistants", {"model": "gpt-4o"}).status == 200


@pytest.mark.parametrize(
    ("fault", "ending"),
    [("connection_reset", "RST"), ("empty_reply", "FIN"), ("hang", "open")],
)
def test_earlier_responses_are_sent_first(api: Api, key: str, fault: str, ending: str) -> None:
    plain = request_bytes(key, {"model": "gpt-4o"})
    spoiled = request_bytes(key, {"model": "gpt-4o"}, {HEADER: fault})
    with Line(api.url) as line:
        line.send(plain + plain + plain + spoiled + plain)
        seen = line.see()

    assert seen.received.count(b"HTTP/1.1 200 OK\r\n") == 3
    assert seen.received.endswith(b"}")
    assert seen.ending == ending
    assert len(stored(api)) == 3


def test_a_large_response_that_is_read_slowly_arrives_whole_before_a_reset(
    api: Api, key: str
) -> None:
    api.create(name="large", instructions="x" * 250_000)
    listing = request_bytes(key, line="GET /v1/assistants")
    reset = request_bytes(key, {"model": "gpt-4o"}, {HEADER: "connection_reset"})
    with Line(api.url) as line:
        line.send(listing * 4 + reset)
        time.sleep(0.3)
        seen = line.see(3)

    assert seen.received.count(b"x" * 250_000) == 4
    assert seen.ending == "RST"


def test_a_delayed_response_to_head_has_no_body(key: str, api: Api) -> None:
    with Line(api.url) as line:
        line.send(request_bytes(key, headers={HEADER: "latency; ms=1"}, line="HEAD /v1/models"))
        seen = line.see(0.3)

    assert (seen.status, seen.body) == (405, b"")
    assert seen.announced > 100


def test_other_connections_are_not_affected(api: Api, key: str) -> None:
    plain = request_bytes(key, line="GET /v1/models")
    with Line(api.url) as quiet, Line(api.url) as held:
        quiet.send(plain)
        before = quiet.see(0.3)
        held.send(request_bytes(key, {"model": "gpt-4o"}, {HEADER: "hang"}))
        for fault in ("connection_reset", "garbage_status_line", "truncated_body"):
            see(api, fault)
        quiet.send(plain)
        after = quiet.see(0.3)

    assert (before.status, before.ending) == (after.status, after.ending) == (200, "open")
    assert before.body == after.body
