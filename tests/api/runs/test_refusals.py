"""What is refused in conversations: every refusal whole, as recorded."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.api.conversation import (
    FUNCTIONS,
    THREADS,
    outputs_of,
    path_of,
    play,
    posted,
    read,
    run,
    say,
    thread,
    waiting,
)
from tests.support import Api, Reply

LONGEST = 256_000
STORE: dict[str, Any] = {"file_search": {"vector_stores": [{"file_ids": []}]}}


def is_refused(
    reply: Reply, message: str, param: str | None = None, code: str | None = None, status: int = 400
) -> None:
    """Assert that this is the response, to the byte, with the headers of every other response."""
    body = (
        "{\n"
        '  "error": {\n'
        f'    "message": "{message}",\n'
        '    "type": "invalid_request_error",\n'
        f'    "param": {_json(param)},\n'
        f'    "code": {_json(code)}\n'
        "  }\n"
        "}"
    )
    assert (reply.status, reply.body.decode()) == (status, body)
    assert reply.headers["Content-Type"] == "application/json"
    assert reply.headers["Content-Length"] == str(len(body.encode()))
    assert reply.headers["x-request-id"].startswith("req_")
    assert reply.headers["openai-version"] == "2020-10-01"


def _json(value: str | None) -> str:
    return "null" if value is None else f'"{value}"'


# ── Ids, in the order in which they are looked at ────────────────────────────────

PATHS = [
    ("GET", "/{thread}"),
    ("POST", "/{thread}"),
    ("DELETE", "/{thread}"),
    ("GET", "/{thread}/messages"),
    ("POST", "/{thread}/messages"),
    ("GET", "/{thread}/messages/msg_abc"),
    ("POST", "/{thread}/messages/msg_abc"),
    ("DELETE", "/{thread}/messages/msg_abc"),
    ("GET", "/{thread}/runs"),
    ("POST", "/{thread}/runs"),
    ("GET", "/{thread}/runs/run_abc"),
    ("POST", "/{thread}/runs/run_abc"),
    ("POST", "/{thread}/runs/run_abc/cancel"),
    ("POST", "/{thread}/runs/run_abc/submit_tool_outputs"),
    ("GET", "/{thread}/runs/run_abc/steps"),
    ("GET", "/{thread}/runs/run_abc/steps/step_abc"),
]
BODIES: dict[str, Any] = {
    "/messages": {"role": "user", "content": "a"},
    "/runs": {"assistant_id": "asst_abc"},
    "/submit_tool_outputs": {"tool_outputs": []},
}


def send(api: Api, method: str, path: str) -> Reply:
    body = BODIES.get(f"/{path.rpartition('/')[2]}") if method == "POST" else None
    return api.request(method, THREADS + path, body)


@pytest.mark.parametrize(("method", "path"), PATHS)
def test_a_thread_that_is_not_there(api: Api, method: str, path: str) -> None:
    reply = send(api, method, path.format(thread="thread_abc"))

    is_refused(reply, "No thread found with id 'thread_abc'.", status=404)


@pytest.mark.parametrize(("method", "path"), PATHS)
def test_the_id_of_a_thread_that_is_none(api: Api, method: str, path: str) -> None:
    is_refused(
        send(api, method, path.format(thread="undefined")),
        "Invalid 'thread_id': 'undefined'. Expected an ID that begins with 'thread'.",
        "thread_id",
        "invalid_value",
    )
    is_refused(
        send(api, method, path.format(thread="thread_a:b")),
        "Invalid 'thread_id': 'thread_a:b'. Expected an ID that contains letters, numbers, "
        "underscores, or dashes, but this value contained additional characters.",
        "thread_id",
        "invalid_value",
    )


@pytest.mark.parametrize(
    ("kind", "name", "method", "path"),
    [
        ("message", "message_id", "GET", "/messages/{id}"),
        ("message", "message_id", "POST", "/messages/{id}"),
        ("message", "message_id", "DELETE", "/messages/{id}"),
        ("run", "run_id", "GET", "/runs/{id}"),
        ("run", "run_id", "POST", "/runs/{id}"),
        ("run", "run_id", "POST", "/runs/{id}/cancel"),
        ("run", "run_id", "POST", "/runs/{id}/submit_tool_outputs"),
        ("run", "run_id", "GET", "/runs/{id}/steps"),
        ("run", "run_id", "GET", "/runs/{id}/steps/step_abc"),
        ("run step", "step_id", "GET", "/runs/{run}/steps/{id}"),
    ],
)
def test_what_is_not_in_a_thread(api: Api, kind: str, name: str, method: str, path: str) -> None:
    created = run(api, thread(api, "a"))
    prefix = {"message_id": "msg"}.get(name, name.removesuffix("_id"))

    def sent(object_id: str) -> Reply:
        target = path.format(id=object_id, run=created["id"])
        return send(api, method, f"/{created['thread_id']}{target}")

    unknown = f"{prefix}_abc"
    is_refused(sent(unknown), f"No {kind} found with id '{unknown}'.", status=404)
    is_refused(
        sent("undefined"),
        f"Invalid '{name}': 'undefined'. Expected an ID that begins with '{prefix}'.",
        name,
        "invalid_value",
    )


def test_what_is_in_another_thread(api: Api) -> None:
    created, other = run(api, thread(api, "a")), thread(api, "b")
    [message] = api.get(f"{THREADS}/{created['thread_id']}/messages").json["data"]

    for path, kind in ((f"messages/{message['id']}", "message"), (f"runs/{created['id']}", "run")):
        object_id = path.partition("/")[2]
        reply = api.get(f"{THREADS}/{other}/{path}")
        is_refused(reply, f"No {kind} found with id '{object_id}'.", status=404)


@pytest.mark.parametrize(
    ("path", "kind", "prefix"),
    [
        ("/messages", "message", "msg"),
        ("/runs", "run", "run"),
        ("/runs/{run}/steps", "run step", "step"),
    ],
)
@pytest.mark.parametrize("cursor", ["after", "before"])
def test_a_cursor_that_names_nothing(
    api: Api, path: str, kind: str, prefix: str, cursor: str
) -> None:
    created = run(api, thread(api, "a"))
    target = f"{THREADS}/{created['thread_id']}{path.format(run=created['id'])}?{cursor}="

    reply = api.get(f"{target}{prefix}_abc")

    is_refused(reply, f"No {kind} found with id '{prefix}_abc'.", status=404)
    is_refused(
        api.get(f"{target}x_1"),
        f"Invalid '{cursor}': 'x_1'. Expected an ID that begins with '{prefix}'.",
        cursor,
        "invalid_value",
    )


@pytest.mark.parametrize("path", [THREADS, f"{THREADS}/runs"])
def test_the_id_of_a_file_that_is_none(api: Api, path: str) -> None:
    attachments = [{"file_id": "31abac64-a", "tools": [{"type": "file_search"}]}]
    new = {"messages": [{"role": "user", "content": "a", "attachments": attachments}]}
    place = "messages[0].attachments[0].file_id"
    body: Any = new
    if path.endswith("/runs"):
        body, place = {"assistant_id": api.create()["id"], "thread": new}, f"thread.{place}"

    is_refused(
        api.post(path, body),
        f"Invalid '{place}': '31abac64-a'. Expected an ID that begins with 'file'.",
        place,
        "invalid_value",
    )


def test_a_store_to_create_that_has_no_files(api: Api) -> None:
    message = "file_search tool configuration is invalid. file_ids must be non-empty"
    body = {"assistant_id": api.create()["id"], "thread": {"tool_resources": STORE}}

    is_refused(api.post(THREADS, {"tool_resources": STORE}), message)
    is_refused(api.post(f"{THREADS}/runs", {**body, "instructions": "Greet."}), message)


def test_an_assistant_that_is_not_there(api: Api) -> None:
    body = {"assistant_id": "asst_abc123"}
    message = "No assistant found with id 'asst_abc123'."

    is_refused(api.post(f"{THREADS}/{thread(api, 'a')}/runs", body), message, status=404)
    is_refused(api.post(f"{THREADS}/runs", body), message, status=404)


# ── Bodies ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("path", ["", "/messages/{message}", "/runs/{run}"])
def test_metadata_that_is_no_string_is_refused_in_220_bytes(api: Api, path: str) -> None:
    created = run(api, thread(api, "a"))
    [message] = api.get(f"{THREADS}/{created['thread_id']}/messages").json["data"]
    target = path.format(message=message["id"], run=created["id"])

    reply = api.post(f"{THREADS}/{created['thread_id']}{target}", {"metadata": {"modified": True}})

    is_refused(
        reply,
        "Invalid type for 'metadata.modified': expected a string, but got a boolean instead.",
        "metadata.modified",
        "invalid_type",
    )
    assert reply.headers["Content-Length"] == "220"


def test_a_text_that_is_too_long(api: Api) -> None:
    path = f"{THREADS}/{thread(api)}/messages"
    part = {"type": "text", "text": "a" * (LONGEST + 1)}

    assert api.post(path, {"role": "user", "content": "a" * LONGEST}).status == 200
    for content, place in (("a" * (LONGEST + 1), "content"), ([part], "content[0].text")):
        is_refused(
            api.post(path, {"role": "user", "content": content}),
            f"Invalid '{place}': string too long. Expected a string with maximum length 256000, "
            "but got a string with length 256001 instead.",
            place,
            "string_above_max_length",
        )


def test_more_messages_than_a_thread_or_a_run_begins_with(api: Api) -> None:
    messages = [{"role": "user", "content": "a"}] * 33
    body = {"assistant_id": api.create()["id"], "additional_messages": messages}

    for reply, param in (
        (api.post(THREADS, {"messages": messages}), "messages"),
        (api.post(f"{THREADS}/{thread(api)}/runs", body), "additional_messages"),
    ):
        is_refused(
            reply,
            f"Invalid '{param}': array too long. Expected an array with maximum length 32, but got "
            "an array with length 33 instead.",
            param,
            "array_above_max_length",
        )


@pytest.mark.parametrize(
    "field", ["additional_instructions", "additional_messages", "truncation_strategy"]
)
def test_a_field_that_only_one_of_the_creates_of_a_run_takes(api: Api, field: str) -> None:
    body = {"assistant_id": api.create()["id"], "instructions": "Greet.", field: None}

    assert api.post(f"{THREADS}/{thread(api, 'a')}/runs", body).status == 200
    together = api.post(f"{THREADS}/runs", body)
    if field == "truncation_strategy":
        assert together.status == 200
    else:
        is_refused(together, f"Unknown parameter: '{field}'.", field, "unknown_parameter")


def test_the_functions_of_a_run_have_names_of_their_own(api: Api) -> None:
    body = {"assistant_id": api.create()["id"], "tools": [FUNCTIONS[0]] * 2}

    reply = api.post(f"{THREADS}/{thread(api, 'a')}/runs", body)

    is_refused(reply, "Function tools must have unique names.", "tools[1]")


# ── The state of a run and of its thread ─────────────────────────────────────────


def test_a_run_in_a_busy_thread_is_refused_in_206_bytes(api: Api) -> None:
    created = run(api, thread(api, "a"))
    body = {"assistant_id": created["assistant_id"]}

    reply = api.post(f"{THREADS}/{created['thread_id']}/runs", body)

    message = f"Thread {created['thread_id']} already has an active run {created['id']}."
    is_refused(reply, message)
    assert reply.headers["Content-Length"] == "206"


def queued(api: Api) -> Any:
    return run(api, thread(api, "a"))


def in_progress(api: Api) -> Any:
    return read(api, queued(api))


def completed(api: Api) -> Any:
    return read(api, in_progress(api))


def cancelling(api: Api) -> Any:
    return posted(api, f"{path_of(queued(api))}/cancel")


def ended(item: dict[str, Any]) -> Callable[[Api], Any]:
    def create(api: Api) -> Any:
        created = queued(api)
        play(api, created, say("Well."), item)
        return [read(api, created) for _ in range(3)][-1]

    return create


STATES = {
    "queued": queued,
    "in_progress": in_progress,
    "requires_action": waiting,
    "cancelling": cancelling,
    "completed": completed,
    "failed": ended({"fail": {"code": "server_error", "message": "Sorry."}}),
    "incomplete": ended({"incomplete": {"reason": "max_prompt_tokens"}}),
    "cancelled": ended({"cancel": {}}),
    "expired": ended({"expire": {}}),
}


@pytest.mark.parametrize("status", STATES)
def test_what_each_state_of_a_run_takes(api: Api, status: str) -> None:
    created = STATES[status](api)
    path, thread_path = path_of(created), f"{THREADS}/{created['thread_id']}"
    assert created["status"] == status

    outputs = api.post(f"{path}/submit_tool_outputs", {"tool_outputs": []})
    modified = api.post(path, {"metadata": {"a": "b"}})
    message = api.post(f"{thread_path}/messages", {"role": "user", "content": "b"})
    cancelled = api.post(f"{path}/cancel")

    if status == "requires_action":
        calls = [one["tool_call_id"] for one in outputs_of(created, "a", "b")]
        is_refused(outputs, f"Expected tool outputs for call_ids {calls}, got []")
    else:
        is_refused(outputs, f'Runs in status \\"{status}\\" do not accept tool outputs.')
    if status == "in_progress":
        is_refused(modified, "Cannot update run with status 'in_progress'.")
    else:
        assert modified.json["metadata"] == {"a": "b"}
    if status in ("queued", "in_progress", "requires_action", "cancelling"):
        cannot = f"Can't add messages to {created['thread_id']} while a run {created['id']}"
        is_refused(message, f"{cannot} is active.")
    else:
        assert message.status == 200
    if status in ("queued", "in_progress", "requires_action"):
        assert cancelled.json["status"] == "cancelling"
    else:
        is_refused(cancelled, f"Cannot cancel run with status '{status}'.")


# ── What fails in a run is no error of the request ───────────────────────────────


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("rate_limit_exceeded", "Rate limit reached for gpt-4o."),
        ("server_error", "Sorry, something went wrong."),
        (
            "rate_limit_exceeded",
            "You exceeded your current quota, please check your plan and billing details.",
        ),
        ("invalid_prompt", "Invalid prompt."),
    ],
)
def test_a_run_that_fails_is_read_with_200(api: Api, code: str, message: str) -> None:
    created = queued(api)
    play(api, created, {"fail": {"code": code, "message": message}})

    replies = [api.get(path_of(created)) for _ in range(3)]

    assert [reply.status for reply in replies] == [200, 200, 200]
    failed = replies[-1].json
    assert list(failed["last_error"].items()) == [("code", code), ("message", message)]
    assert (failed["status"], failed["completed_at"]) == ("failed", None)
