"""The events of a streamed run, in the order of the real service, and what each of them has."""

from typing import Any

import pytest

from tests.api.conversation import KEYS, STEP_KEYS, THREADS, posted, thread
from tests.api.streams import Heard, assistant, begin, data, names, script, streamed, submit
from tests.support import Api

BEGIN = ("run.created", "run.queued", "run.in_progress")
STEP = ("run.step.created", "run.step.in_progress")
SPOKEN = (*STEP, "message.created", "message.in_progress", "message.delta")
MESSAGE = (*SPOKEN, "message.completed", "run.step.completed")
TOOL = (*STEP, "run.step.delta")
END = ("run.completed", "done")

FOUND = {"search": {"results": [{"file_name": "tips.md", "text": "Breathe."}]}}
CITED = {"say": "Breathe.", "cite": True}
CODE = {"code": {"input": "print(6 * 7)", "logs": "42"}}
CALL = {"call": {"get_weather": {"city": "Paris"}}}
BOTH = {"call": [{"get_weather": {"city": "Paris"}}, {"get_time": {}}]}

ORDERS: dict[str, tuple[list[Any], tuple[str, ...]]] = {
    "a plain reply": ([{"say": "It is sunny."}], (*BEGIN, *MESSAGE, *END)),
    "nothing to say": ([], (*BEGIN, *END)),
    "two messages": ([{"say": "a"}, {"say": "b"}], (*BEGIN, *MESSAGE, *MESSAGE, *END)),
    "a call": ([CALL, {"say": "a"}], (*BEGIN, *TOOL, "run.requires_action", "done")),
    "two calls": ([BOTH, {"say": "a"}], (*BEGIN, *TOOL, "run.requires_action", "done")),
    "a message and a call": (
        [{"say": "Wait."}, CALL],
        (*BEGIN, *MESSAGE, *TOOL, "run.requires_action", "done"),
    ),
    "a search": ([FOUND, CITED], (*BEGIN, *TOOL, "run.step.completed", *MESSAGE, *END)),
    "code": ([CODE, {"say": "42"}], (*BEGIN, *TOOL, "run.step.completed", *MESSAGE, *END)),
    "a refusal": ([{"refuse": "I cannot."}], (*BEGIN, *MESSAGE, *END)),
    "waits that only polls have": (
        [{"wait": {"polls": 9}}, {"say": "a"}],
        (*BEGIN, *MESSAGE, *END),
    ),
    "a token limit": (
        [{"say": "It all began"}, {"incomplete": "max_completion_tokens"}],
        (*BEGIN, *SPOKEN, "message.incomplete", "run.step.completed", "run.incomplete", "done"),
    ),
    "a failure": ([{"fail": "Sorry."}], (*BEGIN, "run.failed", "done")),
    "a failure in a message": (
        [{"say": "Well"}, {"fail": "Sorry."}],
        (*BEGIN, *SPOKEN, "message.incomplete", "run.step.failed", "run.failed", "done"),
    ),
    "an expiry": (["expire"], (*BEGIN, "run.expired", "done")),
    "an expiry in a message": (
        [{"say": "Well"}, "expire"],
        (*BEGIN, *SPOKEN, "message.incomplete", "run.step.expired", "run.expired", "done"),
    ),
    "a script that cancels": (["cancel"], (*BEGIN, "run.cancelled", "done")),
    "a script that cancels in a message": (
        [{"say": "Well"}, "cancel"],
        (*BEGIN, *SPOKEN, "message.incomplete", "run.step.cancelled", "run.cancelled", "done"),
    ),
    "a function that the run does not have": (
        [{"call": {"nope": {}}}],
        (*BEGIN, "run.failed", "done"),
    ),
    "everything": (
        [FOUND, CITED, CODE, {"say": "42"}, CALL, {"say": "b"}],
        (
            *(*BEGIN, *TOOL, "run.step.completed", *MESSAGE, *TOOL, "run.step.completed"),
            *(*MESSAGE, *TOOL, "run.requires_action", "done"),
        ),
    ),
}


