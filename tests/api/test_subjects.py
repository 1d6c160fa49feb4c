"""What a request is about: conditions and templates on its assistant, thread and messages."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from mockserver.api import OPERATIONS
from mockserver.api.subjects import subjects_of
from tests.api.conversation import (
    FUNCTIONS,
    THREADS,
    ask,
    outputs_of,
    path_of,
    play_out,
    posted,
    run,
    said,
    script,
    steps_of,
    stub,
    thread,
)
from tests.support import Api, Reply

SUBJECTS = {
    "assistant": "{{ assistant.name }}",
    "thread": "{{ thread.metadata.user }}",
    "message": "{{ message }}",
    "messages": "{{ messages }}",
}


@dataclass
class Scene:
    """A run of the Math Tutor that waits for outputs, in ada's thread of two messages."""

    api: Api
    run: Any

    @property
    def path(self) -> str:
        return f"{THREADS}/{self.run['thread_id']}"

    def new(self) -> Any:
        assistant = self.run["assistant_id"]
        messages = [{"role": "user", "content": "New?"}]
        return {
            "assistant_id": assistant,
            "thread": {"messages": messages, "metadata": {"user": "bob"}},
        }

    def message(self) -> str:
        return str(self.api.get(f"{self.path}/messages").json["data"][0]["id"])

    def step(self) -> str:
        return f"{path_of(self.run)}/steps/{steps_of(self.api, self.run)[0]['id']}"


@pytest.fixture
def scene(api: Api) -> Scene:
    script(api, {"call": "get_time"}, {"say": "Noon."})
    tutor = api.create(name="Math Tutor", tools=FUNCTIONS)["id"]
    in_thread = thread(api, "Hello.", "When?", metadata={"user": "ada"})
    return Scene(api, play_out(api, run(api, in_thread, assistant_id=tutor)))


Send = Callable[[Scene], Reply]
ADA = {"thread": "ada", "message": "When?", "messages": 2}
ALL = ADA | {"assistant": "Math Tutor"}
SAYS = {"role": "user", "content": "And then?"}

ABOUT: dict[str, tuple[Send, dict[str, Any]]] = {
    "getAssistant": (
        lambda scene: scene.api.get(f"/v1/assistants/{scene.run['assistant_id']}"),
        {"assistant": "Math Tutor"},
    ),
    "modifyAssistant": (
        lambda scene: scene.api.post(f"/v1/assistants/{scene.run['assistant_id']}", {"name": "x"}),
        {"assistant": "Math Tutor"},
    ),
    "deleteAssistant": (
        lambda scene: scene.api.delete(f"/v1/assistants/{scene.run['assistant_id']}"),
        {"assistant": "Math Tutor"},
    ),
    "createThread": (
        lambda scene: scene.api.post(THREADS, {"messages": [SAYS, SAYS | {"role": "assistant"}]}),
        {"message": "And then?", "messages": 2},
    ),
    "getThread": (lambda scene: scene.api.get(scene.path), ADA),
    "modifyThread": (lambda scene: scene.api.post(scene.path, {}), ADA),
    "deleteThread": (lambda scene: scene.api.delete(scene.path), ADA),
    "listMessages": (lambda scene: scene.api.get(f"{scene.path}/messages"), ADA),
    "createMessage": (
        lambda scene: scene.api.post(f"{scene.path}/messages", SAYS),
        ADA | {"message": "And then?", "messages": 3},
    ),
    "getMessage": (lambda scene: scene.api.get(f"{scene.path}/messages/{scene.message()}"), ADA),
    "modifyMessage": (
        lambda scene: scene.api.post(f"{scene.path}/messages/{scene.message()}", {}),
        ADA,
    ),
    "deleteMessage": (
        lambda scene: scene.api.delete(f"{scene.path}/messages/{scene.message()}"),
        ADA,
    ),
    "createThreadAndRun": (
        lambda scene: scene.api.post(f"{THREADS}/runs", scene.new()),
        {"assistant": "Math Tutor", "thread": "bob", "message": "New?", "messages": 1},
    ),
    "listRuns": (lambda scene: scene.api.get(f"{scene.path}/runs"), ADA),
    "createRun": (
        lambda scene: scene.api.post(
            f"{scene.path}/runs",
            {"assistant_id": scene.run["assistant_id"], "additional_messages": [SAYS]},
        ),
        ALL | {"message": "And then?", "messages": 3},
    ),
    "getRun": (lambda scene: scene.api.get(path_of(scene.run)), ALL),
    "modifyRun": (lambda scene: scene.api.post(path_of(scene.run), {}), ALL),
    "cancelRun": (lambda scene: scene.api.post(f"{path_of(scene.run)}/cancel"), ALL),
    "submitToolOuputsToRun": (
        lambda scene: scene.api.post(
            f"{path_of(scene.run)}/submit_tool_outputs",
            {"tool_outputs": outputs_of(scene.run, "noon")},
        ),
        ALL,
    ),
    "listRunSteps": (lambda scene: scene.api.get(f"{path_of(scene.run)}/steps"), ALL),
    "getRunStep": (lambda scene: scene.api.get(scene.step()), ALL),
}
"""The operations that are about something: a request of each, and what that is about."""


