"""Which run follows which script: stubs choose it as they choose everything else."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.api.conversation import (
    FUNCTIONS,
    THREADS,
    answer,
    ask,
    play_out,
    posted,
    run,
    said,
    script,
    steps_of,
    stub,
    submit,
    thread,
)
from tests.conftest import Start
from tests.support import Api, until

# ── Matching ─────────────────────────────────────────────────────────────────────


def test_a_reply_depends_on_what_the_user_said(api: Api) -> None:
    script(api, {"say": "It is sunny."}, message={"contains": "weather"})
    script(api, {"say": "Four."}, message="What is 2 + 2?")

    assert answer(api, "What about the weather?") == "It is sunny."
    assert answer(api, "What is 2 + 2?") == "Four."
    assert "This is the answer of a mock" in answer(api, "Who are you?")


def test_a_script_without_when_is_for_every_run_that_is_made(api: Api) -> None:
    script(api, {"say": "Always."})
    tutor = api.create(name="Math Tutor")["id"]
    messages = [{"role": "user", "content": "Hello?"}]
    body = {"assistant_id": tutor, "thread": {"messages": messages}}

    both = posted(api, f"{THREADS}/runs", body), run(api, thread(api, "Hello?"))

    assert [said(api, play_out(api, one)) for one in both] == [["Always."], ["Always."]]


@pytest.mark.parametrize(
    ("when", "matches"),
    [
        ({"assistant": {"name": "Math Tutor"}}, True),
        ({"assistant": {"name": {"starts_with": "History"}}}, False),
        ({"thread": {"metadata": {"user": "ada"}}}, True),
        ({"thread": {"metadata": {"user": "bob"}}}, False),
        ({"messages": 2}, True),
        ({"messages": {"gte": 3}}, False),
        ({"message": {"matches": "(?i)^HELLO"}}, True),
        ({"body": {"model": "gpt-4o-mini"}}, False),
        ({"headers": {"x-team": "blue"}}, False),
        ({"operation": ["createRun", "createAssistant"]}, None),
        ({"operation": "create*"}, True),
        ({"operation": "createThreadAndRun"}, False),
        ({"method": "POST", "path": "/v1/threads/*/runs"}, True),
    ],
)
def test_a_script_is_chosen_by_any_condition(api: Api, when: Any, matches: bool | None) -> None:
    reply = api.post("/_mock/stubs", {"when": when, "then": {"run": [{"say": "Mine."}]}})
    assert (reply.status == 400) is (matches is None)
    in_thread = thread(api, "Who?", "Hello there", metadata={"user": "ada"})

    ended = play_out(api, run(api, in_thread))

    assert (said(api, ended) == ["Mine."]) is bool(matches)


def test_the_stub_of_a_run_is_named_in_the_journal_and_may_send_headers(api: Api) -> None:
    stub(api, {"run": [{"say": "Hi."}], "headers": {"x-asked": "{{ message }}"}}, name="greeting")
    in_thread = thread(api, "Hello?")

    tutor = api.create()["id"]
    reply = api.post(f"{THREADS}/{in_thread}/runs", {"assistant_id": tutor})

    assert reply.headers["x-asked"] == "Hello?"
    [entry] = api.get("/_mock/requests?operation=createRun").json["requests"]
    assert entry["decided_by"] == "greeting (the body:1)"
    assert entry["hint"] is None


# ── Sequences ────────────────────────────────────────────────────────────────────


def test_the_nth_run_follows_the_nth_script_and_the_last_repeats(api: Api) -> None:
    stub(api, [{"run": [{"say": "One."}]}, {"run": [{"say": "Two."}]}, {"run": [{"say": "More."}]}])

    assert [answer(api) for _ in range(4)] == ["One.", "Two.", "More.", "More."]


def test_a_sequence_may_have_defaults_and_faults_in_it(api: Api) -> None:
    stub(
        api,
        ["default", {"fault": "overloaded"}, {"run": [{"say": "Now."}]}],
        {"operation": "createRun"},
    )
    tutor = api.create(name="Math Tutor")["id"]

    def create() -> Any:
        return api.post(f"{THREADS}/{thread(api, 'Hello?')}/runs", {"assistant_id": tutor})

    first, second, third = (create() for _ in range(3))

    assert "Math Tutor was asked" in said(api, play_out(api, first.json))[0]
    assert second.status == 503
    assert said(api, play_out(api, third.json)) == ["Now."]


def test_a_run_that_is_refused_takes_no_turn(api: Api) -> None:
    stub(api, [{"run": [{"say": "One."}]}, {"run": [{"say": "Two."}]}])
    in_thread, tutor = thread(api, "Hello?"), api.create()["id"]
    path = f"{THREADS}/{in_thread}/runs"

    refused = [
        api.post(path, {"assistant_id": tutor, "temperature": 9}),
        api.post(path, {"assistant_id": "asst_unknown"}),
        api.post(f"{THREADS}/thread_unknown/runs", {"assistant_id": tutor}),
    ]
    first = posted(api, path, {"assistant_id": tutor})
    refused.append(api.post(path, {"assistant_id": tutor}))  # the thread is busy
    assert said(api, play_out(api, first)) == ["One."]

    assert [one.status for one in refused] == [400, 404, 404, 400]
    assert answer(api) == "Two."
    assert api.get("/_mock/stubs").json["stubs"][0]["matched"] == 2


def test_times_and_priorities_hold_for_scripts(api: Api) -> None:
    stub(api, {"run": [{"say": "Usually."}]}, priority=1)
    stub(api, {"run": [{"say": "Twice."}]}, times=2, priority=2)
    stub(api, {"run": [{"say": "Never."}]})

    assert [answer(api) for _ in range(3)] == ["Twice.", "Twice.", "Usually."]


def test_chance_is_the_same_in_every_run_of_the_same_requests(api: Api) -> None:
    stub(api, {"run": [{"fail": "rate_limit_exceeded"}]}, probability=0.5)
    other = replace(api, key=f"{api.key}-other")
    stub(other, {"run": [{"fail": "rate_limit_exceeded"}]}, probability=0.5)

    def fates(of: Api) -> list[str]:
        return [play_out(of, ask(of, f"Question {n}"))["status"] for n in range(12)]

    assert set(fates(api)) == {"completed", "failed"}
    api.delete("/_mock/namespace")
    stub(api, {"run": [{"fail": "rate_limit_exceeded"}]}, probability=0.5)
    assert fates(api) == fates(other)


# ── After a script was chosen ────────────────────────────────────────────────────


def test_a_run_that_was_started_goes_on_as_it_began(api: Api) -> None:
    script(api, {"say": "As it began."})
    started = ask(api)

    api.delete("/_mock/stubs")

    assert said(api, play_out(api, started)) == ["As it began."]
    assert "a mock" in answer(api)


def test_a_run_that_was_started_goes_on_when_its_file_changes(start: Start, tmp_path: Path) -> None:
    file = tmp_path / "weather.yaml"
    file.write_text("stubs: [{then: {run: [{say: before}]}}]\n")
    api = start(fixtures=(str(file),), watch=True)
    started = ask(api)
    before = api.get("/_mock/stubs").json["stubs"][0]["id"]

    file.write_text("stubs: [{then: {run: [{say: afterwards}]}}]\n")
    until(lambda: api.get("/_mock/stubs").json["stubs"][0]["id"] != before)

    assert said(api, play_out(api, started)) == ["before"]
    assert answer(api) == "afterwards"


def test_the_outputs_that_a_client_submits_choose_how_a_run_goes_on(api: Api) -> None:
    script(api, {"call": "get_weather"}, {"say": "It is {{ outputs.0 }}."})
    script(
        api,
        {"say": "I could not look that up: {{ outputs.get_weather.error }}."},
        operation="submitToolOuputsToRun",
        body={"tool_outputs": {"any": {"output": {"contains": "error"}}}},
    )

    def ends(output: str) -> list[str]:
        run = play_out(api, ask(api, tools=FUNCTIONS))
        submit(api, run, output)
        return said(api, play_out(api, run))

    assert ends("sunny") == ["It is sunny."]
    assert ends('{"error": "no such city"}') == ["I could not look that up: no such city."]


def test_a_run_may_be_told_to_call_again_with_what_it_heard(api: Api) -> None:
    script(api, {"call": "get_weather"})
    script(
        api,
        {"call": {"get_time": {"after": "{{ outputs.0 }}", "asked": "{{ message }}"}}},
        {"say": "{{ outputs.get_weather }}, then {{ outputs.get_time }}"},
        operation="submitToolOuputsToRun",
        messages=1,
    )
    run = play_out(api, ask(api, "When?", tools=FUNCTIONS))
    submit(api, run, "sunny")
    stub(api, "default", {"operation": "submitToolOuputsToRun"})
    run = play_out(api, run)

    [call] = run["required_action"]["submit_tool_outputs"]["tool_calls"]
    assert call["function"]["arguments"] == '{"after":"sunny","asked":"When?"}'
    submit(api, run, "noon")
    assert said(api, play_out(api, run)) == ["sunny, then noon"]
    assert len(steps_of(api, run)) == 3


# ── A run that nobody wrote a script for ─────────────────────────────────────────


def entry_of(api: Api) -> Any:
    [entry] = api.get("/_mock/requests?operation=createRun&limit=1").json["requests"]
    return entry


def test_a_run_without_a_script_says_so_and_which_stub_was_nearest(api: Api) -> None:
    script(api, {"say": "Sunny."}, message={"contains": "weather"}, assistant={"name": "Guide"})
    script(api, {"say": "Noon."}, message={"contains": "time"}, assistant={"name": "Math Tutor"})
    ask(api, "What is it?")

    entry = entry_of(api)

    assert entry["decided_by"] == "default"
    assert "no stub gave this run a script" in entry["hint"]
    assert "then: {run: [...]}" in entry["hint"]
    nearest = entry["near_misses"][0]["conditions"]
    assert nearest == [
        {"condition": 'assistant.name = "Math Tutor"', "matched": True, "actual": '"Math Tutor"'},
        {"condition": 'message contains "time"', "matched": False, "actual": '"What is it?"'},
    ]


def test_near_misses_are_those_of_when_the_run_was_made(api: Api) -> None:
    script(api, {"say": "Sunny."}, message={"contains": "weather"}, messages={"gte": 2})
    ended = play_out(api, ask(api, "What is it?"))

    for _ in range(3):
        posted(
            api,
            f"{THREADS}/{ended['thread_id']}/messages",
            {"role": "user", "content": "The weather!"},
        )

    [miss] = entry_of(api)["near_misses"]
    assert [one["actual"] for one in miss["conditions"]] == ['"What is it?"', "1"]


def test_a_stub_that_was_posted_afterwards_is_compared_as_far_as_is_known(api: Api) -> None:
    ask(api, "What is it?")
    script(api, {"say": "Sunny."}, message={"contains": "weather"}, body={"model": "gpt-4o"})

    [miss] = entry_of(api)["near_misses"]

    assert miss["conditions"] == [
        {"condition": 'body.model = "gpt-4o"', "matched": False, "actual": "nothing"},
        {"condition": 'message contains "weather"', "matched": None, "actual": "not kept"},
    ]


def test_a_strict_server_refuses_a_run_that_no_script_is_for(start: Start) -> None:
    api = start(strict=True)
    for operation in ("createAssistant", "createThread"):
        stub(api, "default", {"operation": operation})
    script(api, {"say": "Sunny."}, message={"contains": "weather"})
    tutor = api.create()["id"]

    refused = api.post(f"{THREADS}/{thread(api, 'Who?')}/runs", {"assistant_id": tutor})

    assert refused.error["code"] == "unexpected_request"
    assert 'message contains "weather" (it was "Who?")' in refused.error["message"]
    made = api.post(f"{THREADS}/{thread(api, 'The weather?')}/runs", {"assistant_id": tutor})
    assert made.status == 200


# ── tool_choice ──────────────────────────────────────────────────────────────────

NAMED = {"type": "function", "function": {"name": "get_time"}}


@pytest.mark.parametrize(
    ("choice", "items"),
    [
        ("auto", [{"say": "a"}]),
        ("none", [{"say": "a"}]),
        ("required", [{"say": "a"}, {"call": "get_time"}]),
        ("required", ["search"]),
        (NAMED, [{"call": ["get_weather", "get_time"]}]),
        ({"type": "file_search"}, ["search"]),
    ],
)
def test_a_script_may_do_what_tool_choice_asks_for(api: Api, choice: Any, items: Any) -> None:
    script(api, *items)
    tools = [*FUNCTIONS, {"type": "file_search"}]

    ended = play_out(api, ask(api, tools=tools, tool_choice=choice))

    assert ended["status"] in ("completed", "requires_action")


@pytest.mark.parametrize(
    ("choice", "items", "words"),
    [
        ("none", [{"call": "get_time"}], "tool_choice is 'none', and the script of this run uses"),
        ("required", [{"say": "a"}], "tool_choice is 'required', and no script calls a tool."),
        ("required", None, "Add a stub with then: {run: [{call: {NAME: {...}}}, ...]}."),
        (NAMED, [{"call": "get_weather"}], "asks for the function get_time, and no script calls"),
        ({"type": "file_search"}, [{"call": "get_time"}], "tool_choice asks for file_search, and"),
    ],
)
def test_a_run_fails_and_says_so_where_its_script_does_not(
    api: Api, choice: Any, items: Any, words: str
) -> None:
    if items is not None:
        script(api, *items)
    tools = [*FUNCTIONS, {"type": "file_search"}]

    ended = play_out(api, ask(api, tools=tools, tool_choice=choice))

    assert ended["status"] == "failed"
    assert words in ended["last_error"]["message"]
