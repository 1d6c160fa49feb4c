"""The outputs of tools in scripts: put in when the script gets there, and never taken for code."""

import json
from dataclasses import replace
from typing import Any

import pytest

from mockserver.expressions.deferred import Deferred, put_in, take_out
from mockserver.expressions.templates import as_text
from tests.api.conversation import (
    FUNCTIONS,
    THREADS,
    answer,
    ask,
    path_of,
    play_out,
    said,
    script,
    submit,
)
from tests.conftest import Start
from tests.support import Api

BOTH = ["get_weather", "get_time"]


def reply(api: Api, text: str, *outputs: Any, call: Any = "get_weather") -> str:
    """Return what a template says behind a call, once its outputs are in."""
    script(api, {"call": call}, {"say": text})
    waiting = play_out(api, ask(api, "When?", tools=FUNCTIONS))
    submit(api, waiting, *outputs)
    ended = play_out(api, waiting)
    assert ended["status"] == "completed", ended["last_error"]
    [told] = said(api, ended)
    return told


# ── What a path leads to ─────────────────────────────────────────────────────────

WEATHER = json.dumps(
    {"temp": 21.5, "sky": "sunny", "no": None, "days": [{"day": "Mon"}, 2], "wet": False, "": "e"}
)


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{ outputs.0 }}", WEATHER),
        ("{{ outputs.get_weather }}", WEATHER),
        ("{{ outputs[0] }}", WEATHER),
        ("{{ outputs[-1] }}", WEATHER),
        ("{{ outputs.0.temp }} degrees", "21.5 degrees"),
        ("{{ outputs.get_weather.sky }}", "sunny"),
        ("{{ outputs.0.temp }}", "21.5"),
        ("{{ outputs.0.wet }}", "false"),
        ("{{ outputs.0.days }}", '[{"day": "Mon"}, 2]'),
        ("{{ outputs.0.days[0].day }}", "Mon"),
        ("{{ outputs.0.days[-1] }}", "2"),
        ("<{{ outputs.0.no }}>", "<>"),
        ("<{{ outputs.0.missing.too }}>", "<>"),
        ("<{{ outputs.0.days[9] }}>", "<>"),
        ("<{{ outputs.0.sky.x }}>", "<>"),
        ('{{ outputs.0.no or "unknown" }}', "unknown"),
        ("{{ outputs.0.no or outputs.0.missing or 7 }}", "7"),
        ("{{ outputs.0.missing or outputs.0.sky }}", "sunny"),
        ("{{ outputs.0.missing or message }}", "When?"),
        ("{{ message or outputs.0.sky }}", "When?"),
        ("{{ outputs.0.wet or true }}", "false"),
        ("{{ now }}: {{ outputs.0.sky }}, {{ outputs.0.temp }}", "1735689601: sunny, 21.5"),
    ],
)
def test_a_path_looks_into_an_output(api: Api, template: str, text: str) -> None:
    api.request("PUT", "/_mock/settings", {"clock": "frozen"})
    api.post("/_mock/clock", {"set": 1735689601})

    assert reply(api, template, WEATHER) == text


def test_a_number_is_a_place_in_the_newest_step_and_a_name_the_newest_call(api: Api) -> None:
    script(
        api,
        {"call": ["get_weather", "get_time", "get_weather"]},
        {"say": "{{ outputs.0 }}{{ outputs.1 }}{{ outputs.2 }} {{ outputs.get_weather }}"},
        {"call": "get_time"},
        {"say": "{{ outputs.0 }} {{ outputs.get_time }} {{ outputs.get_weather }}"},
    )
    run = play_out(api, ask(api, tools=FUNCTIONS))
    submit(api, run, "a", "b", "c")
    run = play_out(api, run)
    submit(api, run, "d")

    assert said(api, play_out(api, run)) == ["abc a", "d d a"]


