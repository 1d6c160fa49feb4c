"""Runs and steps in each of their states: every byte of them, as recorded."""

from typing import Any

import pytest

from tests.api.conversation import (
    FUNCTIONS,
    THREADS,
    outputs_of,
    path_of,
    posted,
    say,
    thread,
)
from tests.api.runs.layouts import (
    CALL,
    ENDED,
    ERROR,
    FAIL,
    IN_PROGRESS,
    MESSAGE_CREATION,
    NOTHING_USED,
    OPEN,
    REQUIRED_ACTION,
    SPOKE,
    TOOL_CALLS,
    USAGE,
    created_run,
    is_run,
    is_step,
    reads,
)
from tests.support import Api

# ── Runs ─────────────────────────────────────────────────────────────────────────


def test_a_new_run(api: Api) -> None:
    assistant = api.create(tools=FUNCTIONS[:1])["id"]
    thread_id = thread(api, "2 + 2?")
    body = {"assistant_id": assistant, "instructions": "Answer briefly: ñ."}

    reply = api.post(f"{THREADS}/{thread_id}/runs", body)

    is_run(reply, reply.json, **OPEN)


def test_a_run_of_a_new_thread(api: Api) -> None:
    assistant = api.create(tools=FUNCTIONS[:1])["id"]
    thread(api, "a")  # which takes two seconds
    sent = {"messages": [{"role": "user", "content": "2 + 2?"}]}
    body = {"assistant_id": assistant, "instructions": "Answer briefly: ñ.", "thread": sent}

    reply = api.post(f"{THREADS}/runs", body)

    is_run(reply, reply.json, **OPEN)
    assert api.get(f"{THREADS}/{reply.json['thread_id']}").status == 200


def test_a_run_in_progress_is_the_same_in_every_read(api: Api) -> None:
    created = created_run(api, {"wait": {"polls": 3}}, say("Four."))

    for _ in range(4):
        is_run(reads(api, created, 1), created, **IN_PROGRESS)


def test_a_completed_run(api: Api) -> None:
    created = created_run(api, say("Four."))

    reply = reads(api, created, 2)

    shown = {**ENDED, "status": '"completed"', "completed_at": "1735689604", **SPOKE}
    is_run(reply, created, **shown)
    changed = api.post(path_of(created), {"metadata": None})
    is_run(changed, created, **shown)
    listed = api.get(f"{THREADS}/{created['thread_id']}/runs").body.decode()
    nested = reply.body.decode().replace("\n", "\n    ")
    assert listed == (
        f'{{\n  "object": "list",\n  "data": [\n    {nested}\n  ],\n'
        f'  "first_id": "{created["id"]}",\n  "last_id": "{created["id"]}",\n'
        '  "has_more": false\n}'
    )


def test_a_run_that_waits_for_outputs_and_goes_on(api: Api) -> None:
    created = created_run(api, CALL, say("Sunny."))
    waiting = reads(api, created, 2)
    [call] = waiting.json["required_action"]["submit_tool_outputs"]["tool_calls"]
    asked = {"required_action": REQUIRED_ACTION, "call": f'"{call["id"]}"'}
    is_run(waiting, created, **{**IN_PROGRESS, "status": '"requires_action"'}, **asked)

    body = {"tool_outputs": outputs_of(waiting.json, "☀")}
    queued = api.post(f"{path_of(created)}/submit_tool_outputs", body)
    is_run(queued, created, **{**IN_PROGRESS, "status": '"queued"'})

    api.post("/_mock/clock", {"advance": "15s"})
    is_run(
        reads(api, created, 1),
        created,
        **{**IN_PROGRESS, "started_at": "1735689620"},
    )


def test_a_run_that_is_cancelled(api: Api) -> None:
    created = created_run(api, say("Four."))

    cancelling = api.post(f"{path_of(created)}/cancel")
    is_run(cancelling, created, **{**OPEN, "status": '"cancelling"'})

    ended = {"status": '"cancelled"', "expires_at": "null", "cancelled_at": "1735689604"}
    is_run(reads(api, created, 1), created, **ended, **NOTHING_USED)


def test_a_run_that_expired(api: Api) -> None:
    created = created_run(api, {"wait": {"polls": 9}})
    reads(api, created, 1)
    api.post("/_mock/clock", {"advance": "10m"})

    is_run(reads(api, created, 1), created, **{**ENDED, "status": '"expired"'}, **NOTHING_USED)


def test_a_run_that_failed_is_no_error_of_http(api: Api) -> None:
    created = created_run(api, FAIL)

    failed = {**ENDED, "status": '"failed"', "failed_at": "1735689604", "last_error": ERROR}
    is_run(reads(api, created, 2), created, **failed, **NOTHING_USED)


@pytest.mark.parametrize("reason", ["max_completion_tokens", "max_prompt_tokens"])
def test_a_run_that_is_incomplete(api: Api, reason: str) -> None:
    created = created_run(api, {"incomplete": {"reason": reason}})

    details = f'{{\n    "reason": "{reason}"\n  }}'
    shown = {**ENDED, "status": '"incomplete"', "incomplete_details": details}
    is_run(reads(api, created, 2), created, **shown, **NOTHING_USED)


# ── Steps ────────────────────────────────────────────────────────────────────────


