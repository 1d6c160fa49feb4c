"""Runs that wait for the outputs of functions."""

from tests.api.conversation import (
    outputs_of,
    path_of,
    posted,
    read,
    refusal,
    run,
    thread,
    waiting,
)
from tests.support import Api

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
