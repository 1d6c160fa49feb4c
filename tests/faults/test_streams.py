"""The faults of streams, as a raw socket sees them, and the ways to ask for one."""

import json
from typing import Any

import pytest

from mockserver import MockServer
from mockserver.api.runs.events import EVENTS
from mockserver.faults.catalogue import STREAM, TRANSPORT
from tests.api.conversation import THREADS, posted, thread
from tests.api.streams import begin, names, script, split
from tests.conftest import Start
from tests.faults.raw import Line, Seen, request_bytes
from tests.support import Api, until

HEADER = "X-Mock-Fault"
TEXT = "Grüße aus Rom"
WHOLE = (
    *("run.created", "run.queued", "run.in_progress", "run.step.created", "run.step.in_progress"),
    *("message.created", "message.in_progress", "message.delta", "message.completed"),
    *("run.step.completed", "run.completed", "done"),
)


def see(api: Api, fault: str | None = None, *items: Any, timeout: float = 0.4, **more: Any) -> Seen:
    """Return what a socket sees of a streamed run with a fault in its header."""
    path, body = begin(api, thread(api, "a"), *(items or ({"say": TEXT},)), **more)
    with Line(api.url) as line:
        headers = {} if fault is None else {HEADER: fault}
        line.send(request_bytes(str(api.key), body, headers, f"POST {path}"))
        return line.see(timeout)


def content(seen: Seen) -> bytes:
    """Return the body without its chunks, whose last may be cut."""
    found, rest = b"", seen.body
    while rest and not rest.startswith(b"0\r\n"):
        size, _, rest = rest.partition(b"\r\n")
        length = int(size, 16)
        found, rest = found + rest[:length], rest[length + 2 :]
    return found


def is_whole(seen: Seen) -> bool:
    """Return whether a stream ended as it should: with a last, empty chunk."""
    return seen.body.endswith(b"\r\n0\r\n\r\n")


def events(seen: Seen) -> list[str]:
    return list(names(split(content(seen))))


def entry(api: Api) -> Any:
    """Return the journal's entry of the newest run."""
    return api.get("/_mock/requests?operation=createRun").json["requests"][0]


def run_of(api: Api) -> str:
    [run] = api.get("/_mock/state").json["runs"]
    return f"{THREADS}/{run['thread_id']}/runs/{run['id']}"


# ── Each fault on the wire ───────────────────────────────────────────────────────


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
def test_a_fault_strikes_after_a_number_of_events(api: Api, fault: str, after_events: int) -> None:
    option = "; inside=nothing" if fault == "stream_cut" else ""
    seen = see(api, f"{fault}; after_events={after_events}{option}")

    expected = after_events + (fault == "stream_error")
    assert content(seen).count(b"event: ") == expected


def test_after_events_and_at_strike_at_the_first_of_that_name_behind_them(api: Api) -> None:
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


# ── What becomes of the run ──────────────────────────────────────────────────────


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


# ── The ways to ask for one ──────────────────────────────────────────────────────


def test_a_model_asks_for_a_fault_where_code_cannot_set_a_header(api: Api) -> None:
    seen = see(api, model="fault:stream_cut; after_events=2; inside=nothing")

    assert (content(seen).count(b"event: "), seen.ending) == (2, "FIN")
    [run] = api.get("/_mock/state").json["runs"]
    assert run["model"] == "gpt-4o"


def test_a_stub_breaks_the_stream_of_a_run(api: Api) -> None:
    fault = {"fault": "stream_error", "after_events": 1, "message": "No."}
    api.post("/_mock/stubs", {"when": {"operation": "createRun"}, "then": [fault, "default"]})
    path, body = begin(api, thread(api, "a"))

    broken, whole = api.post(path, body), api.post(*begin(api, thread(api, "b")))

    assert [one.name for one in split(broken.body)] == ["thread.run.created", "error"]
    assert tuple(names(split(whole.body))) == WHOLE


def test_a_rule_and_a_flag_break_streams(api: Api, start: Start) -> None:
    rule = {"fault": "stream_without_done", "on": "createRun", "times": 1}
    assert api.post("/_mock/faults", rule).status == 200
    flagged = start(fault=("stream_without_done; on=createRun",))

    for one in (api, flagged):
        heard = split(one.post(*begin(one, thread(one, "a"))).body)
        assert heard[-1].name == "thread.run.completed"


def test_python_asks_for_a_fault_of_a_stream(api: Api) -> None:
    with MockServer(api.url, api_key=str(api.key)) as mock:
        mock.fault("stream_unknown_event", on="createRun", event="thread.odd", after_events=0)
        heard = split(api.post(*begin(api, thread(api, "a"))).body)

        assert heard[0].name == "thread.odd"
        [request] = mock.requests("createRun")
        assert request.fault == "stream_unknown_event"


