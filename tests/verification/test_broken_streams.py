"""What the report says of clients whose streams of runs are broken."""

import time
from typing import Any

import pytest

from mockserver.verification.verdict import REMEDIES
from tests.api.conversation import THREADS, posted, thread
from tests.api.streams import Listening, assistant, begin, data, split, streamed, submit
from tests.faults.raw import Line, request_bytes
from tests.support import Api, until
from tests.verification.clients import found, outcomes, report, stream

CUT = {"fault": "stream_cut", "at": "thread.message.delta", "times": 1}


def break_streams(api: Api, **rule: Any) -> None:
    assert api.post("/_mock/faults", {"on": ["create*", "submit*"], **CUT, **rule}).status == 200


def new_thread(api: Api) -> tuple[str, Any]:
    body = {"messages": [{"role": "user", "content": "a"}]}
    return f"{THREADS}/runs", {"assistant_id": assistant(api), "thread": body, "stream": True}


def run_of(api: Api) -> Any:
    return api.get("/_mock/state").json["runs"][0]


# ── What is right ────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "fault", ["stream_without_done", "stream_duplicate", "stream_unknown_event", "stream_crlf"]
)
def test_a_stream_that_was_odd_but_whole_has_got_through(api: Api, fault: str) -> None:
    rule = {"fault": fault, "on": "createThreadAndRun", "times": 1}
    assert api.post("/_mock/faults", rule).status == 200
    path, body = new_thread(api)
    for _ in range(2):  # the second is another conversation
        assert stream(api, path, body) == 200

    assert report(api)["problems"] == []
    assert outcomes(api) == [("got through", 1, "certain")]
    assert report(api)["faults"][fault]["injected"] == 1


@pytest.mark.parametrize("fault", ["stream_cut", "stream_stall", "stream_error"])
@pytest.mark.parametrize(
    "look",
    [
        "{thread}/runs/{run}",
        "{thread}/runs/{run}/steps",
        "{thread}/runs",
        "{thread}/messages",
        "{thread}",
    ],
)
def test_to_read_the_run_or_its_thread_is_what_a_client_should_do(
    api: Api, fault: str, look: str
) -> None:
    break_streams(api, fault=fault)
    path, body = new_thread(api)
    assert stream(api, path, body) is None
    until(lambda: outcomes(api) == [("never looked up", 1, "certain")])
    run = run_of(api)

    api.get(look.format(thread=f"{THREADS}/{run['thread_id']}", run=run["id"]))

    assert report(api)["problems"] == []
    assert outcomes(api) == [("looked up", 1, "certain")]


def test_to_cancel_the_run_is_right_too(api: Api) -> None:
    break_streams(api)
    assert stream(api, *new_thread(api)) is None
    run = run_of(api)
    posted(api, f"{THREADS}/{run['thread_id']}/runs/{run['id']}/cancel")

    assert report(api)["problems"] == []


def test_a_new_run_after_the_old_one_was_read_is_right(api: Api) -> None:
    break_streams(api)
    path, body = begin(api, thread(api, "a"))
    assert stream(api, path, body) is None
    run = run_of(api)
    until(lambda: api.get(f"{path}/{run['id']}").json["status"] == "completed")

    assert stream(api, path, body) == 200
    assert report(api)["problems"] == []


def test_a_stream_that_is_cut_behind_the_end_of_its_run_was_heard(api: Api) -> None:
    break_streams(api, at="done")
    assert stream(api, *new_thread(api)) is None

    assert report(api)["problems"] == []
    assert outcomes(api) == [("got through", 1, "certain")]


def test_a_client_that_still_waits_in_silence_has_not_given_up(api: Api) -> None:
    break_streams(api, fault="stream_stall")
    path, body = new_thread(api)
    with Line(api.url) as line:
        line.send(request_bytes(str(api.key), body, {}, f"POST {path}"))
        line.see(0.2)
        assert outcomes(api) == [("in progress", 1, "certain")]

    until(lambda: found(api) == [("never_looked_up", "certain")])


def test_without_faults_streams_leave_nothing_in_the_report(api: Api) -> None:
    path, body = begin(api, thread(api, "a"), {"say": "one two three", "delay": "20ms"})
    with Listening(api, path, body) as left:
        left.until("thread.message.delta")
    streamed(api, *new_thread(api))

    assert report(api) == {"problems": [], "verdict": [], "faults": {}, "requests": []}


# ── What is wrong ────────────────────────────────────────────────────────────────


