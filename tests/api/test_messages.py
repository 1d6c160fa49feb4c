"""Messages: create, list, retrieve, modify, delete, in the recorded layout."""

from typing import Any

import pytest

from tests.api.conversation import (
    THREADS,
    laid_out,
    play,
    posted,
    read,
    refusal,
    run,
    say,
    thread,
)
from tests.support import Api, Reply

KEYS = (
    *("id", "object", "created_at", "assistant_id", "thread_id", "run_id"),
    *("role", "content", "attachments", "metadata"),
)


def messages(api: Api, *texts: str) -> str:
    """Create a thread, and return the path of its messages."""
    return f"{THREADS}/{thread(api, *texts)}/messages"


def test_a_message_has_the_recorded_keys_and_nothing_of_an_event(api: Api) -> None:
    path = messages(api)
    created = posted(api, path, {"role": "user", "content": "What is 2 + 2?"})

    assert tuple(created) == KEYS
    assert created["object"] == "thread.message"
    assert (created["assistant_id"], created["run_id"]) == (None, None)
    text = {"value": "What is 2 + 2?", "annotations": []}
    assert created["content"] == [{"type": "text", "text": text}]
    assert (created["attachments"], created["metadata"]) == ([], {})
    assert api.get(f"{path}/{created['id']}").json == created
    assert api.get(path).json["data"] == [created]


LAYOUT = """{
  "id": <message>,
  "object": "thread.message",
  "created_at": <created_at>,
  "assistant_id": <assistant>,
  "thread_id": <thread>,
  "run_id": <run>,
  "role": <role>,
  "content": [
    <part>
  ],
  <last>: [],
  "metadata": {}
}"""
TEXT = """{
      "type": "text",
      "text": {
        "value": "Was ist 2 + 2, Zoë?",
        "annotations": []
      }
    }"""
IMAGE_URL = """{
      "type": "image_url",
      "image_url": {
        "url": "https://a.b/c.png",
        "detail": "auto"
      }
    }"""
IMAGE_FILE = """{
      "type": "image_file",
      "image_file": {
        "file_id": "file-1",
        "detail": "auto"
      }
    }"""
REFUSAL = """{
      "type": "refusal",
      "refusal": "I cannot say."
    }"""


def in_a_list(reply: Reply) -> str:
    """Return the list of this object alone, laid out."""
    nested = reply.body.decode().replace("\n", "\n    ")
    object_id = reply.json["id"]
    return (
        f'{{\n  "object": "list",\n  "data": [\n    {nested}\n  ],\n'
        f'  "first_id": "{object_id}",\n  "last_id": "{object_id}",\n  "has_more": false\n}}'
    )


@pytest.mark.parametrize(
    ("content", "part"),
    [
        ("Was ist 2 + 2, Zoë?", TEXT),
        ([{"type": "text", "text": "Was ist 2 + 2, Zoë?"}], TEXT),
        ([{"type": "image_url", "image_url": {"url": "https://a.b/c.png"}}], IMAGE_URL),
        ([{"type": "image_file", "image_file": {"file_id": "file-1"}}], IMAGE_FILE),
    ],
)
def test_each_view_of_a_message_has_the_recorded_layout(api: Api, content: Any, part: str) -> None:
    path = messages(api)
    created = api.post(path, {"role": "user", "content": content})
    one = f"{path}/{created.json['id']}"
    named = {"message": f'"{created.json["id"]}"', "thread": f'"{path.split("/")[3]}"'}
    shown = {**named, "created_at": "1735689601", "role": '"user"', "part": part}

    laid_out(created, LAYOUT, **shown, last='"attachments"')
    laid_out(api.get(one), LAYOUT, **shown, last='"attachments"')
    laid_out(api.get(path), in_a_list(created))
    laid_out(api.post(one, {}), LAYOUT, **shown, last='"file_ids"')
    deleted = '{\n  "id": <message>,\n  "object": "thread.message.deleted",\n  "deleted": true\n}'
    laid_out(api.delete(one), deleted, **named)


@pytest.mark.parametrize(
    ("item", "part"),
    [
        (say("Was ist 2 + 2, Zoë?"), TEXT),
        ({"refuse": {"text": "I cannot say."}}, REFUSAL),
    ],
)
def test_what_a_run_says_has_the_recorded_layout(api: Api, item: Any, part: str) -> None:
    path = messages(api)
    created = run(api, path.split("/")[3], instructions="Greet.")
    play(api, created, item)
    began = read(api, created)["started_at"]
    read(api, created)

    listed = api.get(path)

    [answer] = listed.json["data"]
    shown = {"message": f'"{answer["id"]}"', "role": '"assistant"', "part": part}
    shown |= {"created_at": str(began), "last": '"attachments"'}
    reply = api.get(f"{path}/{answer['id']}")
    laid_out(reply, LAYOUT, run=created, **shown)
    laid_out(listed, in_a_list(reply))


@pytest.mark.parametrize(
    "item", [{"expire": {}}, {"cancel": {}}, {"incomplete": {"reason": "max_prompt_tokens"}}]
)
def test_a_run_that_ended_before_it_spoke_leaves_no_message(api: Api, item: Any) -> None:
    path = messages(api, "one")
    created = run(api, path.split("/")[3])
    play(api, created, item)
    for _ in range(3):
        read(api, created)

    assert [one["role"] for one in api.get(path).json["data"]] == ["user"]