@pytest.mark.parametrize("case", ORDERS)
def test_the_events_come_in_the_order_of_the_real_service(api: Api, case: str) -> None:
    items, expected = ORDERS[case]
    script(api, *items)
    path, body = begin(api, thread(api, "Weather?"))

    assert tuple(names(streamed(api, path, body))) == expected


def plain(api: Api) -> list[Heard]:
    path, body = begin(api, thread(api, "Weather?"), {"say": "It is sunny."})
    return streamed(api, path, body)


# ── A plain reply ────────────────────────────────────────────────────────────────


def test_a_run_without_a_script_says_its_default_message(api: Api) -> None:
    path, body = begin(api, thread(api, "What is 2 + 2?"))
    heard = streamed(api, path, body)

    assert tuple(names(heard)) == (*BEGIN, *MESSAGE, *END)
    [message] = data(heard, "message.completed")
    assert "What is 2 + 2?" in message["content"][0]["text"]["value"]


def test_a_run_in_a_new_thread_begins_with_the_thread(api: Api) -> None:
    body = {
        "assistant_id": assistant(api),
        "thread": {"messages": [{"role": "user", "content": "Hello"}], "metadata": {"a": "b"}},
        "stream": True,
    }
    heard = streamed(api, f"{THREADS}/runs", body)

    assert tuple(names(heard)) == ("created", *BEGIN, *MESSAGE, *END)
    created = heard[0].data
    assert list(created) == ["id", "object", "created_at", "metadata", "tool_resources"]
    assert created == api.get(f"{THREADS}/{created['id']}").json
    assert data(heard, "run.created")[0]["thread_id"] == created["id"]


def test_the_first_two_events_of_a_thing_have_the_same_data(api: Api) -> None:
    heard = plain(api)

    assert data(heard, "run.created") == data(heard, "run.queued")
    assert data(heard, "run.step.created") == data(heard, "run.step.in_progress")
    assert data(heard, "message.created") == data(heard, "message.in_progress")


def test_a_run_changes_from_event_to_event_as_it_does_from_read_to_read(api: Api) -> None:
    heard = plain(api)
    queued, in_progress, completed = (
        data(heard, f"run.{status}")[0] for status in ("queued", "in_progress", "completed")
    )

    assert all(tuple(run) == KEYS for run in (queued, in_progress, completed))
    assert in_progress == queued | {
        "status": "in_progress",
        "started_at": in_progress["started_at"],
    }
    assert completed == in_progress | {
        "status": "completed",
        "expires_at": None,
        "completed_at": completed["completed_at"],
        "usage": completed["usage"],
    }
    assert queued["expires_at"] == queued["created_at"] + 600
    assert completed["usage"] == data(heard, "run.step.completed")[0]["usage"]


def test_a_streamed_run_shows_its_resources_in_full(api: Api) -> None:
    heard = plain(api)
    [completed] = data(heard, "run.completed")

    assert data(heard, "run.created")[0]["tool_resources"] == completed["tool_resources"]
    assert completed["tool_resources"]["code_interpreter"] == {"file_ids": []}
    read = api.get(f"{THREADS}/{completed['thread_id']}/runs/{completed['id']}").json
    assert read == completed | {"tool_resources": {}}


def test_the_step_of_a_message_names_it(api: Api) -> None:
    heard = plain(api)
    [created], [completed] = (data(heard, f"run.step.{at}") for at in ("created", "completed"))
    [message] = data(heard, "message.created")

    assert tuple(created) == tuple(completed) == STEP_KEYS
    assert created["type"] == "message_creation"
    assert created["step_details"]["message_creation"] == {"message_id": message["id"]}
    assert completed == created | {
        "status": "completed",
        "completed_at": completed["completed_at"],
        "usage": completed["usage"],
    }
    assert completed["expires_at"] == data(heard, "run.created")[0]["expires_at"]


