"""A run that is streamed makes the same objects as one that is polled, to the byte."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api.conversation import THREADS, posted, thread
from tests.api.streams import Heard, assistant, data, script, split, submit
from tests.conftest import Start
from tests.support import Api

FOUND = {"search": {"results": [{"file_name": "a.md", "text": "Breathe."}]}}
SCRIPTS: list[list[Any]] = [
    [],
    [{"say": "hello there"}],
    [{"say": "one"}, {"say": "two"}],
    [{"refuse": "no"}],
    [{"call": {"get_time": {"x": 1}}}, {"say": "got {{ outputs.0 }}"}],
    [{"say": "x"}, "search", {"code": {"input": "1", "logs": "2"}}, {"say": "y"}],
    [{"call": ["get_time", "get_weather"]}, {"wait": {"polls": 2}}, {"say": "z"}],
    [{"say": "cut off here"}, {"incomplete": "max_completion_tokens"}],
    [{"say": "a"}, "expire"],
    [{"say": "a"}, "cancel"],
    ["cancel"],
    [{"fail": "Oops."}],
    [{"say": "a"}, {"fail": "rate_limit_exceeded"}],
    [FOUND, {"say": "s", "cite": True}],
    [{"call": {"nope": {}}}],
    [{"say": "a"}, {"wait": {"polls": 3}}, {"say": "b"}],
    [{"say": "a", "delay": "1ms"}, {"fault": "stream_crlf"}, {"say": "b"}],
]


def play(api: Api, items: list[Any] | None, *, stream: bool) -> tuple[Any, list[Heard]]:
    """Hold a conversation, and return all that is there at its end, and the events."""
    if items is not None:
        script(api, *items)
    path = f"{THREADS}/{thread(api, 'hi')}/runs"
    begin = {"assistant_id": assistant(api), "stream": stream}
    heard: list[Heard] = []

    def ask(path: str, body: Any) -> None:
        reply = api.post(path, body)
        assert reply.status == 200, reply.body
        if stream:
            heard.extend(split(reply.body.replace(b"\r\n", b"\n")))

    ask(path, begin)
    for _ in range(40):
        run = api.get(f"{path}?limit=1").json["data"][0]
        if run["status"] == "requires_action":
            calls = run["required_action"]["submit_tool_outputs"]["tool_calls"]
            target, body = submit(run, *("out" for _ in calls))
            ask(target, body | {"stream": stream})
        elif run["status"] not in ("queued", "in_progress"):
            break
    state = api.get("/_mock/state").json
    for one in state["runs"]:
        one["script"].pop("reads")
    return state, heard


def assert_same(api: Api, items: list[Any] | None) -> None:
    polled, _ = play(replace(api, key=f"{api.key}-polled"), items, stream=False)
    streamed, heard = play(replace(api, key=f"{api.key}-streamed"), items, stream=True)

    assert json.dumps(streamed) == json.dumps(polled)
    [run] = streamed["runs"]
    assert heard[-1].name == "done"
    assert data(heard, f"run.{run['status']}")[-1] == {
        name: value for name, value in run.items() if name != "script"
    }
    told = {one.data["id"]: one.data for one in heard if one.name.startswith("thread.message.")}
    for message in streamed["messages"]:
        if message["role"] == "assistant":
            assert told[message["id"]] == message


@pytest.mark.parametrize("items", [None, *SCRIPTS], ids=str)
def test_a_script_makes_the_same_objects_either_way(api: Api, items: list[Any] | None) -> None:
    assert_same(api, items)


ITEMS = st.one_of(
    st.builds(
        lambda text, deltas: {"say": text, "deltas": deltas},
        st.text(st.characters(codec="utf-8", exclude_characters="{"), max_size=20),
        st.one_of(st.sampled_from(["words", "characters"]), st.integers(1, 5)),
    ),
    st.sampled_from(
        [
            {"refuse": "no"},
            {"call": {"get_time": {"x": [1, "é"]}}},
            {"call": ["get_time", "get_weather"]},
            {"code": {"input": "1", "logs": "2"}},
            FOUND,
            {"wait": {"polls": 1}},
            {"fault": "stream_duplicate", "at": "done"},
        ]
    ),
)
ENDS = st.sampled_from(
    [[], [{"fail": "Oops."}], ["cancel"], ["expire"], [{"incomplete": "content_filter"}]]
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(items=st.lists(ITEMS, max_size=5), end=ENDS)
def test_so_does_any_script(api: Api, items: list[Any], end: list[Any]) -> None:
    for way in ("polled", "streamed"):
        replace(api, key=f"{api.key}-{way}").delete("/_mock/namespace")

    assert_same(api, items + end)


# ── The promise ──────────────────────────────────────────────────────────────────


def thirty_turns(api: Api) -> bytes:
    """Hold a conversation of thirty turns, every second one with calls; return all its bytes."""
    script(api, {"say": "You said: {{ request.method }}."})
    script(
        api,
        {"say": "Let me see.", "deltas": "characters"},
        {"call": [{"get_weather": {"city": "Paris"}}, {"get_time": {}}]},
        {"say": "{{ outputs.get_weather }}"},
        message={"contains": "weather"},
    )
    path = f"{THREADS}/{thread(api)}"
    tutor, sent = assistant(api), b""
    for turn in range(30):
        text = f"{turn}: {'the weather' if turn % 2 else 'hello'}"
        posted(api, f"{path}/messages", {"role": "user", "content": text})
        reply = api.post(f"{path}/runs", {"assistant_id": tutor, "stream": True})
        sent += reply.headers["x-request-id"].encode() + reply.body
        for waiting in data(split(reply.body), "run.requires_action"):
            sent += api.post(*submit(waiting, f"sunny at {turn}", "noon")).body
    return sent + api.get(f"{path}/messages?limit=100").body


@pytest.mark.slow
def test_a_long_conversation_has_the_same_bytes_in_every_run_and_under_every_key(
    start: Start,
) -> None:
    first = thirty_turns(start(seed=7))
    second = start(seed=7)

    assert thirty_turns(second) == first
    assert thirty_turns(replace(second, key="sk-other")) == first
    assert first.count(b"event: done") == 45
    assert thirty_turns(start(seed=8)) != first