def test_an_attachment_may_be_for_any_of_its_tools(api: Api) -> None:
    path = messages(api)
    tools = [{"type": "code_interpreter"}, {"type": "file_search"}]
    body = {"role": "user", "content": "a", "attachments": [{"file_id": "file-1", "tools": tools}]}

    created = posted(api, path, body)

    assert created["attachments"] == [{"file_id": "file-1", "tools": tools}]
    modified = posted(api, f"{path}/{created['id']}", {"metadata": {"a": "b"}})
    assert modified["file_ids"] == []
    assert api.get(f"{path}/{created['id']}").json["attachments"] == created["attachments"]


def test_a_modify_shows_file_ids_for_attachments(api: Api) -> None:
    path = messages(api)
    created = posted(api, path, {"role": "user", "content": "a"})

    changed = posted(api, f"{path}/{created['id']}", {"metadata": {"k": "v"}})

    assert tuple(changed) == tuple("file_ids" if k == "attachments" else k for k in KEYS)
    assert (changed["file_ids"], changed["metadata"]) == ([], {"k": "v"})
    assert api.get(f"{path}/{created['id']}").json == created | {"metadata": {"k": "v"}}


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        (
            [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}],
            [{"type": "text", "text": {"value": one, "annotations": []}} for one in ("a", "b")],
        ),
        (
            [{"type": "image_url", "image_url": {"url": "https://a.b/c.png"}}],
            [
                {
                    "type": "image_url",
                    "image_url": {"url": "https://a.b/c.png", "detail": "auto"},
                }
            ],
        ),
        (
            [{"type": "image_file", "image_file": {"file_id": "file-1", "detail": "low"}}],
            [{"type": "image_file", "image_file": {"file_id": "file-1", "detail": "low"}}],
        ),
    ],
)
def test_content_is_shown_in_parts(api: Api, sent: Any, shown: Any) -> None:
    assert posted(api, messages(api), {"role": "user", "content": sent})["content"] == shown


def test_attachments_are_shown_as_sent(api: Api) -> None:
    attachments = [{"file_id": "file-1", "tools": [{"type": "code_interpreter"}]}]
    body = {"role": "user", "content": "a", "attachments": attachments, "metadata": None}

    assert posted(api, messages(api), body)["attachments"] == attachments


@pytest.mark.parametrize(
    ("body", "message", "param", "code"),
    [
        ({}, "Missing required parameter: 'role'.", "role", "missing_required_parameter"),
        (
            {"role": "user"},
            "Missing required parameter: 'content'.",
            "content",
            "missing_required_parameter",
        ),
        (
            {"role": "system", "content": "a"},
            "Invalid value: 'system'. Supported values are: 'user' and 'assistant'.",
            "role",
            "invalid_value",
        ),
        (
            {"role": "user", "content": None},
            "Invalid type for 'content': expected one of a string or array of objects, "
            "but got null instead.",
            "content",
            "invalid_type",
        ),
        (
            {"role": "user", "content": {}},
            "Invalid type for 'content': expected one of a string or array of objects, "
            "but got an object instead.",
            "content",
            "invalid_type",
        ),
        (
            {"role": "user", "content": []},
            "Invalid 'content': empty array. Expected an array with minimum length 1, "
            "but got an empty array instead.",
            "content",
            "empty_array",
        ),
        (
            {"role": "user", "content": [{"type": "video"}]},
            "Invalid value: 'video'. Supported values are: 'image_file', 'image_url', and 'text'.",
            "content[0].type",
            "invalid_value",
        ),
        (
            {"role": "user", "content": "a", "attachments": [{"file_id": "31abac64"}]},
            "Invalid 'attachments[0].file_id': '31abac64'. Expected an ID that begins with 'file'.",
            "attachments[0].file_id",
            "invalid_value",
        ),
        (
            {"role": "user", "content": "a", "file_ids": []},
            "Unknown parameter: 'file_ids'.",
            "file_ids",
            "unknown_parameter",
        ),
    ],
)
def test_a_message_that_is_not_valid_is_refused(
    api: Api, body: Any, message: str, param: str, code: str
) -> None:
    path = messages(api)

    assert refusal(api.post(path, body)) == (400, message, param, code)
    assert api.get(path).json["data"] == []


def test_a_list_pages_both_ways_and_by_run(api: Api) -> None:
    path = messages(api, "one", "two", "three")
    newest_first = [one["id"] for one in api.get(path).json["data"]]

    def ids(query: str) -> list[str]:
        return [one["id"] for one in api.get(f"{path}?{query}").json["data"]]

    assert ids("order=asc") == newest_first[::-1]
    assert ids(f"after={newest_first[0]}&limit=1") == newest_first[1:2]
    assert ids(f"before={newest_first[1]}&limit=1") == newest_first[:1]
    assert ids(f"before={newest_first[2]}") == newest_first[:2]
    assert ids(f"before={newest_first[0]}") == []
    assert ids("run_id=run_nobody") == []


def test_the_messages_of_a_run_are_found_by_its_id(api: Api) -> None:
    path = messages(api, "one")
    first = run(api, path.split("/")[3])
    while read(api, first)["status"] != "completed":
        pass

    [answer] = api.get(f"{path}?run_id={first['id']}").json["data"]

    assert (answer["role"], answer["run_id"]) == ("assistant", first["id"])
    assert answer["assistant_id"] == first["assistant_id"]


def test_a_deleted_message_is_gone(api: Api) -> None:
    path = messages(api, "one")
    [message] = api.get(path).json["data"]

    deleted = api.delete(f"{path}/{message['id']}").json

    assert deleted == {"id": message["id"], "object": "thread.message.deleted", "deleted": True}
    assert refusal(api.get(f"{path}/{message['id']}")) == (
        404,
        f"No message found with id '{message['id']}'.",
        None,
        None,
    )
