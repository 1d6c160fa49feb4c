"""Streams of runs, as the AssistantStream of OpenAI's Node SDK reads them: it is the strictest."""

import json
from typing import Any

import pytest

from mockserver import BackgroundServer
from tests.sdk.situations import SITUATIONS, SLOW, follow, said
from tests.sdk.test_node_sdk import run
from tests.support import Api

DELTAS = ("text_delta", "message_delta", "tool_call_delta", "run_step_delta")
CALLS, CANCELLED = "two calls at once, and their outputs", "a run that is cancelled in its middle"
MORE = {CALLS: SITUATIONS["two calls at once"].script, CANCELLED: SLOW}

MESSAGE = (
    *("run_step_created", "message_created", "text_created", "text_done", "message_done"),
    "run_step_done",
)
HEARD = {
    "a plain reply": MESSAGE,
    "two calls at once": (
        *("run_step_created", "tool_call_created", "tool_call_done", "tool_call_created"),
        "tool_call_done",
    ),
    "a search and a citation": (
        *("run_step_created", "tool_call_created", "tool_call_done", "run_step_done"),
        *MESSAGE,
    ),
    "code that prints": (
        *("run_step_created", "tool_call_created", "tool_call_done", "run_step_done"),
        *MESSAGE,
    ),
    "a refusal": ("run_step_created", "message_created", "message_done", "run_step_done"),
    "a failure before a word": (),
    "a failure in the middle": MESSAGE,
    "too many tokens": MESSAGE,
    "too much time": MESSAGE,
}
"""The events that come once for a thing, between `connect` and `end`."""


@pytest.fixture(scope="module")
def seen(server: BackgroundServer) -> Any:
    """What became of every conversation, by its name."""
    scripts = {name: one.script for name, one in SITUATIONS.items()} | MORE
    conversations = []
    for name, script in scripts.items():
        key = f"sk-node-{'-'.join(name.replace(',', '').split())}"
        follow(Api(server.url, key), script)
        outputs = ["sunny", "rain"] if name == CALLS else None
        conversations.append({"key": key, "outputs": outputs, "cancel": name == CANCELLED})
    results = run("stream.mjs", "openai", server.base_url, json.dumps(conversations))
    return dict(zip(scripts, results, strict=True))


def snake(name: str) -> str:
    return "".join(f"_{one.lower()}" if one.isupper() else one for one in name)


@pytest.mark.parametrize("name", SITUATIONS)
def test_a_stream_has_each_event_and_the_final_run_that_a_poll_shows(seen: Any, name: str) -> None:
    situation, result = SITUATIONS[name], seen[name]

    assert result["error"] is None
    heard = [snake(one) for one in result["heard"]]
    assert [one for one in heard if one not in DELTAS] == ["connect", *HEARD[name], "end"]
    assert result["run"]["status"] == situation.status
    assert_as_polled(result)


def test_outputs_are_submitted_in_a_stream_of_their_own(seen: Any) -> None:
    result = seen[CALLS]

    assert result["error"] is None
    assert result["text"] == "Paris: sunny. Rome: rain."
    assert result["run"]["status"] == "completed"
    assert_as_polled(result)


def test_a_run_is_cancelled_in_the_middle_of_its_stream(seen: Any) -> None:
    result = seen[CANCELLED]

    assert result["error"] is None
    assert result["run"]["status"] == "cancelled"
    assert_as_polled(result)


def assert_as_polled(result: Any) -> None:
    """Compare the final objects of a stream with those that are read afterwards."""
    polled = result["polled"]
    assert_same(result["run"], polled["run"], "tool_resources")
    assert [said(one) for one in result["messages"]] == [said(one) for one in polled["messages"]]
    steps = {one["id"]: one for one in polled["steps"]}
    for streamed in result["steps"]:
        assert_same(streamed, steps[streamed["id"]], "expires_at")


def assert_same(streamed: Any, polled: Any, *apart: str) -> None:
    """Compare what a poll shows of an object, but for the fields that a stream shows otherwise."""
    shown = {name: value for name, value in polled.items() if name not in apart}
    for call in streamed.get("step_details", {}).get("tool_calls") or ():
        call.pop("index", None)  # the SDK leaves that of the delta
    assert {name: streamed[name] for name in shown} == shown
