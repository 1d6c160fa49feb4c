"""What happens to a run while its stream is open: other clients, the clock, and who leaves."""

import json
import time
from itertools import pairwise
from typing import Any

import pytest

from mockserver.api.runs.events import Recorder
from mockserver.api.runs.stream import open_stream as stream_of_run
from mockserver.state.namespace import Namespace
from tests.api.conversation import THREADS, posted, refusal, thread
from tests.api.streams import Listening, begin, data, names, script, streamed, submit
from tests.support import Api, until

SLOW = {"say": "one two three four five six seven eight", "delay": "60ms"}
LONG = {"say": "word " * 200, "delay": "50ms"}
"""A message that takes ten seconds, unless something ends it."""

CALL: Any = {"call": {"get_time": {}}}


def open_stream(api: Api, *items: Any, **fields: Any) -> Listening:
    """Return the stream of a run that was just created."""
    path, body = begin(api, thread(api, "a"), *items, **fields)
    return Listening(api, path, body)


def where(run: Any) -> str:
    return f"{THREADS}/{run['thread_id']}/runs/{run['id']}"


# ── Reads ────────────────────────────────────────────────────────────────────────


def test_reads_do_not_move_a_run_that_streams_and_see_what_was_told(api: Api) -> None:
    with open_stream(api, LONG, {"say": "and"}) as stream:
        run = stream.until("thread.message.delta")[0].data
        seen = [api.get(where(run)).json["status"] for _ in range(8)]
        steps = api.get(f"{where(run)}/steps").json["data"]

    assert seen == ["in_progress"] * 8
    assert [(one["type"], one["status"]) for one in steps] == [("message_creation", "in_progress")]
    until(lambda: api.get(where(run)).json["status"] == "completed")


def test_a_run_that_was_polled_before_is_streamed_from_there(api: Api) -> None:
    path, body = begin(api, thread(api, "a"), {"say": "a"}, CALL, {"say": "b"}, stream=False)
    run = posted(api, path, body)
    while api.get(where(run)).json["status"] != "requires_action":
        pass

    heard = streamed(api, *submit(api.get(where(run)).json, "x"))

    assert list(names(heard))[:3] == ["run.step.completed", "run.queued", "run.in_progress"]
    assert list(names(heard))[-2:] == ["run.completed", "done"]


def test_a_client_that_leaves_does_not_end_its_run(api: Api) -> None:
    with open_stream(api, SLOW, {"say": "b"}) as stream:
        run = stream.until("thread.message.delta")[0].data
    until(lambda: api.get(where(run)).json["status"] == "completed")

    listed = api.get(f"{THREADS}/{run['thread_id']}/messages").json["data"]
    assert [one["content"][0]["text"]["value"] for one in listed] == ["b", SLOW["say"], "a"]


def test_the_thread_stays_locked_until_a_run_that_was_left_has_ended(api: Api) -> None:
    with open_stream(api, LONG, {"wait": {"polls": 3}}) as stream:
        run = stream.until("thread.message.created")[0].data
    message = {"role": "user", "content": "Still there?"}
    messages = f"{THREADS}/{run['thread_id']}/messages"

    status, text, _, _ = refusal(api.post(messages, message))
    assert (status, "while a run" in text) == (400, True)
    until(lambda: api.get(where(run)).json["status"] == "completed")
    assert api.post(messages, message).status == 200


# ── Outputs ──────────────────────────────────────────────────────────────────────


def test_outputs_are_taken_while_the_first_stream_is_still_open(api: Api) -> None:
    path, body = begin(api, thread(api, "a"), CALL, {"say": "It is {{ outputs.0 }}."})
    slow = {"X-Mock-Fault": "latency; ms=0; between_ms=40"}
    with Listening(api, path, body, slow) as first:
        [waiting] = data(first.until("thread.run.requires_action"), "run.requires_action")
        heard = streamed(api, *submit(waiting, "noon"))
        rest = first.rest()

    assert [one.name for one in rest] == ["done"]
    [message] = data(heard, "message.completed")
    assert message["content"][0]["text"]["value"] == "It is noon."
    assert api.get(where(waiting)).json["status"] == "completed"


