"""Threads of fixtures, with their messages."""

from pathlib import Path
from typing import Any

import pytest

from tests.api.conversation import NOT_SET, THREADS, posted
from tests.conftest import Start
from tests.loading.objects.problems import the_problem
from tests.support import Api

START = 1735689600
TALK = """
objects:
  threads:
    - id: thread_talk
      created_at: -60
      metadata: {topic: sums}
      messages:
        - {id: msg_question, role: user, content: What is 2 + 2?}
        - {role: assistant, content: Four., metadata: {by: hand}, created_at: -50}
        - role: user
          content:
            - {type: text, text: And this?}
            - {type: image_url, image_url: {url: "https://example.com/sum.png"}}
          attachments: [{file_id: file-1, tools: [{type: file_search}]}]
          created_at: 1735689599
"""


def messages(api: Api, thread: str, query: str = "order=asc&limit=100") -> list[dict[str, Any]]:
    data: list[dict[str, Any]] = api.get(f"{THREADS}/{thread}/messages?{query}").json["data"]
    return data


def texts(api: Api, thread: str, query: str = "order=asc&limit=100") -> list[str]:
    return [one["content"][0]["text"]["value"] for one in messages(api, thread, query)]


def threads(api: Api) -> list[dict[str, Any]]:
    data: list[dict[str, Any]] = api.get("/api/projects/x/threads?limit=100").json["data"]
    return data


# ── What exists ──────────────────────────────────────────────────────────────────


def test_a_thread_exists_from_the_first_request(start: Start, file: Path) -> None:
    file.write_text(TALK)

    assert start(fixtures=(str(file),)).get(f"{THREADS}/thread_talk").json == {
        "id": "thread_talk",
        "object": "thread",
        "created_at": START - 60,
        "metadata": {"topic": "sums"},
        "tool_resources": NOT_SET,
    }


def test_its_messages_are_those_that_a_request_would_have_made(start: Start, file: Path) -> None:
    file.write_text(TALK)
    api = start(fixtures=(str(file),))

    question, answer, image = messages(api, "thread_talk")

    assert question == api.get(f"{THREADS}/thread_talk/messages/msg_question").json
    sent = {"role": "user", "content": "What is 2 + 2?"}
    other = posted(api, f"{THREADS}/thread_talk/messages", sent)
    its_own = {"id": "msg_question", "created_at": START - 60}
    assert question == other | its_own
    assert (answer["role"], answer["metadata"]) == ("assistant", {"by": "hand"})
    assert (answer["assistant_id"], answer["run_id"]) == (None, None)
    assert image["content"][1]["image_url"] == {
        "url": "https://example.com/sum.png",
        "detail": "auto",
    }
    assert image["attachments"] == [{"file_id": "file-1", "tools": [{"type": "file_search"}]}]


def test_a_message_is_as_old_as_its_thread_unless_it_says_more(start: Start, file: Path) -> None:
    file.write_text(TALK)
    api = start(fixtures=(str(file),))

    times = [one["created_at"] for one in messages(api, "thread_talk")]
    assert times == [START - 60, START - 50, START - 1]


def test_it_may_have_more_messages_than_a_request(start: Start, file: Path) -> None:
    listed = ", ".join(f"{{role: user, content: m{n}}}" for n in range(100))
    file.write_text(f"objects: {{threads: [{{id: thread_long, messages: [{listed}]}}]}}")
    api = start(fixtures=(str(file),))

    assert texts(api, "thread_long") == [f"m{n}" for n in range(100)]
    newest = messages(api, "thread_long", "limit=40")
    older = texts(api, "thread_long", f"limit=40&after={newest[-1]['id']}")
    assert older == [f"m{n}" for n in range(59, 19, -1)]


def test_repeated_messages_differ_and_are_the_same_on_another_server(
    start: Start, file: Path
) -> None:
    file.write_text(
        "objects: {threads: [{id: thread_long, messages: [{role: user, content: first}, "
        "{repeat: 44, role: user, content: '{{ fake.uuid4 }}'}]}]}"
    )
    here, there = (messages(start(fixtures=(str(file),), seed=3), "thread_long") for _ in range(2))
    other = messages(start(fixtures=(str(file),), seed=4), "thread_long")

    assert len({one["id"] for one in here}) == 45
    assert len({one["content"][0]["text"]["value"] for one in here}) == 45
    assert here == there
    assert not {one["id"] for one in here} & {one["id"] for one in other}