@pytest.mark.parametrize("fault", STREAM, ids=lambda fault: fault.name)
def test_a_script_has_a_fault_strike_at_its_place(api: Api, fault: Any) -> None:
    seen = see(api, None, {"say": "a"}, {"fault": fault.name}, {"say": "b"})
    plain = see(Api(api.url, f"{api.key}-plain"), None, {"say": "a"}, {"say": "b"})

    common = content(plain).index(b"event: thread.run.step.created", 6000)
    assert content(seen)[:common] == content(plain)[:common]
    assert content(seen) != content(plain)
    assert entry(api)["fault"] == fault.name


def test_a_fault_of_a_script_may_strike_inside_a_message(api: Api) -> None:
    cut = {"fault": "stream_cut", "at": "thread.message.delta", "after_events": 6}
    seen = see(api, None, cut, {"say": "one two three four"})

    assert content(seen).count(b"event: thread.message.delta") == 2
    assert seen.ending == "FIN"


def test_polls_pass_a_fault_of_a_script_by(api: Api) -> None:
    script(api, {"say": "a"}, {"fault": "stream_cut"}, {"say": "b"})
    path, body = begin(api, thread(api, "a"), stream=False)
    run = posted(api, path, body)
    until(lambda: api.get(f"{path}/{run['id']}").json["status"] == "completed")

    assert len(api.get(f"{path.rpartition('/')[0]}/messages").json["data"]) == 3


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("stream_cut; after_events=-1", "expected a whole number"),
        ("stream_cut; after_events=soon", "expected a whole number"),
        ("stream_cut; how=quietly", "expected fin or rst"),
        ("stream_cut; inside=out", "expected nothing or event or character"),
        ("stream_cut; at=thread.message.dleta", "did you mean 'thread.message.delta'"),
        ("stream_cut; at=error", "use one of thread.created"),
        ("stream_cut; flat=true", "stream_cut has no option 'flat'"),
        ("stream_stall; inject=before", "stream_stall strikes inside the response"),
        ("stream_error; flat=maybe", "expected true or false"),
        ("stream_error; code=", "expected a text of one line"),
        ("stream_crlf; after_events=1", "stream_crlf has no option 'after_events'"),
        ("stream_unknown_event; event=", "expected a text of one line"),
    ],
)
def test_an_option_that_is_wrong_is_refused_with_the_remedy(
    api: Api, text: str, words: str
) -> None:
    path, body = begin(api, thread(api, "a"))
    reply = api.post(path, body, headers={HEADER: text})

    assert (reply.status, reply.error["code"]) == (400, "unknown_fault")
    assert words in reply.error["message"]


@pytest.mark.parametrize("event", ["a\nb", "a\rb", "\u2028", 5, None])
def test_the_name_of_an_event_is_one_line(api: Api, event: Any) -> None:
    then = {"fault": "stream_unknown_event", "event": event}
    reply = api.post("/_mock/stubs", {"then": then})

    assert reply.status == 400
    assert "expected a text of one line" in reply.json["errors"][0]["what"]


def test_a_fault_of_a_stream_has_no_body_of_its_own(api: Api) -> None:
    reply = api.post("/_mock/stubs", {"then": {"fault": "stream_cut", "body": {"a": 1}}})

    assert reply.status == 400
    assert reply.json["errors"][0]["what"] == "stream_cut has no body of its own"


def test_every_event_of_a_run_is_a_place_for_a_fault(api: Api) -> None:
    for name in EVENTS:
        then = {"fault": "stream_cut", "at": name}
        assert api.post("/_mock/stubs", {"then": then}).status == 200, name


# ── What the journal says ────────────────────────────────────────────────────────


@pytest.mark.parametrize("fault", [fault.name for fault in STREAM])
def test_a_fault_of_streams_leaves_a_plain_response_alone_and_says_so(api: Api, fault: str) -> None:
    path, body = begin(api, thread(api, "a"), stream=False)
    reply = api.post(path, body, headers={HEADER: fault})
    found = entry(api)

    assert (reply.status, reply.json["status"]) == (200, "queued")
    assert (found["fault"], found["decided_by"]) == (None, "default")
    assert found["skipped"] == [
        {
            "stub": HEADER,
            "why": "matched, but the response is no stream, so there is nothing to strike",
        }
    ]
    assert api.get("/_mock/report").json["faults"] == {}


def test_a_fault_keeps_its_turns_for_streams(api: Api) -> None:
    api.post("/_mock/faults", {"fault": "stream_cut", "after_events": 0, "times": 1})
    path, body = begin(api, thread(api, "a"))
    assert api.post(path, body | {"temperature": 3}).status == 400
    with Line(api.url) as line:
        line.send(request_bytes(str(api.key), body, {}, f"POST {path}"))

        assert line.see(0.3).ending == "FIN"


def test_a_fault_whose_place_never_came_is_not_injected_and_the_journal_says_so(api: Api) -> None:
    seen = see(api, "stream_cut; at=thread.run.failed")
    found = entry(api)

    assert events(seen) == [*WHOLE]
    assert (found["fault"], found["response"]["completed"]) == (None, True)
    assert found["skipped"] == [
        {"stub": HEADER, "why": "matched, but the stream was over before the place of its fault"}
    ]
    assert api.get("/_mock/report").json["faults"] == {}