@pytest.mark.parametrize(
    ("output", "text"),
    [
        (None, "<>"),
        ("", "<>"),
        ("not JSON", "<>"),
        ("[" * 100_000, "<>"),
        ('{"x": 1e999}', "<>"),
        ('{"x": NaN}', "<>"),
        ("[1, 2]", "<>"),
        ("null", "<>"),
        ('{"x": 12345678901234567890123}', "<12345678901234567890123>"),
        ('{"x": 1.0}', "<1.0>"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_an_output_may_be_anything(api: Api, output: Any, text: str) -> None:
    assert reply(api, "<{{ outputs.0.x }}>", output) == text


def test_an_output_that_is_left_out_is_empty(api: Api) -> None:
    script(api, {"call": BOTH}, {"say": "<{{ outputs.0 }}> <{{ outputs.1 or 'none' }}>"})
    run = play_out(api, ask(api, tools=FUNCTIONS))
    calls = run["required_action"]["submit_tool_outputs"]["tool_calls"]
    left_out = {"tool_outputs": [{"tool_call_id": call["id"]} for call in calls]}

    assert api.post(f"{path_of(run)}/submit_tool_outputs", left_out).status == 200

    assert said(api, play_out(api, run)) == ["<> <none>"]


# ── Text is text ─────────────────────────────────────────────────────────────────

ODD = [
    "{{ now }} {{ outputs.1 }} }} {{",
    'a "quote" and a \\ back\\n slash',
    "two\nlines\r\tand a tab",
    "🦉 é \u2028 \x00",
    "a" * 100_000,
]


@pytest.mark.parametrize("text", ODD, ids=lambda text: ascii(text)[:20])
def test_what_a_tool_said_is_repeated_exactly(api: Api, text: str) -> None:
    said_so = json.dumps({"said": text})

    assert reply(api, "{{ outputs.0 }}|{{ outputs.0.said }}", said_so) == f"{said_so}|{text}"


@pytest.mark.parametrize("text", ODD, ids=lambda text: ascii(text)[:20])
def test_what_a_user_said_is_repeated_exactly(api: Api, text: str) -> None:
    script(api, {"say": "{{ message }}|{{ message }}"})

    assert answer(api, text) == f"{text}|{text}"


def test_a_tool_may_be_told_values_of_every_type(api: Api) -> None:
    asked = {
        "number": "{{ messages }}",
        "object": "{{ thread.metadata }}",
        "text": "{{ messages }} messages",
        "none": "{{ thread.metadata.missing }}",
        "default": "{{ thread.metadata.missing or false }}",
        "list": ["{{ message }}"],
    }
    script(api, {"call": {"get_weather": asked}})

    run = play_out(api, ask(api, "When?", tools=FUNCTIONS))

    [call] = run["required_action"]["submit_tool_outputs"]["tool_calls"]
    assert json.loads(call["function"]["arguments"]) == {
        "number": 1,
        "object": {},
        "text": "1 messages",
        "none": None,
        "default": False,
        "list": ["When?"],
    }


def test_templates_are_of_the_request_that_made_the_run(api: Api) -> None:
    script(api, {"call": "get_time"}, {"say": "{{ request.operation }} {{ request.body.model }}"})
    run = play_out(api, ask(api, tools=FUNCTIONS, model="gpt-4o-mini"))

    submit(api, run, "noon")

    assert said(api, play_out(api, run)) == ["createRun gpt-4o-mini"]


@pytest.mark.parametrize(
    ("items", "words"),
    [
        ([{"call": {"get_time": "{{ outputs.0.list }}"}}], "`call.calls[0].arguments`: Input"),
        ([{"call": "{{ outputs.0.name }}"}], "calls sing, a function that the run does not have"),
    ],
)
def test_an_output_that_cannot_stand_where_it_is_used_fails_the_run(
    api: Api, items: list[Any], words: str
) -> None:
    script(api, {"call": "get_weather"}, *items)
    run = play_out(api, ask(api, tools=FUNCTIONS))
    submit(api, run, '{"list": [1], "name": "sing"}')

    ended = play_out(api, run)

    assert ended["status"] == "failed"
    assert words in ended["last_error"]["message"]


def test_a_template_that_a_request_makes_impossible_is_refused(api: Api) -> None:
    script(api, {"say": "{{ assistant.name[0] }}"}, operation="createRun")
    tutor = api.create(name="Math Tutor")["id"]
    in_thread = api.post(THREADS, {"messages": [{"role": "user", "content": "a"}]}).json["id"]

    refused = api.post(f"{THREADS}/{in_thread}/runs", {"assistant_id": tutor})

    assert (refused.status, refused.error["code"]) == (400, "unusable_template")
    assert 'assistant.name is no list but "Math Tutor"' in refused.error["message"]
    assert api.get(f"{THREADS}/{in_thread}/runs").json["data"] == []


# ── The promise ──────────────────────────────────────────────────────────────────

SCRIPT = [
    {"say": "Let me see."},
    {"call": {"get_weather": {"asked": "{{ message }}"}}},
    {"call": {"get_time": {"sky": "{{ outputs.0.sky }}", "all": "{{ outputs.get_weather }}"}}},
    {"wait": {"polls": 1}},
    {"say": '{{ outputs.get_weather.sky or "?" }} at {{ outputs.0 }}'},
]


def go_on(api: Api, run: Any) -> list[bytes]:
    """Play a run that waits for its first output to its end, and return every byte of that."""
    heard = []
    for output in ('{"sky": "sunny"}', "noon"):
        submit(api, run, output)
        run = play_out(api, run)
        heard.append(json.dumps(run).encode())
    heard.append(api.get(f"{path_of(run)}/steps").body)
    heard.append(api.get(f"{THREADS}/{run['thread_id']}/messages").body)
    return heard


def begin(api: Api) -> Any:
    script(api, *SCRIPT)
    return play_out(api, ask(api, "When?", tools=FUNCTIONS))


def test_a_script_gives_the_same_bytes_under_every_key(api: Api) -> None:
    other = replace(api, key=f"{api.key}-other")

    assert go_on(api, begin(api)) == go_on(other, begin(other))


def test_a_script_goes_on_where_its_state_is_carried_to(start: Start) -> None:
    here, there = start(seed=7), start(seed=7)
    run = begin(here)
    state = here.get("/_mock/state").json

    assert there.request("PUT", "/_mock/state", state).status == 200

    assert "{{" not in json.dumps(state)  # what waits is kept as paths
    heard = go_on(here, run)
    assert go_on(there, run) == heard
    assert b"sunny at noon" in heard[-1]


def in_the_script(*later: Any) -> Any:
    return [{"say": {"text": "..."}, "later": list(later)}]


@pytest.mark.parametrize(
    ("items", "status"),
    [
        ([{"say": None}], 400),
        ([{"say": {}}], 400),
        ([{"say": {"text": "a"}, "fail": {}}], 400),
        (in_the_script({"at": [], "parts": ["a"]}), 400),
        (in_the_script({"at": ["text"], "parts": [[{}]]}), 400),
        (in_the_script({"at": ["text"], "parts": [[{"path": []}]]}), 400),
        (in_the_script({"at": ["text", "x"], "parts": ["a"]}), 200),
        (in_the_script({"at": ["missing"], "parts": ["a"]}), 200),
        (in_the_script({"at": ["text"], "parts": [[{"path": ["a", -9]}]]}), 200),
        ([{"call": {"calls": [{"name": "a", "arguments": {}}]}, "later": [None]}], 400),
    ],
)
def test_no_state_that_is_carried_in_breaks_a_run(api: Api, items: Any, status: int) -> None:
    run = ask(api)
    state = api.get("/_mock/state").json
    state["runs"][0]["script"]["items"] = items

    assert api.request("PUT", "/_mock/state", state).status == status

    assert play_out(api, run)["status"] in ("completed", "failed")


# ── Alone ────────────────────────────────────────────────────────────────────────


def test_what_is_deferred_is_taken_out_and_put_in_again() -> None:
    first, joined = Deferred([[{"path": ["a"]}]]), Deferred(["<", [{"path": ["b"]}], ">"])
    value = {"alone": first, "list": [1, joined], "plain": "as it is"}

    rest, later = take_out(value)
    known = put_in(rest, later, lambda path: [*path], as_text)

    assert rest["plain"] == "as it is"
    assert [one["at"] for one in later] == [["alone"], ["list", 1]]
    assert known == {"alone": ["a"], "list": [1, '<["b"]>'], "plain": "as it is"}
