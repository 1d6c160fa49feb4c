"""A run locks its thread until it has ended, was cancelled, or its time is over."""

from tests.api.conversation import (
    THREADS,
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


def test_a_run_that_was_cancelled_never_expires(api: Api) -> None:
    created = run(api, thread(api, "a"))
    posted(api, f"{path_of(created)}/cancel")
    api.post("/_mock/clock", {"advance": "10m"})

    again = api.post(f"{path_of(created)}/cancel")
    message = {"role": "user", "content": "b"}

    assert refusal(again)[1] == "Cannot cancel run with status 'cancelled'."
    assert posted(api, f"{THREADS}/{created['thread_id']}/messages", message)
    assert read(api, created)["status"] == "cancelled"


def test_a_run_locks_its_thread_though_the_clock_was_set_back_before(api: Api) -> None:
    thread_id = thread(api, "a")
    first = run(api, thread_id)
    for _ in range(2):
        read(api, first)
    api.post("/_mock/clock", {"set": "2024-12-31"})

    second = run(api, thread_id, assistant_id=first["assistant_id"])

    reply = api.post(f"{THREADS}/{thread_id}/messages", {"role": "user", "content": "b"})
    cannot = f"Can't add messages to {thread_id} while a run {second['id']} is active."
    assert refusal(reply)[:2] == (400, cannot)
    for _ in range(2):
        api.get(f"{THREADS}/{thread_id}/messages")
    assert read(api, second)["status"] == "completed"


def test_a_run_in_progress_is_not_modified(api: Api) -> None:
    created = run(api, thread(api, "a"))
    read(api, created)

    reply = api.post(path_of(created), {"metadata": {"a": "b"}})

    assert reply.headers["Content-Length"] == "156"
    assert refusal(reply) == (400, "Cannot update run with status 'in_progress'.", None, None)
    read(api, created)
    assert posted(api, path_of(created), {"metadata": {"a": "b"}})["metadata"] == {"a": "b"}