def test_a_message_is_empty_until_it_is_complete(api: Api) -> None:
    heard = plain(api)
    [created], [completed] = (data(heard, f"message.{at}") for at in ("created", "completed"))

    assert (
        list(created)
        == list(completed)
        == [
            *("id", "object", "created_at", "assistant_id", "thread_id", "run_id", "status"),
            *("incomplete_details", "incomplete_at", "completed_at", "role", "content"),
            *("attachments", "metadata"),
        ]
    )
    assert (created["content"], created["status"]) == ([], "in_progress")
    assert completed == created | {
        "status": "completed",
        "completed_at": completed["completed_at"],
        "content": [{"type": "text", "text": {"value": "It is sunny.", "annotations": []}}],
    }
    assert created["created_at"] == data(heard, "run.step.created")[0]["created_at"]


def test_all_that_a_stream_told_is_there_to_be_read(api: Api) -> None:
    heard = plain(api)
    [run], [message] = data(heard, "run.completed"), data(heard, "message.completed")

    path = f"{THREADS}/{run['thread_id']}"
    [newest, _] = api.get(f"{path}/messages").json["data"]
    [step] = api.get(f"{path}/runs/{run['id']}/steps").json["data"]
    assert (newest["id"], newest["content"]) == (message["id"], message["content"])
    assert step == data(heard, "run.step.completed")[0] | {"expires_at": None}


# ── Tools ────────────────────────────────────────────────────────────────────────


def test_a_step_of_calls_begins_empty_and_stays_open(api: Api) -> None:
    path, body = begin(api, thread(api, "Weather?"), BOTH)
    heard = streamed(api, path, body)
    [created], [run] = data(heard, "run.step.created"), data(heard, "run.requires_action")

    assert created["step_details"] == {"type": "tool_calls", "tool_calls": []}
    assert data(heard, "run.step.completed") == []
    assert run["usage"] is None
    calls = run["required_action"]["submit_tool_outputs"]["tool_calls"]
    assert [(list(call), call["function"]) for call in calls] == [
        (["id", "type", "function"], one["function"])
        for one in (
            {"function": {"name": "get_weather", "arguments": '{"city":"Paris"}'}},
            {"function": {"name": "get_time", "arguments": "{}"}},
        )
    ]


def test_submitted_outputs_complete_their_step_and_the_run_is_queued_again(api: Api) -> None:
    path, body = begin(
        api, thread(api, "Weather?"), BOTH, {"say": "{{ outputs.0 }} at {{ outputs.1 }}."}
    )
    [waiting] = data(streamed(api, path, body), "run.requires_action")

    heard = streamed(api, *submit(waiting, "Sünny\u0001", "noon"))

    expected = ("run.step.completed", "run.queued", "run.in_progress", *MESSAGE, *END)
    assert tuple(names(heard)) == expected
    step = heard[0].data
    shown = [call["function"]["output"] for call in step["step_details"]["tool_calls"]]
    assert (shown, step["usage"] is None) == (["Sünny\u0001", "noon"], False)
    [queued], [going_on] = data(heard, "run.queued"), data(heard, "run.in_progress")
    assert queued["started_at"] == waiting["started_at"] < going_on["started_at"]
    assert queued["expires_at"] == waiting["expires_at"]
    [message] = data(heard, "message.completed")
    assert message["content"][0]["text"]["value"] == "Sünny\u0001 at noon."


