"""How a run ends, with all that is open, and that every play of it is the same."""

import json
from dataclasses import replace
from typing import Any

import pytest

from tests.api.conversation import THREADS, ask, outputs_of, path_of, read, script, waiting
from tests.conftest import Start
from tests.support import Api

# ── Ends ─────────────────────────────────────────────────────────────────────────


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
            [{"say": "Well, it all"}, {"incomplete": "max_completion_tokens"}],
            "incomplete",
            {"incomplete_details": {"reason": "max_completion_tokens"}},
            ["assistant", "user"],
        ),
        (["expire"], "expired", {"last_error": None}, ["user"]),
        (["cancel"], "cancelled", {"last_error": None}, ["user"]),
        ([{"say": "one"}, {"say": "two"}], "completed", {}, ["assistant", "assistant", "user"]),
        ([], "completed", {}, ["user"]),
    ],
)
def test_a_run_ends_as_its_script_says(
    api: Api, items: list[Any], status: str, fields: Any, roles: list[str]
) -> None:
    script(api, *items)
    created = ask(api, "a")

    for _ in range(len(items) + 2):
        ended = read(api, created)

    assert ended["status"] == status
    assert {name: ended[name] for name in fields} == fields
    assert (ended["expires_at"], ended["usage"] is None) == (None, False)
    listed = api.get(f"{THREADS}/{created['thread_id']}/messages").json["data"]
    assert [one["role"] for one in listed] == roles


def test_what_is_open_when_a_run_fails_ends_with_it(api: Api) -> None:
    script(api, {"say": "Well"}, {"fail": "Sorry."})
    created = ask(api, "a")
    for _ in range(3):
        read(api, created)

    state = api.get("/_mock/state").json
    [step], newest = state["run_steps"], state["messages"][-1]

    assert (step["status"], step["last_error"]["code"]) == ("failed", "server_error")
    assert newest["status"] == "incomplete"
    assert newest["incomplete_details"] == {"reason": "run_failed"}


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


def test_a_message_that_is_deleted_while_its_run_goes_on_stays_deleted(api: Api) -> None:
    script(api, {"say": "Well"}, {"incomplete": "max_completion_tokens"})
    created = ask(api, "a")
    for _ in range(2):
        read(api, created)
    state = api.get("/_mock/state").json
    [open_one] = [one["id"] for one in state["messages"] if one["status"] == "in_progress"]

    assert api.delete(f"{THREADS}/{created['thread_id']}/messages/{open_one}").status == 200

    assert read(api, created)["status"] == "incomplete"
    listed = api.get(f"{THREADS}/{created['thread_id']}/messages").json["data"]
    assert [one["role"] for one in listed] == ["user"]
