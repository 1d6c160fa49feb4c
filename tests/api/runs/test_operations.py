"""Runs: create, list, retrieve, modify, cancel and submit outputs, in the recorded words."""

import json
from dataclasses import replace
from typing import Any

import pytest

from tests.api.conversation import (
    THREADS,
    path_of,
    play,
    posted,
    read,
    refusal,
    run,
    thread,
)
from tests.conftest import Start
from tests.support import Api

KEYS = (
    *("id", "object", "created_at", "assistant_id", "thread_id", "status", "started_at"),
    *("expires_at", "cancelled_at", "failed_at", "completed_at", "required_action", "last_error"),
    *("model", "instructions", "tools", "tool_resources", "metadata", "temperature", "top_p"),
    *("reasoning_effort", "max_completion_tokens", "max_prompt_tokens", "truncation_strategy"),
    *("incomplete_details", "usage", "response_format", "tool_choice", "parallel_tool_calls"),
)
STEP_KEYS = (
    *("id", "object", "created_at", "run_id", "assistant_id", "thread_id", "type", "status"),
    *("cancelled_at", "completed_at", "expires_at", "failed_at", "last_error", "step_details"),
    "usage",
)
FUNCTIONS = [
    {"type": "function", "function": {"name": name}} for name in ("get_weather", "get_time")
]
CALLS = {
    "call": {
        "calls": [
            {"name": "get_weather", "arguments": '{"city":"Paris"}'},
            {"name": "get_time", "arguments": "{}"},
        ]
    }
}


def say(text: str) -> dict[str, Any]:
    return {"say": {"text": text}}


def waiting(api: Api) -> Any:
    """Create a run that waits for the outputs of two calls, and read it until it does."""
    assistant = api.create(name="Math Tutor", tools=FUNCTIONS)["id"]
    created = run(api, thread(api, "Weather?"), assistant_id=assistant)
    play(api, created, CALLS, say("Sunny."))
    assert [read(api, created)["status"] for _ in range(2)] == ["in_progress", "requires_action"]
    return read(api, created)


def outputs_of(run: Any, *texts: Any) -> list[dict[str, Any]]:
    calls = run["required_action"]["submit_tool_outputs"]["tool_calls"]
    return [
        {"tool_call_id": call["id"], "output": text}
        for call, text in zip(calls, texts, strict=False)
    ]


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
        ({"stream": True}, "stream", "operation_not_served"),
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


def test_an_unknown_assistant_is_not_found(api: Api) -> None:
    reply = api.post(f"{THREADS}/{thread(api, 'a')}/runs", {"assistant_id": "asst_nobody"})

    assert refusal(reply) == (404, "No assistant found with id 'asst_nobody'.", None, None)


# ── The lock ─────────────────────────────────────────────────────────────────────


def test_a_busy_thread_takes_no_run_and_no_message(api: Api) -> None:
    created = run(api, thread(api, "a"))
    path, body = f"{THREADS}/{created['thread_id']}", {"assistant_id": created["assistant_id"]}

    second = api.post(f"{path}/runs", body)
    message = api.post(f"{path}/messages", {"role": "user", "content": "b"})

    busy = f"Thread {created['thread_id']} already has an active run {created['id']}."
    assert refusal(second) == (400, busy, None, None)
    cannot = f"Can't add messages to {created['thread_id']} while a run {created['id']} is active."
    assert refusal(message) == (400, cannot, None, None)
    for _ in range(2):
        read(api, created)
    assert api.post(f"{path}/messages", {"role": "user", "content": "b"}).status == 200
    assert api.post(f"{path}/runs", body).status == 200


def test_a_run_whose_time_is_over_has_expired_and_frees_its_thread(api: Api) -> None:
    created = waiting(api)
    api.post("/_mock/clock", {"advance": "10m"})

    reply = api.post(
        f"{path_of(created)}/submit_tool_outputs", {"tool_outputs": outputs_of(created, "a", "b")}
    )
    assert refusal(reply) == (
        400,
        'Runs in status "expired" do not accept tool outputs.',
        None,
        None,
    )
    message = {"role": "user", "content": "b"}
    assert posted(api, f"{THREADS}/{created['thread_id']}/messages", message)
    ended = read(api, created)
    assert ended["status"] == "expired"
    assert ended["expires_at"] is ended["required_action"] is None
    [step] = api.get(f"{path_of(created)}/steps").json["data"]
    assert step["status"] == "expired"