def when_about(subjects: dict[str, Any]) -> dict[str, Any]:
    wanted = dict(subjects)
    if "assistant" in wanted:
        wanted["assistant"] = {"name": wanted["assistant"]}
    if "thread" in wanted:
        wanted["thread"] = {"metadata": {"user": wanted["thread"]}}
    return wanted


@pytest.mark.parametrize("operation", ABOUT)
def test_conditions_and_templates_know_what_a_request_is_about(
    scene: Scene, operation: str
) -> None:
    send, about = ABOUT[operation]
    shown = {name: SUBJECTS[name] for name in about}
    when = {"operation": operation}
    stub(scene.api, {"json": "others"}, when)
    stub(scene.api, {"json": shown}, when | when_about(about))

    assert send(scene).json == about


@pytest.mark.parametrize("operation", ABOUT)
def test_what_does_not_hold_of_a_subject_does_not_match(scene: Scene, operation: str) -> None:
    send, about = ABOUT[operation]
    for name, value in about.items():
        other = {name: 99 if name == "messages" else f"not {value}"}
        stub(scene.api, {"json": "mine"}, {"operation": operation} | when_about(other))

    assert send(scene).json != "mine"


def test_every_operation_that_is_about_something_is_shown_above() -> None:
    known = {one.operation_id for one in OPERATIONS if subjects_of(one)}

    assert known == {*ABOUT}


def test_an_operation_may_be_about_a_thread_whose_body_says_nothing_of_it(api: Api) -> None:
    stub(
        api,
        {"json": ["{{ thread }}", "{{ message }}", "{{ messages }}"]},
        {"operation": "createThreadAndRun"},
    )

    assert api.post(f"{THREADS}/runs", {"assistant_id": "asst_x"}).json == [{}, None, 0]


@pytest.mark.parametrize(
    "body", [None, [], "text", {"assistant_id": 3}, {"messages": 1, "thread": 2}, {"thread": None}]
)
@pytest.mark.parametrize(
    "path", [THREADS, f"{THREADS}/runs", f"{THREADS}/thread_a/runs", f"{THREADS}/thread_a/messages"]
)
def test_a_body_that_is_not_valid_is_about_nothing_and_gets_its_own_error(
    api: Api, path: str, body: Any
) -> None:
    when = {"assistant": {"name": "a"}, "message": "a", "messages": 7, "thread": {"metadata": {}}}
    for name, wanted in when.items():
        operations = [one for one in ABOUT if name in ABOUT[one][1] and one != "createThread"]
        stub(api, {"json": "mine"}, {"operation": operations, name: wanted})

    reply = api.post(path, body)

    assert reply.status in (200, 400, 404)
    assert reply.json != "mine"


def test_the_message_is_the_newest_of_the_user_however_it_is_written(api: Api) -> None:
    script(api, {"say": "{{ message }}"})
    parts = [
        {"type": "text", "text": "first"},
        {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}},
        {"type": "text", "text": "second"},
    ]
    in_thread = thread(api, "Hello.")
    path = f"{THREADS}/{in_thread}/messages"
    posted(api, path, {"role": "user", "content": parts})
    posted(api, path, {"role": "assistant", "content": "I answer."})

    assert said(api, play_out(api, run(api, in_thread)))[-1] == "first\nsecond"


def test_messages_that_a_run_brings_along_count(api: Api) -> None:
    script(api, {"say": "{{ messages }}: {{ message }}"}, messages={"gte": 3})
    more = [{"role": "user", "content": "Really?"}, {"role": "assistant", "content": "Yes."}]

    ended = play_out(api, ask(api, "Hello.", additional_messages=more))

    assert said(api, ended)[-1] == "3: Really?"


AZURE = [
    "/v1{}",
    "{}",
    "/openai{}?api-version=2024-05-01-preview",
    "/openai/v1{}",
    "/api/projects/tutors{}?api-version=v1",
]


@pytest.mark.parametrize("path", AZURE)
def test_scripts_are_chosen_under_every_mount(api: Api, path: str) -> None:
    script(
        api,
        {"say": "{{ assistant.name }}, {{ path.thread_id }}"},
        operation="createRun",
        message={"contains": "weather"},
        assistant={"name": "Guide"},
    )
    azure = replace(api, headers={"api-key": api.key})
    guide = posted(azure, path.format("/assistants"), {"model": "gpt-4o", "name": "Guide"})["id"]
    messages = [{"role": "user", "content": "The weather?"}]
    thread_id = posted(azure, path.format("/threads"), {"messages": messages})["id"]
    made = posted(azure, path.format(f"/threads/{thread_id}/runs"), {"assistant_id": guide})

    for _ in range(2):
        state = azure.get(path.format(f"/threads/{thread_id}/runs/{made['id']}")).json["status"]

    [newest, _] = azure.get(path.format(f"/threads/{thread_id}/messages")).json["data"]
    assert state == "completed"
    assert newest["content"][0]["text"]["value"] == f"Guide, {thread_id}"
