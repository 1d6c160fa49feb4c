"""Runs that a stub has patched, or that were restored: whatever they have, nothing breaks."""

from typing import Any

import pytest

from tests.api.conversation import KEYS, THREADS, path_of, posted, run, thread
from tests.support import Api

ODD: tuple[Any, ...] = (None, 5, "x", [], [3], {"a": 1}, [{"type": "function"}])


def everything(api: Api, run_path: str) -> set[int]:
    """Do all that can be done to a run, and return the statuses."""
    outputs = {"tool_outputs": [{"tool_call_id": "call_1", "output": "a"}]}
    replies = [
        *(api.get(run_path) for _ in range(4)),
        api.post(f"{run_path}/submit_tool_outputs", outputs),
        api.post(run_path, {"metadata": {"a": "b"}}),
        api.post(f"{run_path}/cancel"),
        api.get(f"{run_path}/steps"),
        api.get(run_path.rpartition("/")[0]),
        api.post(run_path.rpartition("/runs")[0] + "/messages", {"role": "user", "content": "a"}),
        api.get(run_path.rpartition("/runs")[0] + "/messages"),
    ]
    return {reply.status for reply in replies}


@pytest.mark.parametrize("key", [key for key in (*KEYS, "script") if key != "id"])
def test_a_field_may_have_any_value_or_none(api: Api, key: str) -> None:
    assistant = api.create(name="Math Tutor", instructions="Be brief.")["id"]
    for then in (*({"body": {key: value}} for value in ODD), {"drop": [key]}):
        api.delete("/_mock/stubs")
        api.post("/_mock/stubs", {"when": {"operation": "createRun"}, "then": then})
        thread_id = thread(api, "a")
        created = posted(api, f"{THREADS}/{thread_id}/runs", {"assistant_id": assistant})

        statuses = everything(api, f"{THREADS}/{thread_id}/runs/{created['id']}")

        assert statuses <= {200, 400}, then


@pytest.mark.parametrize("status", ["requires_action", "queued", "completed"])
def test_a_stub_may_say_the_state_of_a_new_run(api: Api, status: str) -> None:
    then = {"body": {"status": status}}
    api.post("/_mock/stubs", {"when": {"operation": "createRun"}, "then": then})
    created = run(api, thread(api, "a"))

    assert created["status"] == status
    assert everything(api, path_of(created)) <= {200, 400}


@pytest.mark.parametrize("fields", [{"tools": 5}, {"instructions": 5}, {"tool_resources": [1]}])
def test_an_assistant_may_have_been_patched(api: Api, fields: Any) -> None:
    api.post("/_mock/stubs", {"when": {"operation": "createAssistant"}, "then": {"body": fields}})
    created = run(api, thread(api, "a"), additional_instructions="More.")

    assert everything(api, path_of(created)) <= {200, 400}


@pytest.mark.parametrize("script", [5, {}, {"items": []}, None])
def test_a_script_that_is_not_valid_is_not_restored(api: Api, script: Any) -> None:
    run(api, thread(api, "a"))
    state = api.get("/_mock/state").json
    state["runs"][0]["script"] = script

    reply = api.request("PUT", "/_mock/state", state)

    assert reply.status == 400
    assert reply.json["errors"][0]["place"] == "runs[0]"
    assert reply.json["errors"][0]["what"] == "its script is not valid"


def test_steps_and_messages_that_are_gone_do_not_stop_a_run(api: Api) -> None:
    created = run(api, thread(api, "a"))
    state = api.get("/_mock/state").json
    state["runs"][0]["script"] |= {"step": "step_gone", "message": "msg_gone"}
    state["messages"][0] |= {"content": 5, "role": 7}
    assert api.request("PUT", "/_mock/state", state).status == 200

    assert everything(api, path_of(created)) <= {200, 400}


def test_a_run_without_a_status_is_streamed(api: Api) -> None:
    stub = {"when": {"operation": "createRun"}, "then": {"drop": ["status"]}}
    api.post("/_mock/stubs", stub)
    assistant_id = api.create(name="Math Tutor")["id"]
    path = f"{THREADS}/{thread(api, 'a')}/runs"

    reply = api.post(path, {"assistant_id": assistant_id, "stream": True})

    assert reply.status == 200
    assert reply.body.endswith(b"event: done\ndata: [DONE]\n\n")