def test_reads_move_a_run_again_once_its_streams_are_over(api: Api) -> None:
    path, body = begin(api, thread(api, "a"), CALL, {"say": "b"})
    [waiting] = data(streamed(api, path, body), "run.requires_action")
    target, outputs = submit(waiting, "x")
    assert posted(api, target, outputs | {"stream": False})["status"] == "queued"

    assert [api.get(where(waiting)).json["status"] for _ in range(2)] == [
        "in_progress",
        "completed",
    ]


# ── Cancelled, deleted, replaced ─────────────────────────────────────────────────


def test_a_run_that_is_cancelled_stops_in_the_middle_of_its_message(api: Api) -> None:
    with open_stream(api, LONG) as stream:
        run = stream.until("thread.message.delta")[0].data
        told = stream.until("thread.message.delta")
        assert posted(api, f"{where(run)}/cancel")["status"] == "cancelling"
        rest = stream.rest()

    assert list(names(rest))[-5:] == [
        *("run.cancelling", "message.incomplete", "run.step.cancelled", "run.cancelled", "done")
    ]
    [message] = data(rest, "message.incomplete")
    said = "word" + "".join(
        one.data["delta"]["content"][0]["text"]["value"]
        for one in (*told, *rest)
        if one.name == "thread.message.delta"
    )
    assert message["incomplete_details"] == {"reason": "run_cancelled"}
    assert message["content"] == [{"type": "text", "text": {"value": said, "annotations": []}}]
    assert len(said) < 900
    [newest, _] = api.get(f"{THREADS}/{run['thread_id']}/messages").json["data"]
    assert newest["content"] == message["content"]


def test_a_run_that_requires_action_is_cancelled_while_its_stream_is_open(api: Api) -> None:
    path, body = begin(api, thread(api, "a"), CALL)
    slow = {"X-Mock-Fault": "latency; ms=0; between_ms=40"}
    with Listening(api, path, body, slow) as stream:
        [waiting] = data(stream.until("thread.run.requires_action"), "run.requires_action")
        assert posted(api, f"{where(waiting)}/cancel")["status"] == "cancelling"
        assert [one.name for one in stream.rest()] == ["done"]

    assert api.get(where(waiting)).json["status"] == "cancelled"


def test_a_thread_that_is_deleted_ends_the_stream(api: Api) -> None:
    with open_stream(api, LONG) as stream:
        run = stream.until("thread.message.delta")[0].data
        assert api.delete(f"{THREADS}/{run['thread_id']}").status == 200
        rest = stream.rest()

    assert {one.name for one in rest} <= {"thread.message.delta", "done"}
    assert len(rest) < 150
    state = api.get("/_mock/state").json
    assert all(state.get(kind, []) == [] for kind in ("runs", "messages", "run_steps"))


@pytest.mark.parametrize("path", ["/_mock/state", "/_mock/namespace"])
def test_a_state_that_is_replaced_ends_the_stream_or_lets_it_end(api: Api, path: str) -> None:
    with open_stream(api, SLOW) as stream:
        stream.until("thread.message.delta")
        if path == "/_mock/state":
            assert api.request("PUT", path, {}).status == 200
        else:
            assert api.delete(path).status == 200
        assert stream.rest()[-1].name == "done"

    assert api.get("/v1/assistants").json["data"] == []


def test_a_state_that_has_the_run_goes_on_with_it(api: Api) -> None:
    with open_stream(api, SLOW, {"say": "b"}) as stream:
        run = stream.until("thread.message.delta")[0].data
        state = api.get("/_mock/state").json
        assert api.request("PUT", "/_mock/state", state).status == 200
        rest = stream.rest()

    assert list(names(rest))[-2:] == ["run.completed", "done"]
    assert api.get(where(run)).json["status"] == "completed"


# ── The clock ────────────────────────────────────────────────────────────────────


def test_a_run_whose_time_is_over_expires_in_the_middle_of_its_stream(api: Api) -> None:
    with open_stream(api, LONG, {"say": "b"}) as stream:
        run = stream.until("thread.message.delta")[0].data
        api.post("/_mock/clock", {"advance": "11m"})
        rest = stream.rest()

    assert list(names(rest))[-4:] == [
        *("message.incomplete", "run.step.expired", "run.expired", "done")
    ]
    assert api.get(where(run)).json["status"] == "expired"


