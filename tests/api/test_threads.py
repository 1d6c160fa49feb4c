"""Threads: create, retrieve, modify, delete, in the recorded layout."""

from typing import Any

import pytest

from tests.api.conversation import NOT_SET, THREADS, laid_out, posted, refusal, thread
from tests.support import Api


@pytest.mark.parametrize("body", [b"", b"{}", None, {"messages": None, "metadata": None}])
def test_a_thread_has_the_recorded_layout(api: Api, body: Any) -> None:
    reply = api.post(THREADS, body)

    assert reply.status == 200
    assert reply.body.decode() == (
        "{\n"
        f'  "id": "{reply.json["id"]}",\n'
        '  "object": "thread",\n'
        '  "created_at": 1735689600,\n'
        '  "metadata": {},\n'
        '  "tool_resources": {}\n'
        "}"
    )


LAYOUT = """{
  "id": <thread>,
  "object": "thread",
  "created_at": 1735689600,
  "metadata": {
    "who": "Zoë"
  },
  "tool_resources": <resources>
}"""
NO_FILES = """{
    "code_interpreter": {
      "file_ids": []
    }
  }"""


def test_each_view_of_a_thread_has_the_recorded_layout(api: Api) -> None:
    created = api.post(THREADS, {"metadata": {"who": "Zoë"}})
    path, named = f"{THREADS}/{created.json['id']}", f'"{created.json["id"]}"'

    laid_out(created, LAYOUT, thread=named, resources="{}")
    laid_out(api.get(path), LAYOUT, thread=named, resources=NO_FILES)
    laid_out(api.post(path, {}), LAYOUT, thread=named, resources="{}")
    deleted = '{\n  "id": <thread>,\n  "object": "thread.deleted",\n  "deleted": true\n}'
    laid_out(api.delete(path), deleted, thread=named)


def test_a_read_shows_empty_resources_where_create_and_modify_show_none(api: Api) -> None:
    path = f"{THREADS}/{thread(api)}"

    assert api.get(path).json["tool_resources"] == NOT_SET
    assert posted(api, path, {"metadata": {"a": "b"}})["tool_resources"] == {}
    assert api.get(path).json == {**api.get(path).json, "metadata": {"a": "b"}}


def test_resources_that_are_set_are_shown_everywhere(api: Api) -> None:
    resources = {"file_search": {"vector_store_ids": ["vs_1"]}}
    created = posted(api, THREADS, {"tool_resources": resources})
    path = f"{THREADS}/{created['id']}"

    assert created["tool_resources"] == api.get(path).json["tool_resources"] == resources
    sent = {"tool_resources": {"code_interpreter": {"file_ids": ["file-1"]}, "file_search": None}}
    assert posted(api, path, sent)["tool_resources"] == {
        "code_interpreter": {"file_ids": ["file-1"]}
    }


def test_a_thread_begins_with_its_messages(api: Api) -> None:
    thread_id = thread(api, "one", "two")

    listed = api.get(f"{THREADS}/{thread_id}/messages?order=asc").json["data"]
    assert [message["content"][0]["text"]["value"] for message in listed] == ["one", "two"]
    assert {message["thread_id"] for message in listed} == {thread_id}


@pytest.mark.parametrize(("count", "status"), [(32, 200), (33, 400)])
def test_a_new_thread_takes_32_messages(api: Api, count: int, status: int) -> None:
    messages = [{"role": "user", "content": f"{n}"} for n in range(count)]

    reply = api.post(THREADS, {"messages": messages})

    assert reply.status == status
    if status == 400:
        assert refusal(reply)[2:] == ("messages", "array_above_max_length")


def test_a_deleted_thread_takes_its_messages_with_it(api: Api) -> None:
    thread_id = thread(api, "one")

    deleted = api.delete(f"{THREADS}/{thread_id}")

    assert list(deleted.json.items()) == [
        ("id", thread_id),
        ("object", "thread.deleted"),
        ("deleted", True),
    ]
    assert "messages" not in api.get("/_mock/state").json
    for path in ("", "/messages", "/runs"):
        assert refusal(api.get(f"{THREADS}/{thread_id}{path}")) == (
            404,
            f"No thread found with id '{thread_id}'.",
            None,
            None,
        )


def test_a_thread_of_a_fixed_id_has_its_messages_under_that_id(api: Api) -> None:
    stub = {"when": {"operation": "createThread"}, "then": {"body": {"id": "thread_fixed"}}}
    api.post("/_mock/stubs", stub)
    assert thread(api, "one") == "thread_fixed"

    [message] = api.get(f"{THREADS}/thread_fixed/messages").json["data"]
    assert message["thread_id"] == "thread_fixed"

    assert thread(api, "two") == "thread_fixed"  # which replaces the first
    [message] = api.get(f"{THREADS}/thread_fixed/messages").json["data"]
    assert message["content"][0]["text"]["value"] == "two"


def test_a_modify_may_give_a_thread_another_id_and_its_messages_follow(api: Api) -> None:
    thread_id = thread(api, "one")
    stub = {"when": {"operation": "modifyThread"}, "then": {"body": {"id": "thread_new"}}}
    api.post("/_mock/stubs", stub)

    posted(api, f"{THREADS}/{thread_id}", {"metadata": {}})

    assert api.get(f"{THREADS}/{thread_id}").status == 404
    [message] = api.get(f"{THREADS}/thread_new/messages").json["data"]
    assert message["thread_id"] == "thread_new"