def test_repeated_threads_have_messages_of_their_own(start: Start, file: Path) -> None:
    file.write_text(
        "objects: {threads: [{repeat: 3, metadata: {name: '{{ fake.uuid4 }}'}, "
        "messages: [{repeat: 2, role: user, content: '{{ fake.uuid4 }}'}]}]}"
    )
    api = start(fixtures=(str(file),))

    listed = threads(api)

    assert len({one["metadata"]["name"] for one in listed}) == 3
    assert len({text for one in listed for text in texts(api, one["id"])}) == 6


def test_every_key_has_the_same_threads_of_its_own(start: Start, file: Path) -> None:
    file.write_text("objects: {threads: [{messages: [{role: user, content: '{{ fake.word }}'}]}]}")
    one = start(fixtures=(str(file),))
    other = Api(one.url, "sk-other")
    [thread] = threads(one)
    assert [thread] == threads(other)
    assert messages(one, thread["id"]) == messages(other, thread["id"])

    one.delete(f"{THREADS}/{thread['id']}")

    assert (threads(one), len(threads(other))) == ([], 1)


def test_a_thread_does_not_move_the_clock(start: Start, file: Path) -> None:
    file.write_text("objects: {threads: [{messages: [{repeat: 9, role: user, content: x}]}]}")

    assert start(fixtures=(str(file),)).create()["created_at"] == START


def test_a_thread_that_comes_again_replaces_the_one_before_with_its_messages(api: Api) -> None:
    for content in ("one", "two"):
        message = {"role": "user", "content": content}
        thread = {"id": "thread_a", "messages": [message]}
        assert api.post("/_mock/stubs", {"objects": {"threads": [thread]}}).status == 200

    assert texts(api, "thread_a") == ["two"]


# ── What is refused ──────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("entry", "place", "words"),
    [
        ("id: asst_1", ".id", "not a thread id"),
        ("id: thread_", ".id", "not a thread id"),
        ("created_at: soon", ".created_at", "not a time"),
        ("repeat: 0", ".repeat", "not a number of objects"),
        ("repeat: 2, id: thread_1", ".id", "cannot share an id"),
        ("mesages: []", ".mesages", "Unknown parameter: 'mesages'"),
        ("metadata: {a: 5}", ".metadata.a", "expected a string"),
        ("metadata: {a: '{{ request.body }}'}", ".metadata.a", "unknown expression"),
        ("tool_resources: {search: {}}", ".tool_resources.search", "Unknown parameter"),
        ("messages: {role: user}", ".messages", "expected an array of objects"),
        ("messages: [hello]", ".messages[0]", "expected an object"),
        ("messages: [{role: user}]", ".messages[0].content", "Missing required parameter"),
        ("messages: [{role: system, content: x}]", ".messages[0].role", "Invalid value: 'system'"),
        ("messages: [{role: user, content: x, id: thread_1}]", ".messages[0].id", "not a message"),
        ("messages: [{role: user, content: x, repeat: x}]", ".messages[0].repeat", "not a number"),
        ("messages: [{role: user, content: x, created_at: x}]", ".messages[0].created_at", "time"),
        ("messages: [{role: user, content: '{{ x }}'}]", ".messages[0].content", "unknown expr"),
        (
            "messages: [{role: user, content: x, repeat: 2, id: msg_1}]",
            ".messages[0].id",
            "cannot share an id",
        ),
        (
            "repeat: 2, messages: [{role: user, content: x, id: msg_1}]",
            ".messages[0].id",
            "cannot share an id",
        ),
        (
            "repeat: 1001, messages: [{role: user, content: x, repeat: 100}]",
            ".messages",
            "100100 messages are more than 100000",
        ),
    ],
)
def test_what_the_api_would_refuse_is_reported_at_its_field(
    entry: str, place: str, words: str
) -> None:
    problem = the_problem(f"objects:\n  threads:\n    - {{}}\n    - {{{entry}}}\n")

    assert problem.line == 4
    assert problem.place == "objects.threads[1]" + place
    assert words in problem.what


def test_an_id_is_used_once_in_a_document() -> None:
    message = "{id: msg_1, role: user, content: x}"

    problem = the_problem(
        f"objects:\n  threads:\n  - messages: [{message}]\n  - messages:\n    - {message}\n"
    )

    assert (problem.line, problem.place) == (5, "objects.threads[1].messages[0].id")
    assert problem.what == "the id is already used by objects.threads[0].messages[0]"