def test_a_run_that_is_cancelled_ends_by_reads(api: Api) -> None:
    created = run(api, thread(api, "a"))

    cancelling = posted(api, f"{path_of(created)}/cancel")
    again = api.post(f"{path_of(created)}/cancel")
    ended = read(api, created)

    assert (cancelling["status"], ended["status"]) == ("cancelling", "cancelled")
    assert ended["cancelled_at"] is not None
    assert refusal(again)[1] == "Cannot cancel run with status 'cancelling'."
    assert refusal(api.post(f"{path_of(created)}/cancel")) == (
        400,
        "Cannot cancel run with status 'cancelled'.",
        None,
        None,
    )
    listed = api.get(f"{THREADS}/{created['thread_id']}/messages").json["data"]
    assert [one["role"] for one in listed] == ["user"]


def test_a_run_in_progress_is_not_modified(api: Api) -> None:
    created = run(api, thread(api, "a"))
    read(api, created)

    reply = api.post(path_of(created), {"metadata": {"a": "b"}})

    assert reply.headers["Content-Length"] == "156"
    assert refusal(reply) == (400, "Cannot update run with status 'in_progress'.", None, None)
    read(api, created)
    assert posted(api, path_of(created), {"metadata": {"a": "b"}})["metadata"] == {"a": "b"}


# ── Tool outputs ─────────────────────────────────────────────────────────────────


def test_a_run_waits_for_the_outputs_of_all_its_calls(api: Api) -> None:
    created = waiting(api)

    action = created["required_action"]
    calls = action["submit_tool_outputs"]["tool_calls"]
    assert action["type"] == "submit_tool_outputs"
    assert [(one["type"], one["function"]) for one in calls] == [
        ("function", {"name": "get_weather", "arguments": '{"city":"Paris"}'}),
        ("function", {"name": "get_time", "arguments": "{}"}),
    ]
    assert len({one["id"] for one in calls}) == 2
    assert created["usage"] is None
    assert read(api, created) == created

    body = {"tool_outputs": outputs_of(created, "Sunny\u0000 ñ", None), "stream": False}
    queued = posted(api, f"{path_of(created)}/submit_tool_outputs", body)
    assert (queued["status"], queued["required_action"]) == ("queued", None)
    assert queued["started_at"] == created["started_at"]
    assert queued["expires_at"] == created["expires_at"]
    [step] = api.get("/_mock/state").json["run_steps"]
    outputs = [one["function"]["output"] for one in step["step_details"]["tool_calls"]]
    assert (step["status"], outputs) == ("completed", ["Sunny\u0000 ñ", None])

    again, ended = read(api, created), read(api, created)
    assert (again["status"], ended["status"]) == ("in_progress", "completed")
    assert again["started_at"] >= created["started_at"]
    steps = api.get(f"{path_of(created)}/steps").json["data"]
    assert [one["type"] for one in steps] == ["message_creation", "tool_calls"]
    assert ended["usage"]["total_tokens"] == sum(one["usage"]["total_tokens"] for one in steps)


def test_the_outputs_of_some_calls_only_are_refused_and_the_run_waits_on(api: Api) -> None:
    created = waiting(api)
    path = f"{path_of(created)}/submit_tool_outputs"
    first, second = (one["tool_call_id"] for one in outputs_of(created, "a", "b"))

    some = api.post(path, {"tool_outputs": outputs_of(created, "a")})
    other = api.post(path, {"tool_outputs": [{"tool_call_id": "call_x", "output": "a"}]})

    expected = f"Expected tool outputs for call_ids ['{first}', '{second}'], got"
    assert refusal(some) == (400, f"{expected} ['{first}']", None, None)
    assert refusal(other) == (400, f"{expected} ['call_x']", None, None)
    assert read(api, created) == created


def test_an_output_has_to_be_a_string(api: Api) -> None:
    created = waiting(api)
    body = {"tool_outputs": outputs_of(created, {"a": 1}, "b")}

    reply = api.post(f"{path_of(created)}/submit_tool_outputs", body)

    assert refusal(reply)[2:] == ("tool_outputs[0].output", "invalid_type")


def test_outputs_in_another_state_are_refused(api: Api) -> None:
    created = run(api, thread(api, "a"))
    read(api, created)

    reply = api.post(f"{path_of(created)}/submit_tool_outputs", {"tool_outputs": []})

    assert reply.headers["Content-Length"] == "170"
    assert refusal(reply) == (
        400,
        'Runs in status "in_progress" do not accept tool outputs.',
        None,
        None,
    )


