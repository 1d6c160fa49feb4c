"""Runs without a script: their layout, their states, what they take and override."""

from typing import Any

import pytest

from tests.api.conversation import (
    FUNCTIONS,
    KEYS,
    STEP_KEYS,
    THREADS,
    path_of,
    posted,
    read,
    refusal,
    run,
    thread,
)
from tests.conftest import Start
from tests.support import Api

# ── The default run ──────────────────────────────────────────────────────────────


def test_a_run_is_created_queued_with_the_recorded_keys(api: Api) -> None:
    created = run(api, thread(api, "2 + 2?"))

    assert tuple(created) == KEYS
    assert (created["object"], created["status"]) == ("thread.run", "queued")
    assert created["expires_at"] == created["created_at"] + 600
    assert created["tool_resources"] == {}
    assert created["truncation_strategy"] == {"type": "auto", "last_messages": None}
    assert (created["tool_choice"], created["parallel_tool_calls"]) == ("auto", True)
    assert created["usage"] is created["started_at"] is created["required_action"] is None


def test_reads_move_a_run_to_its_end_and_not_beyond(api: Api) -> None:
    created = run(api, thread(api, "2 + 2?"))

    first, second, third = (read(api, created) for _ in range(3))

    assert first == created | {"status": "in_progress", "started_at": first["started_at"]}
    assert second == third
    changed = {name for name in KEYS if second[name] != first[name]}
    assert changed == {"status", "expires_at", "completed_at", "usage"}
    assert (second["status"], second["expires_at"]) == ("completed", None)


def test_a_poll_says_when_to_come_again(api: Api) -> None:
    created = run(api, thread(api, "2 + 2?"))

    assert api.get(path_of(created)).headers["openai-poll-after-ms"] == "10"
    assert api.get(f"{THREADS}/{created['thread_id']}").headers["openai-poll-after-ms"] is None


def test_the_default_answer_names_the_assistant_and_quotes_the_question(api: Api) -> None:
    created = run(api, thread(api, "one", "2 + 2?"))
    read(api, created)
    read(api, created)

    newest = api.get(f"{THREADS}/{created['thread_id']}/messages").json["data"][0]

    assert newest["content"][0]["text"]["value"] == (
        'Math Tutor was asked: "2 + 2?" This is the answer of a mock, which asks no model.'
    )


@pytest.mark.parametrize(("polls", "seen"), [(0, 1), (1, 1), (2, 2), (5, 5)])
def test_the_default_run_takes_as_many_reads_as_are_set(
    start: Start, polls: int, seen: int
) -> None:
    api = start(run_polls=polls)
    created = run(api, thread(api, "2 + 2?"))
    assert created["status"] == "queued"

    states = [read(api, created)["status"] for _ in range(seen)]

    assert states == ["in_progress"] * (seen - 1) + ["completed"]


def test_without_polls_a_thread_is_free_at_once(start: Start) -> None:
    api = start(run_polls=0)
    thread_id = thread(api, "2 + 2?")

    for _ in range(2):
        run(api, thread_id)

    assert len(api.get(f"{THREADS}/{thread_id}/messages").json["data"]) == 3


@pytest.mark.parametrize("path", ["/runs", "/messages", "/runs/{run}/steps"])
def test_reads_of_its_thread_move_a_run_as_well(api: Api, path: str) -> None:
    created = run(api, thread(api, "2 + 2?"))
    target = f"{THREADS}/{created['thread_id']}{path.format(run=created['id'])}"

    for _ in range(2):
        assert api.get(target).status == 200

    [one] = api.get("/_mock/state").json["runs"]
    assert one["status"] == "completed"


def test_a_list_shows_the_state_that_its_own_read_brought_about(api: Api) -> None:
    created = run(api, thread(api, "2 + 2?"))
    runs = f"{THREADS}/{created['thread_id']}/runs"

    assert [api.get(runs).json["data"][0]["status"] for _ in range(2)] == [
        "in_progress",
        "completed",
    ]


@pytest.mark.parametrize(
    "path",
    [
        *("/runs?after=run_nobody", "/runs?limit=0", "/messages?before=msg_nobody"),
        *("/messages?run_id=nobody", "/messages/msg_nobody"),
        *("/runs/{run}/steps?after=step_nobody", "/runs/{run}/steps/step_nobody"),
    ],
)
def test_a_read_that_is_refused_moves_nothing(api: Api, path: str) -> None:
    created = run(api, thread(api, "2 + 2?"))
    target = f"{THREADS}/{created['thread_id']}{path.format(run=created['id'])}"

    assert api.get(target).status in (400, 404)

    assert posted(api, path_of(created), {})["status"] == "queued"


def test_the_step_of_a_message_names_it_and_has_the_recorded_keys(api: Api) -> None:
    created = run(api, thread(api, "2 + 2?"), instructions="Be brief!")
    read(api, created)
    ended = read(api, created)

    [step] = api.get(f"{path_of(created)}/steps").json["data"]
    newest = api.get(f"{THREADS}/{created['thread_id']}/messages").json["data"][0]

    assert tuple(step) == STEP_KEYS
    assert (step["type"], step["status"]) == ("message_creation", "completed")
    assert step["step_details"]["message_creation"] == {"message_id": newest["id"]}
    assert (step["expires_at"], step["completed_at"]) == (None, ended["completed_at"])
    assert newest["created_at"] == step["created_at"]
    assert step["usage"] == ended["usage"]
    assert list(ended["usage"]) == [
        *("prompt_tokens", "completion_tokens", "total_tokens"),
        *("prompt_token_details", "completion_tokens_details"),
    ]
    assert ended["usage"]["prompt_tokens"] == 3 + 2  # nine and six characters
    assert api.get(f"{path_of(created)}/steps/{step['id']}").json == step