def test_a_run_that_another_request_finds_expired_is_told_so_in_its_stream(api: Api) -> None:
    with open_stream(api, LONG, {"say": "b"}) as stream:
        run = stream.until("thread.message.delta")[0].data
        api.post("/_mock/clock", {"advance": "11m"})
        assert api.get(where(run)).json["status"] == "expired"
        rest = stream.rest()

    assert list(names(rest))[-4:] == [
        *("message.incomplete", "run.step.expired", "run.expired", "done")
    ]


def test_a_wait_holds_the_stream_until_the_clock_is_moved(api: Api) -> None:
    with open_stream(api, {"say": "a"}, {"wait": "30s"}, {"say": "b"}) as stream:
        first = stream.until("thread.run.step.completed")
        time.sleep(0.1)
        api.post("/_mock/clock", {"advance": "30s"})
        rest = stream.rest()

    assert len(data([*first, *rest], "message.completed")) == 2
    one, two = data([*first, *rest], "message.created")
    assert two["created_at"] - one["created_at"] >= 30


def test_a_stream_that_waits_leaves_when_its_client_does(api: Api) -> None:
    with open_stream(api, {"wait": "30s"}, {"say": "b"}) as stream:
        run = stream.until("thread.run.in_progress")[0].data
    api.post("/_mock/clock", {"advance": "31s"})

    until(lambda: api.get(where(run)).json["status"] == "completed")


# ── Delays ───────────────────────────────────────────────────────────────────────


def gaps(api: Api, delay: Any) -> list[float]:
    """Return the seconds before each delta but the first."""
    text = {"say": "abcdef", "deltas": "characters", "delay": delay}
    came = []
    with open_stream(api, text) as stream:
        stream.until("thread.message.in_progress")
        for _ in text["say"]:
            stream.until("thread.message.delta")
            came.append(time.monotonic())
        stream.rest()
    return [later - earlier for earlier, later in pairwise(came)]


@pytest.mark.parametrize(
    ("delay", "least"),
    [
        ("40ms", 0.04),
        ({"min": "10ms", "max": "60ms"}, 0.01),
        ({"median": "20ms", "p99": "60ms"}, 0.002),
    ],
)
def test_deltas_come_as_slowly_as_the_script_says(api: Api, delay: Any, least: float) -> None:
    # What arrives may be read late, and the next is early by that.
    assert sum(gaps(api, delay)) >= 5 * least - 0.02


@pytest.mark.parametrize("delay", [{"min": "1ms", "max": "2s"}, {"median": "20ms", "p99": "2s"}])
def test_the_delays_of_a_stream_derive_from_the_seed_and_the_run(api: Api, delay: Any) -> None:
    path, body = begin(api, thread(api, "a"), {"say": "a b c d", "delay": delay}, stream=False)
    posted(api, path, body)
    [record] = api.get("/_mock/state").json["runs"]

    def delays(seed: int, run_id: str) -> list[float]:
        namespace = Namespace(seed, "tick")
        run = record | {"id": run_id}
        namespace.collection("runs", "thread_1").put(run_id, 0, json.dumps(run).encode())
        stream = stream_of_run(namespace, "thread_1", run_id, Recorder(with_contents=False))
        return [event.delay for event in stream if event.delay]

    assert len(delays(7, "run_1")) == 3
    assert delays(7, "run_1") == delays(7, "run_1")
    assert len({*delays(7, "run_1"), *delays(7, "run_2"), *delays(8, "run_1")}) == 9


def test_the_clock_of_the_key_does_not_move_for_a_delay(api: Api) -> None:
    script(api, {"say": "a b c", "delay": "30ms"})
    before = api.get("/_mock/clock").json
    with open_stream(api) as stream:
        heard = stream.rest()

    [run] = data(heard, "run.completed")
    assert run["completed_at"] - run["created_at"] <= 3
    assert before != api.get("/_mock/clock").json