def test_a_second_round_of_calls_is_streamed_like_the_first(api: Api) -> None:
    path, body = begin(api, thread(api, "Weather?"), CALL, CALL, {"say": "Sunny."})
    [first] = data(streamed(api, path, body), "run.requires_action")

    again = streamed(api, *submit(first, "a"))
    [second] = data(again, "run.requires_action")
    last = streamed(api, *submit(second, "b"))

    queued = ("run.step.completed", "run.queued", "run.in_progress")
    assert tuple(names(again)) == (*queued, *TOOL, "run.requires_action", "done")
    assert tuple(names(last)) == (*queued, *MESSAGE, *END)
    [run] = data(last, "run.completed")
    steps = api.get(f"{path}/{run['id']}/steps").json["data"]
    assert run["usage"]["total_tokens"] == sum(one["usage"]["total_tokens"] for one in steps)


@pytest.mark.parametrize("include", [False, True])
def test_the_contents_of_a_search_have_to_be_asked_for(api: Api, include: bool) -> None:
    path, body = begin(api, thread(api, "Tips?"), FOUND, CITED)
    asked = "?include[]=step_details.tool_calls[*].file_search.results[*].content"
    heard = streamed(api, path + (asked if include else ""), body)

    [result] = data(heard, "run.step.completed")[0]["step_details"]["tool_calls"][0]["file_search"][
        "results"
    ]
    assert list(result)[:4] == ["file_id", "file_name", "score", "attributes"]
    assert result.get("content") == ([{"type": "text", "text": "Breathe."}] if include else None)


def test_code_is_finished_before_the_message_begins(api: Api) -> None:
    path, body = begin(api, thread(api, "6 * 7?"), CODE, {"say": "42"})
    heard = streamed(api, path, body)
    code, message = data(heard, "run.step.completed")

    assert code["completed_at"] <= data(heard, "message.created")[0]["created_at"]
    assert [code["type"], message["type"]] == ["tool_calls", "message_creation"]
    assert code["step_details"]["tool_calls"][0]["code_interpreter"] == {
        "input": "print(6 * 7)",
        "outputs": [{"type": "logs", "logs": "42"}],
    }


# ── Ends ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("item", "reason", "status", "why"),
    [
        ({"incomplete": "max_completion_tokens"}, "max_tokens", "incomplete", None),
        ({"incomplete": "content_filter"}, "content_filter", "incomplete", None),
        ({"fail": "Sorry."}, "run_failed", "failed", "Sorry."),
        ("expire", "run_expired", "expired", None),
        ("cancel", "run_cancelled", "cancelled", None),
    ],
)
def test_a_message_that_is_open_says_why_it_is_incomplete(
    api: Api, item: Any, reason: str, status: str, why: str | None
) -> None:
    path, body = begin(api, thread(api, "a"), {"say": "Well"}, item)
    heard = streamed(api, path, body)
    [message], [run] = data(heard, "message.incomplete"), data(heard, f"run.{status}")

    assert message["incomplete_details"] == {"reason": reason}
    assert message["completed_at"] is None
    assert message["incomplete_at"] >= message["created_at"]
    assert message["content"][0]["text"]["value"] == "Well"
    assert (run["last_error"] or {}).get("message") == why
    assert (run["expires_at"], run["usage"] is None) == (None, False)


def test_a_patched_run_that_has_ended_is_told_once(api: Api) -> None:
    api.post(
        "/_mock/stubs", {"then": {"body": {"status": "failed"}}, "when": {"operation": "createRun"}}
    )
    path, body = begin(api, thread(api, "a"))

    assert list(names(streamed(api, path, body))) == ["run.created", "run.failed", "done"]


def test_stream_false_and_null_answer_as_ever(api: Api) -> None:
    for stream in (False, None):
        path, body = begin(api, thread(api, "a"), stream=stream)
        assert posted(api, path, body)["status"] == "queued"


def test_a_refused_stream_is_an_error_as_ever(api: Api) -> None:
    path, body = begin(api, thread(api, "a"), temperature=3)
    reply = api.post(path, body, headers={"Accept": "text/event-stream"})

    assert (reply.status, reply.headers["Content-Type"]) == (400, "application/json")
    assert reply.error["param"] == "temperature"
