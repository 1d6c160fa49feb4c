"""The faults of streams, as a raw socket sees them."""

from typing import Any

import pytest

from mockserver.faults.catalogue import STREAM
from tests.api.conversation import thread
from tests.api.streams import begin, names, split
from tests.faults.raw import Line, request_bytes
from tests.faults.streams import HEADER, TEXT, WHOLE, content, events, is_whole, run_of, see
from tests.support import Api, until

# ── Each fault on the wire ───────────────────────────────────────────────────


@pytest.mark.parametrize("how", ["fin", "rst"])
@pytest.mark.parametrize("inside", ["nothing", "event", "character"])
def test_a_cut_breaks_off_between_two_events_or_inside_one(api: Api, how: str, inside: str) -> None:
    seen = see(api, f"stream_cut; at=thread.message.delta; how={how}; inside={inside}")

    assert seen.ending == how.upper()
    assert not is_whole(seen)
    *_, last = content(seen).split(b"\n\n")
    if inside == "nothing":
        assert last == b""
    elif inside == "character":
        assert last.endswith(b"Gr" + "ü".encode()[:1])
        with pytest.raises(UnicodeDecodeError):
            content(seen).decode()
    else:
        assert last.startswith(b"event: thread.message.delta\ndata: {")


@pytest.mark.parametrize("fault", ["stream_cut", "stream_stall", "stream_error"])
@pytest.mark.parametrize("after_events", [0, 1, 5])
def test_a_fault_is_injected_after_a_number_of_events(
    api: Api, fault: str, after_events: int
) -> None:
    option = "; inside=nothing" if fault == "stream_cut" else ""
    seen = see(api, f"{fault}; after_events={after_events}{option}")

    expected = after_events + (fault == "stream_error")
    assert content(seen).count(b"event: ") == expected


def test_after_events_and_at_mean_the_first_of_that_name_behind_them(api: Api) -> None:
    seen = see(api, "stream_stall; after_events=8; at=thread.message.delta")

    assert content(seen).count(b"event: thread.message.delta") == 1


def test_a_stall_is_silence_on_an_open_connection(api: Api) -> None:
    seen = see(api, "stream_stall; at=thread.message.completed")

    assert seen.ending == "open"
    assert events(seen) == [*WHOLE[:8]]
    assert not is_whole(seen)


@pytest.mark.parametrize("flat", ["true", "false"])
def test_an_error_event_ends_the_stream(api: Api, flat: str) -> None:
    seen = see(api, f"stream_error; at=thread.message.delta; flat={flat}; code=slow; message=Oh é")
    heard = split(content(seen))

    error = {"message": "Oh é", "type": "server_error", "param": None, "code": "slow"}
    assert heard[-1] == ("error", error if flat == "true" else {"error": error})
    assert is_whole(seen)
    assert seen.ending == "open"


def test_a_stream_may_end_without_its_last_event(api: Api) -> None:
    seen = see(api, "stream_without_done")

    assert events(seen) == [*WHOLE[:-1]]
    assert is_whole(seen)


@pytest.mark.parametrize("name", ["thread.message.created", "thread.message.delta", "done"])
def test_an_event_may_come_twice(api: Api, name: str) -> None:
    plain = content(see(api))
    seen = content(see(api, f"stream_duplicate; at={name}"))

    assert seen.count(f"event: {name}\n".encode()) == plain.count(f"event: {name}\n".encode()) + 1
    twice = [one for one in seen.split(b"\n\n") if one.startswith(f"event: {name}\n".encode())]
    assert twice[0] == twice[1]


def test_an_event_may_come_that_nobody_knows(api: Api) -> None:
    heard = split(content(see(api, "stream_unknown_event; event=thread.odd; after_events=2")))

    assert heard[2] == ("thread.odd", {"object": "unknown"})
    assert len(list(names(heard))) == len(WHOLE) + 1


def test_lines_may_end_in_crlf(api: Api) -> None:
    seen = content(see(api, "stream_crlf"))

    assert seen.count(b"\r\n") == seen.count(b"\n")
    assert tuple(names(split(seen.replace(b"\r\n", b"\n")))) == WHOLE


# ── What becomes of the run ──────────────────────────────────────────────────


@pytest.mark.parametrize("fault", ["stream_cut", "stream_cut; how=rst", "stream_error"])
def test_a_run_goes_on_by_reads_where_its_stream_broke_off(api: Api, fault: str) -> None:
    see(api, f"{fault}; at=thread.message.delta")
    path = run_of(api)

    assert [api.get(path).json["status"] for _ in range(2)] == ["completed"] * 2
    [newest, _] = api.get(f"{path.rpartition('/runs')[0]}/messages").json["data"]
    assert newest["content"][0]["text"]["value"] == TEXT


@pytest.mark.parametrize(
    ("fault", "first"),
    [
        ("stream_stall; after_events=2", ()),
        ("hang; inject=after", ()),
        ("latency; ms=0; between_ms=1", ({"fault": "stream_stall"},)),
        ("slow_body; bytes_per_second=100000", ({"fault": "stream_stall"},)),
    ],
)
def test_a_run_goes_on_by_reads_while_its_client_waits_in_silence(
    api: Api, fault: str, first: Any
) -> None:
    path, body = begin(api, thread(api, "a"), *first, {"say": TEXT})
    with Line(api.url) as line:
        line.send(request_bytes(str(api.key), body, {HEADER: fault}, f"POST {path}"))
        line.see(0.2)
        until(lambda: api.get(run_of(api)).json["status"] == "completed")


@pytest.mark.parametrize("fault", [fault.name for fault in STREAM if not fault.breaks])
def test_a_run_has_ended_where_its_stream_was_odd_but_whole(api: Api, fault: str) -> None:
    see(api, fault)
    [run] = api.get("/_mock/state").json["runs"]

    assert run["status"] == "completed"