# ── Other items of a script ──────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("items", "status", "fields", "roles"),
    [
        (
            [{"fail": {"code": "rate_limit_exceeded", "message": "Slow down."}}],
            "failed",
            {"last_error": {"code": "rate_limit_exceeded", "message": "Slow down."}},
            ["user"],
        ),
        (
            [say("Well, it all"), {"incomplete": {"reason": "max_completion_tokens"}}],
            "incomplete",
            {"incomplete_details": {"reason": "max_completion_tokens"}},
            ["assistant", "user"],
        ),
        ([{"expire": {}}], "expired", {"last_error": None}, ["user"]),
        ([{"cancel": {}}], "cancelled", {"last_error": None}, ["user"]),
        ([say("one"), say("two")], "completed", {}, ["assistant", "assistant", "user"]),
        ([], "completed", {}, ["user"]),
    ],
)
def test_a_run_ends_as_its_script_says(
    api: Api, items: list[Any], status: str, fields: Any, roles: list[str]
) -> None:
    created = run(api, thread(api, "a"))
    play(api, created, *items)

    for _ in range(len(items) + 2):
        ended = read(api, created)

    assert ended["status"] == status
    assert {name: ended[name] for name in fields} == fields
    assert (ended["expires_at"], ended["usage"] is None) == (None, False)
    listed = api.get(f"{THREADS}/{created['thread_id']}/messages").json["data"]
    assert [one["role"] for one in listed] == roles


def test_what_is_open_when_a_run_fails_ends_with_it(api: Api) -> None:
    created = run(api, thread(api, "a"))
    play(api, created, say("Well"), {"fail": {"code": "server_error", "message": "Sorry."}})
    for _ in range(3):
        read(api, created)

    state = api.get("/_mock/state").json
    [step], newest = state["run_steps"], state["messages"][-1]

    assert (step["status"], step["last_error"]["code"]) == ("failed", "server_error")
    assert newest["status"] == "incomplete"
    assert newest["incomplete_details"] == {"reason": "run_failed"}


def test_a_call_that_the_run_does_not_have_fails_it_and_says_so(api: Api) -> None:
    created = run(api, thread(api, "a"))
    play(api, created, CALLS)
    read(api, created)

    ended = read(api, created)

    assert ended["status"] == "failed"
    assert (
        "calls get_weather, a function that the run does not have"
        in (ended["last_error"]["message"])
    )


@pytest.mark.parametrize(
    ("wait", "advance"), [({"seconds": 30}, "30s"), ({"polls": 3}, None)], ids=["clock", "polls"]
)
def test_a_run_waits_for_the_clock_or_for_reads(api: Api, wait: Any, advance: str | None) -> None:
    created = run(api, thread(api, "a"))
    play(api, created, {"wait": wait}, say("Done."))

    states = [read(api, created)["status"] for _ in range(4)]
    if advance:
        api.post("/_mock/clock", {"advance": advance})

    assert states == ["in_progress"] * 4
    assert read(api, created)["status"] == "completed"


# ── The promise ──────────────────────────────────────────────────────────────────


def conversation(api: Api) -> bytes:
    """Hold a conversation with calls, and return every byte of it."""
    created = waiting(api)
    heard = [json.dumps(created).encode()]
    outputs = {"tool_outputs": outputs_of(created, "a", "b")}
    heard.append(api.post(f"{path_of(created)}/submit_tool_outputs", outputs).body)
    heard += [api.get(path_of(created)).body for _ in range(3)]
    heard += [api.get(f"{path_of(created)}/steps").body]
    heard += [api.get(f"{THREADS}/{created['thread_id']}/messages").body]
    return b"\n".join(heard)


def test_the_same_conversation_gives_the_same_bytes_under_every_key(api: Api) -> None:
    other = replace(api, key=f"{api.key}-other")

    assert conversation(api) == conversation(other)


def test_a_run_goes_on_where_its_state_is_carried_to(start: Start) -> None:
    here, there = start(seed=7), start(seed=7)
    created = waiting(here)
    state = here.get("/_mock/state").json
    assert there.request("PUT", "/_mock/state", state).status == 200

    def go_on(api: Api) -> list[bytes]:
        outputs = {"tool_outputs": outputs_of(created, "a", "b")}
        bodies = [api.post(f"{path_of(created)}/submit_tool_outputs", outputs).body]
        return bodies + [api.get(f"{path_of(created)}/steps").body for _ in range(3)]

    assert go_on(here) == go_on(there)