def test_a_thread_and_its_run_are_created_at_once(api: Api) -> None:
    assistant = api.create(name="Math Tutor")["id"]
    new = {"messages": [{"role": "user", "content": "2 + 2?"}], "metadata": None}

    created = posted(api, f"{THREADS}/runs", {"assistant_id": assistant, "thread": new})
    ended = [read(api, created) for _ in range(2)][-1]

    assert (tuple(created), ended["status"]) == (KEYS, "completed")
    assert len(api.get(f"{THREADS}/{created['thread_id']}/messages").json["data"]) == 2


# ── What a run overrides ─────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ({"model": "gpt-4o-mini"}, {"model": "gpt-4o-mini"}),
        ({"model": ""}, {"model": "gpt-4o"}),
        ({"instructions": "New."}, {"instructions": "New."}),
        ({"additional_instructions": "More."}, {"instructions": "Old.\nMore."}),
        ({"tools": []}, {"tools": []}),
        ({"temperature": 0, "top_p": 0.5}, {"temperature": 0.0, "top_p": 0.5}),
        ({"metadata": {"a": "b"}}, {"metadata": {"a": "b"}}),
        ({"max_completion_tokens": 16}, {"max_completion_tokens": 16}),
        ({"parallel_tool_calls": False}, {"parallel_tool_calls": False}),
        ({"tool_choice": "none"}, {"tool_choice": "none"}),
        (
            {"truncation_strategy": {"type": "last_messages", "last_messages": 3}},
            {"truncation_strategy": {"type": "last_messages", "last_messages": 3}},
        ),
        (
            {"tool_choice": {"type": "function", "function": {"name": "get_time"}}},
            {"tool_choice": {"type": "function", "function": {"name": "get_time"}}},
        ),
        (
            dict.fromkeys(
                (
                    *("additional_instructions", "max_completion_tokens", "response_format"),
                    *("temperature", "tool_choice", "truncation_strategy", "instructions"),
                    *("additional_messages", "tools", "metadata", "stream", "model"),
                )
            ),
            {"instructions": "Old.", "temperature": 0.25},
        ),
    ],
)
def test_a_run_takes_from_its_assistant_what_it_does_not_say(
    api: Api, sent: Any, shown: Any
) -> None:
    tools = [*FUNCTIONS, {"type": "code_interpreter"}]
    assistant = api.create(instructions="Old.", tools=tools, temperature=0.25)

    created = run(api, thread(api, "a"), assistant_id=assistant["id"], **sent)

    names = ("model", "instructions", "tools", "temperature", "top_p", "response_format")
    inherited = {name: assistant[name] for name in names} | shown
    assert {name: created[name] for name in inherited} == inherited
    assert read(api, created)["model"] == created["model"]


def test_additional_messages_are_added_before_the_run(api: Api) -> None:
    created = run(api, thread(api), additional_messages=[{"role": "user", "content": "2 + 2?"}])

    texts = [
        one["content"][0]["text"]["value"]
        for one in api.get(f"{THREADS}/{created['thread_id']}/messages").json["data"]
    ]
    assert texts == ["2 + 2?"]


@pytest.mark.parametrize(
    ("fields", "param", "code"),
    [
        ({"assistant_id": "undefined"}, "assistant_id", "invalid_value"),
        ({"model": "gpt-nope"}, "model", "model_not_found"),
        ({"max_completion_tokens": 15}, "max_completion_tokens", "integer_below_min_value"),
        ({"max_prompt_tokens": 255}, "max_prompt_tokens", "integer_below_min_value"),
        ({"tool_choice": "always"}, "tool_choice", "invalid_value"),
        ({"tools": [FUNCTIONS[0]] * 21}, "tools", "array_above_max_length"),
        ({"tools": [FUNCTIONS[0]] * 2}, "tools[1]", None),
        ({"model": "o3-mini", "temperature": 1}, "model", "unsupported_model"),
        ({"file_ids": []}, "file_ids", "unknown_parameter"),
    ],
)
def test_a_run_that_is_not_valid_is_refused_and_nothing_is_left(
    api: Api, fields: Any, param: str, code: str | None
) -> None:
    thread_id = thread(api, "a")
    body = {"assistant_id": api.create()["id"], **fields}

    reply = api.post(f"{THREADS}/{thread_id}/runs", body)

    assert refusal(reply)[0] == 400
    assert refusal(reply)[2:] == (param, code)
    assert api.get(f"{THREADS}/{thread_id}/runs").json["data"] == []


def test_a_run_needs_a_question_or_instructions(api: Api) -> None:
    thread_id = thread(api)
    reply = api.post(f"{THREADS}/{thread_id}/runs", {"assistant_id": api.create()["id"]})

    assert reply.headers["Content-Length"] == "209"
    assert refusal(reply) == (
        400,
        "Run creation requires a Thread with a user message or an assistant with instructions.",
        None,
        "invalid_thread",
    )
    assert run(api, thread_id, instructions="Greet.")["status"] == "queued"


@pytest.mark.parametrize("additional", [True, False])
def test_without_polls_the_answer_stands_behind_its_question(
    start: Start, additional: bool
) -> None:
    api = start(run_polls=0)
    question = [{"role": "user", "content": "2 + 2?"}]
    if additional:
        created = run(api, thread(api), additional_messages=question)
    else:
        assistant = api.create()["id"]
        body = {"assistant_id": assistant, "thread": {"messages": question}}
        created = posted(api, f"{THREADS}/runs", body)

    listed = api.get(f"{THREADS}/{created['thread_id']}/messages?order=asc").json["data"]
    assert [one["role"] for one in listed] == ["user", "assistant"]