def test_a_run_that_nobody_looks_at_again(api: Api) -> None:
    break_streams(api)
    stream(api, *new_thread(api))
    api.get("/v1/assistants")

    [problem] = report(api)["problems"]
    assert (problem["code"], problem["sure"]) == ("never_looked_up", "certain")
    assert problem["what"] == "createThreadAndRun after stream_cut"
    assert problem["remedy"] == REMEDIES["never_looked_up"]


@pytest.mark.parametrize("pause", [0, 0.15])
def test_a_run_that_is_asked_for_again_in_a_busy_thread(api: Api, pause: float) -> None:
    break_streams(api)
    path, body = begin(api, thread(api, "a"))
    assert stream(api, path, body) is None
    time.sleep(pause)
    assert stream(api, path, body) == 400

    [problem] = report(api)["problems"]
    assert problem["code"] == "run_again"
    assert problem["what"] == "createRun again after stream_cut, without a look at its run"
    assert [(one[0], one[1]) for one in outcomes(api)] == [("refused", 2)]


def test_two_runs_where_one_was_wanted(api: Api) -> None:
    break_streams(api)
    path, body = new_thread(api)
    assert [stream(api, path, body), stream(api, path, body)] == [None, 200]

    [problem] = report(api)["problems"]
    made = [one["id"] for one in api.get("/_mock/state").json["runs"]]
    assert problem["code"] == "created_twice"
    assert problem["what"] == (f"createThreadAndRun created {made[0]}, {made[1]}, after stream_cut")


def test_outputs_that_are_submitted_again(api: Api) -> None:
    path, body = begin(api, thread(api, "a"), {"call": {"get_time": {}}}, {"say": "b"})
    [waiting] = data(streamed(api, path, body), "run.requires_action")
    break_streams(api)
    target, outputs = submit(waiting, "noon")
    assert [stream(api, target, outputs), stream(api, target, outputs)] == [None, 400]

    assert [code for code, _ in found(api)] == ["run_again"]


@pytest.mark.parametrize("look", ["{run}", "{run}/steps", "{thread}/messages"])
def test_outputs_whose_stream_broke_are_settled_by_looking(api: Api, look: str) -> None:
    path, body = begin(api, thread(api, "a"), {"call": {"get_time": {}}}, {"say": "b"})
    [waiting] = data(streamed(api, path, body), "run.requires_action")
    break_streams(api)
    assert stream(api, *submit(waiting, "noon")) is None
    assert found(api) == [("never_looked_up", "certain")]
    api.get(look.format(run=f"{path}/{waiting['id']}", thread=path.removesuffix("/runs")))

    assert report(api)["problems"] == []


def test_a_fault_inside_a_script_counts_like_any_other(api: Api) -> None:
    path, body = begin(api, thread(api, "a"), {"say": "a"}, {"fault": "stream_cut"}, {"say": "b"})
    assert stream(api, path, body) is None

    assert report(api)["faults"]["stream_cut"]["injected"] == 1
    assert found(api) == [("never_looked_up", "certain")]
    api.get(f"{path}/{run_of(api)['id']}")
    assert report(api)["problems"] == []


# ── The journal ──────────────────────────────────────────────────────────────────


def test_each_way_that_a_stream_can_end_is_in_the_journal(api: Api) -> None:
    def newest() -> Any:
        response = api.get("/_mock/requests?operation=createRun").json["requests"][0]["response"]
        return response["completed"], [one["event"] for one in response["body"] or ()][-1:]

    streamed(api, *begin(api, thread(api, "whole")))
    assert newest() == (True, ["done"])

    path, body = begin(api, thread(api, "left"), {"say": "one two three", "delay": "40ms"})
    with Listening(api, path, body) as left:
        left.until("thread.message.delta")
    until(lambda: newest() == (False, ["thread.message.delta"]))

    break_streams(api, inside="nothing", at="thread.run.in_progress")
    path, body = begin(api, thread(api, "cut"))
    stream(api, path, body)
    until(lambda: newest() == (False, [None]))


def test_the_events_of_a_long_stream_are_kept_within_the_bounds_of_the_journal(api: Api) -> None:
    text = {"say": "x" * 200_000, "deltas": 20_000}
    body = api.post(*begin(api, thread(api, "a"), text)).body
    [entry] = api.get("/_mock/requests?operation=createRun").json["requests"]

    assert len(entry["response"]["body"]) == len(split(body))
    assert entry["response"]["body_truncated"] is False
