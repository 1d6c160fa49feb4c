"""The ways to ask for a fault of a stream, and what the journal says of it."""

from typing import Any

import pytest

from mockserver import MockServer
from mockserver.api.runs.events import EVENTS
from mockserver.faults.catalogue import STREAM
from tests.api.conversation import posted, thread
from tests.api.streams import begin, data, names, script, split
from tests.conftest import Start
from tests.faults.raw import Line, request_bytes
from tests.faults.streams import HEADER, WHOLE, content, entry, events, see
from tests.support import Api, until

# ── The ways to ask for one ──────────────────────────────────────────────────


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
def test_a_script_has_a_fault_at_its_place(api: Api, fault: Any) -> None:
    seen = see(api, None, {"say": "a"}, {"fault": fault.name}, {"say": "b"})
    plain = see(Api(api.url, f"{api.key}-plain"), None, {"say": "a"}, {"say": "b"})

    common = content(plain).index(b"event: thread.run.step.created", 6000)
    assert content(seen)[:common] == content(plain)[:common]
    assert content(seen) != content(plain)
    assert entry(api)["fault"] == fault.name


def test_a_fault_of_a_script_may_stand_inside_a_message(api: Api) -> None:
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
        ("stream_stall; inject=before", "stream_stall changes a part of the response"),
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


# ── What the journal says ────────────────────────────────────────────────────


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
            "why": "matched, but the response is no stream, so the fault does not apply",
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


def test_a_fault_that_applies_to_nothing_leaves_the_turns_of_scripts_alone(api: Api) -> None:
    script(api, {"say": "second"})
    api.post("/_mock/stubs", {"times": 1, "then": {"run": [{"say": "first"}]}})
    path, body = begin(api, thread(api, "a"), stream=False)
    assert api.post(path, body, headers={HEADER: "stream_cut"}).status == 200

    heard = split(api.post(*begin(api, thread(api, "b"))).body)

    [message] = data(heard, "message.completed")
    assert message["content"][0]["text"]["value"] == "second"


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
def test_the_journal_has_the_events_and_where_a_fault_was_injected(
    api: Api, fault: str, at: int, completed: bool
) -> None:
    see(api, fault)
    until(lambda: entry(api)["response"]["completed"] is completed)
    found = entry(api)
    name = fault.partition(";")[0]
    places = [number for number, one in enumerate(found["response"]["body"]) if "fault" in one]
    assert (found["fault"], places) == (name, [at])
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


def test_the_access_log_has_a_fault_that_was_injected_and_no_other(
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