@pytest.mark.parametrize(
    ("fault", "at", "completed"),
    [
        ("stream_cut; after_events=2", 2, False),
        ("stream_cut; after_events=2; inside=nothing", 2, False),
        ("stream_stall; after_events=3", 3, False),
        ("stream_error; after_events=4", 4, True),
        ("stream_duplicate; after_events=1", 2, True),
        ("stream_unknown_event; after_events=1", 1, True),
        ("stream_crlf", 0, True),
    ],
)
def test_the_journal_has_the_events_and_which_of_them_a_fault_struck(
    api: Api, fault: str, at: int, completed: bool
) -> None:
    see(api, fault)
    until(lambda: entry(api)["response"]["completed"] is completed)
    found = entry(api)
    name = fault.partition(";")[0]
    struck = [number for number, one in enumerate(found["response"]["body"]) if "fault" in one]
    assert (found["fault"], struck) == (name, [at])
    assert found["response"]["body"][at]["fault"] == name
    assert found["response"]["body"][0]["event"] == "thread.run.created"


def test_the_journal_shows_a_stall_while_it_lasts(api: Api) -> None:
    path, body = begin(api, thread(api, "a"))
    with Line(api.url) as line:
        fault = {HEADER: "stream_stall; after_events=2"}
        line.send(request_bytes(str(api.key), body, fault, f"POST {path}"))
        line.see(0.2)
        found = entry(api)

    assert (found["fault"], found["response"]["completed"]) == ("stream_stall", None)
    assert [one["event"] for one in found["response"]["body"]] == [
        *("thread.run.created", "thread.run.queued", None)
    ]


def test_the_access_log_has_a_fault_that_struck_and_no_other(
    start: Start, capfd: pytest.CaptureFixture[str]
) -> None:
    api = start(log="text")
    see(api, "stream_cut; after_events=1")
    see(api, "stream_cut; at=thread.run.failed")
    lines: list[str] = []

    def are_there() -> bool:
        lines.extend(one for one in capfd.readouterr().err.splitlines() if "createRun" in one)
        return len(lines) == 2

    until(are_there)
    assert [line.partition("createRun ")[2] for line in lines] == [
        *(f"{HEADER}: stream_cut", HEADER)
    ]


# ── Faults of the transport ──────────────────────────────────────────────────────


@pytest.mark.parametrize("fault", TRANSPORT, ids=lambda fault: fault.name)
@pytest.mark.parametrize("version", ["HTTP/1.0", "HTTP/1.1"])
@pytest.mark.parametrize("items", [({"say": TEXT},), ({"say": "a"}, {"wait": "1h"}, {"say": "b"})])
def test_a_fault_of_the_transport_strikes_a_stream_too(
    start: Start, capfd: pytest.CaptureFixture[str], fault: Any, version: str, items: Any
) -> None:
    api = start()
    path, body = begin(api, thread(api, "a"), *items)
    line_of_text = f"{fault.name}{'' if fault.needs_handler else '; inject=after'}"
    if fault.name == "slow_body":
        line_of_text += "; bytes_per_second=100000"
    if fault.name == "latency":
        line_of_text += "; ms=1"
    request = request_bytes(str(api.key), body, {HEADER: line_of_text}, f"POST {path}")
    with Line(api.url) as line:
        line.send(request.replace(b"HTTP/1.1", version.encode(), 1))
        seen = line.see(0.3)
        assert api.get("/v1/models").status == 200  # nothing blocks the others
    endings = {"connection_reset": "RST", "hang": "open"}
    if fault.name in endings:
        assert (seen.received, seen.ending) == (b"", endings[fault.name])
    until(lambda: entry(api)["response"]["completed"] is not None)
    api.post("/_mock/clock", {"advance": "2h"})
    until(lambda: api.get(run_of(api)).json["status"] in ("completed", "expired"))
    assert "Traceback" not in capfd.readouterr().err


@pytest.mark.parametrize("after_bytes", [1, 500, 3000])
def test_a_reset_may_follow_a_number_of_bytes_of_a_stream(api: Api, after_bytes: int) -> None:
    seen = see(api, f"connection_reset; after_bytes={after_bytes}; inject=after")

    assert (len(seen.received), seen.ending) == (after_bytes, "RST")


def test_latency_may_lie_between_the_events(api: Api) -> None:
    seen = see(api, "latency; ms=0; between_ms=10")

    assert events(seen) == [*WHOLE]
    assert seen.took >= 0.01 * content(seen).count(b"event: ")


def test_an_error_may_take_the_place_of_a_stream(api: Api) -> None:
    seen = see(api, "overloaded; inject=after")

    assert seen.status == 503
    assert json.loads(seen.body)["error"]["type"]
    until(lambda: api.get(run_of(api)).json["status"] == "completed")