def test_a_step_of_a_message(api: Api) -> None:
    created = created_run(api, say("Four."))
    reads(api, created, 2)

    [answer, _] = api.get(f"{THREADS}/{created['thread_id']}/messages").json["data"]
    is_step(
        api,
        created,
        type='"message_creation"',
        status='"completed"',
        completed_at="1735689604",
        details=MESSAGE_CREATION,
        message=f'"{answer["id"]}"',
        **SPOKE,
    )


def test_a_step_of_calls(api: Api) -> None:
    created = created_run(api, CALL, {"wait": {"polls": 9}}, say("Sunny."))
    waiting = reads(api, created, 2).json
    [call] = outputs_of(waiting, "☀ \u0007")
    calls = {"type": '"tool_calls"', "details": TOOL_CALLS, "call": f'"{call["tool_call_id"]}"'}
    is_step(api, created, **calls, status='"in_progress"', output="null", expires_at="1735690203")

    posted(api, f"{path_of(created)}/submit_tool_outputs", {"tool_outputs": [call]})

    is_step(
        api,
        created,
        **calls,
        status='"completed"',
        output='"☀ \\u0007"',
        completed_at="1735689605",
        expires_at="1735690203",
        usage=USAGE,
        prompt="7",
        completion="8",
        total="15",
    )


@pytest.mark.parametrize(
    ("end", "status", "shown"),
    [
        (FAIL, "failed", {"failed_at": "1735689606", "last_error": ERROR}),
        ({"cancel": {}}, "cancelled", {"cancelled_at": "1735689606"}),
        ({"expire": {}}, "expired", {}),
        # A step that a limit of tokens cut short is completed.
        ({"incomplete": {"reason": "max_completion_tokens"}}, "completed", {}),
    ],
)
def test_a_step_that_was_open_when_its_run_ended(
    api: Api, end: dict[str, Any], status: str, shown: dict[str, str]
) -> None:
    created = created_run(api, say("Four."), end)
    reads(api, created, 3)

    [answer, _] = api.get(f"{THREADS}/{created['thread_id']}/messages").json["data"]
    if status == "completed":
        shown = {"completed_at": "1735689606"}
    is_step(
        api,
        created,
        type='"message_creation"',
        status=f'"{status}"',
        details=MESSAGE_CREATION,
        message=f'"{answer["id"]}"',
        **SPOKE,
        **shown,
    )


@pytest.mark.parametrize("path", ["/messages", "/runs", "/runs/{run}/steps"])
def test_a_list_of_nothing(api: Api, path: str) -> None:
    created = created_run(api, {"wait": {"polls": 9}})
    thread_id = created["thread_id"]
    if path != "/runs/{run}/steps":
        thread_id = thread(api)

    reply = api.get(f"{THREADS}/{thread_id}{path.format(run=created['id'])}")

    assert reply.body.decode() == (
        '{\n  "object": "list",\n  "data": [],\n  "first_id": null,\n  "last_id": null,\n'
        '  "has_more": false\n}'
    )


# ── What the recordings show of a whole run ──────────────────────────────────────


def test_a_run_may_speak_between_its_calls(api: Api) -> None:
    created = created_run(api, say("Let me see."), CALL, say("It is sunny."))
    waiting = reads(api, created, 3).json
    body = {"tool_outputs": outputs_of(waiting, "☀")}
    posted(api, f"{path_of(created)}/submit_tool_outputs", body)
    ended = reads(api, created, 2).json

    steps = api.get(f"{path_of(created)}/steps?order=asc").json["data"]
    kinds = ["message_creation", "tool_calls", "message_creation"]
    assert [one["type"] for one in steps] == kinds
    messages = api.get(f"{THREADS}/{created['thread_id']}/messages?order=asc").json["data"]
    assert [one["role"] for one in messages] == ["user", "assistant", "assistant"]
    named = [one["step_details"].get("message_creation") for one in steps]
    assert named == [{"message_id": messages[1]["id"]}, None, {"message_id": messages[2]["id"]}]
    for count in ("prompt_tokens", "completion_tokens", "total_tokens"):
        assert ended["usage"][count] == sum(one["usage"][count] for one in steps)
    both = (created["assistant_id"], created["id"])
    owners = [(one["assistant_id"], one["run_id"]) for one in messages]
    assert owners == [(None, None), both, both]


def test_a_run_with_the_tools_of_its_assistant_and_a_second_without_them(api: Api) -> None:
    created = created_run(api, say("Four."))
    reads(api, created, 2)
    body = {"assistant_id": created["assistant_id"], "tools": created["tools"]}

    first = posted(api, f"{THREADS}/{created['thread_id']}/runs", body)
    reads(api, first, 2)
    second = posted(api, f"{THREADS}/{created['thread_id']}/runs", {**body, "tools": []})

    assert first["tools"] == created["tools"]
    assert reads(api, second, 2).json["status"] == "completed"
    assert second["tools"] == []


def test_the_contents_of_search_results_may_be_asked_for(api: Api) -> None:
    created = created_run(api, say("Four."))
    what = "step_details.tool_calls%5B%2A%5D.file_search.results%5B%2A%5D.content"

    assert api.get(f"{path_of(created)}/steps?include[]={what}").status == 200
    assert api.get(f"{path_of(created)}/steps?include%5B%5D={what}").status == 200
