"""Streams of runs, as OpenAI's Python SDK reads them: with its event handler, and without one."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from openai import AssistantEventHandler, OpenAI
from openai.types.beta.threads.run import Run

from tests.sdk.situations import QUESTION, SITUATIONS, SLOW, TOOLS, Situation, follow, said
from tests.support import Api

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

CALLBACKS = tuple(name for name in dir(AssistantEventHandler) if name.startswith("on_"))
DELTAS = ("text_delta", "message_delta", "tool_call_delta", "run_step_delta")


class Handler(AssistantEventHandler):
    """Notes the names of its callbacks, and what is done."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[str] = []
        self.done: dict[str, Any] = {}

    def hear(self, name: str, *what: Any) -> None:
        self.heard.append(name)
        if name in ("run_step_done", "message_done"):
            self.done[what[0].id] = what[0]


def _callback(name: str) -> Callable[..., None]:
    return lambda handler, *what: handler.hear(name.removeprefix("on_"), *what)


for _name in CALLBACKS:
    setattr(Handler, _name, _callback(_name))


@pytest.fixture(params=SITUATIONS)
def situation(request: pytest.FixtureRequest, api: Api) -> Situation:
    chosen = SITUATIONS[request.param]
    follow(api, chosen.script)
    return chosen


@pytest.fixture
def ids(client: OpenAI) -> Any:
    """A thread with a question, and an assistant with tools."""
    assistant = client.beta.assistants.create(model="gpt-4o", tools=TOOLS)
    thread = client.beta.threads.create(messages=QUESTION)
    return {"assistant_id": assistant.id, "thread_id": thread.id}


def outputs_for(run: Run, *outputs: str) -> Any:
    assert run.required_action is not None
    calls = run.required_action.submit_tool_outputs.tool_calls
    return [
        {"tool_call_id": call.id, "output": output}
        for call, output in zip(calls, outputs, strict=True)
    ]


def assert_same(streamed: Any, polled: Any, *apart: str) -> None:
    """Compare what a poll shows of an object, but for the fields that a stream shows otherwise."""
    shown = polled.model_dump(exclude_unset=True, exclude=set(apart))
    whole = streamed.model_dump(exclude_unset=True)
    for one in whole.get("step_details", {}).get("tool_calls") or ():
        one.pop("index", None)  # the SDK leaves that of the delta
    assert {name: whole[name] for name in shown} == shown


def assert_as_polled(client: OpenAI, handler: Handler) -> None:
    """Compare the final objects of a stream with those that are read afterwards."""
    beta, run = client.beta, handler.get_final_run()
    assert_same(run, beta.threads.runs.retrieve(run.id, thread_id=run.thread_id), "tool_resources")
    steps = [*beta.threads.runs.steps.list(run.id, thread_id=run.thread_id)]
    messages = [one for one in beta.threads.messages.list(run.thread_id) if one.run_id]
    polled = {one.id: one for one in (*steps, *messages)}
    for object_id, streamed in handler.done.items():
        assert_same(streamed, polled[object_id], "expires_at")
    if messages:
        assert_same(handler.get_final_messages()[0], messages[0])


def test_a_handler_hears_each_callback_and_ends_with_what_a_poll_shows(
    client: OpenAI, ids: Any, situation: Situation
) -> None:
    handler = Handler()
    with client.beta.threads.runs.stream(**ids, event_handler=handler) as stream:
        stream.until_done()

    heard = [name for name in handler.heard if name != "event"]
    assert tuple(name for name in heard if name not in DELTAS) == situation.heard
    assert {name for name in heard if name in DELTAS} == situation.deltas
    assert handler.get_final_run().status == situation.status
    if situation.says is None:
        with pytest.raises(RuntimeError, match="No messages found"):
            handler.get_final_messages()
    else:
        [message] = handler.get_final_messages()
        assert said(message.model_dump()) == situation.says
    assert_as_polled(client, handler)


def test_outputs_are_submitted_in_a_stream_of_their_own(client: OpenAI, api: Api, ids: Any) -> None:
    follow(api, SITUATIONS["two calls at once"].script)
    with client.beta.threads.runs.stream(**ids) as asking:
        asking.until_done()
    waiting = asking.get_final_run()
    handler = Handler()

    with client.beta.threads.runs.submit_tool_outputs_stream(
        run_id=waiting.id,
        thread_id=waiting.thread_id,
        tool_outputs=outputs_for(waiting, "sunny", "rain"),
        event_handler=handler,
    ) as stream:
        text = "".join(stream.text_deltas)

    assert text == "Paris: sunny. Rome: rain."
    assert handler.heard.count("run_step_done") == 2  # the step of the calls, and the message's
    assert handler.get_final_run().status == "completed"
    assert_as_polled(client, handler)


def test_outputs_are_taken_while_the_first_stream_is_still_open(
    client: OpenAI, api: Api, ids: Any
) -> None:
    follow(api, SITUATIONS["two calls at once"].script)
    with client.beta.threads.runs.stream(**ids) as asking:
        for event in asking:
            if event.event == "thread.run.requires_action":
                with client.beta.threads.runs.submit_tool_outputs_stream(
                    run_id=event.data.id,
                    thread_id=event.data.thread_id,
                    tool_outputs=outputs_for(event.data, "sunny", "rain"),
                ) as stream:
                    stream.until_done()

    assert stream.get_final_run().status == "completed"


def test_a_run_is_cancelled_in_the_middle_of_its_stream(client: OpenAI, api: Api, ids: Any) -> None:
    follow(api, SLOW)
    handler = Handler()
    with client.beta.threads.runs.stream(**ids, event_handler=handler) as stream:
        for _ in stream.text_deltas:
            if handler.heard.count("text_delta") == 1:
                run = handler.current_run
                assert run is not None
                client.beta.threads.runs.cancel(run.id, thread_id=run.thread_id)

    assert handler.get_final_run().status == "cancelled"
    [message] = handler.get_final_messages()
    assert message.incomplete_details is not None
    assert message.incomplete_details.reason == "run_cancelled"
    assert_as_polled(client, handler)


def test_code_and_its_logs_come_together(client: OpenAI, api: Api, ids: Any) -> None:
    follow(api, SITUATIONS["code that prints"].script)
    with client.beta.threads.runs.stream(**ids) as stream:
        stream.until_done()

    [code, _] = [one.model_dump()["step_details"] for one in stream.get_final_run_steps()]
    [call] = code["tool_calls"]
    assert call["code_interpreter"]["input"] == "print(6 * 7)"
    [output] = call["code_interpreter"]["outputs"]
    assert (output["type"], output["logs"]) == ("logs", "42")


def test_a_citation_is_an_annotation_of_the_text(client: OpenAI, api: Api, ids: Any) -> None:
    follow(api, SITUATIONS["a search and a citation"].script)
    with client.beta.threads.runs.stream(**ids) as stream:
        annotated = [delta for delta in stream.text_deltas if "【" in delta]

    [message] = [one.model_dump() for one in stream.get_final_messages()]
    [annotation] = message["content"][0]["text"]["annotations"]
    assert annotated == [annotation["text"]]
    text = said(message)
    assert text[annotation["start_index"] : annotation["end_index"]] == annotation["text"]


# ── Without a handler ────────────────────────────────────────────────────────────

RUN = ("thread.run.created", "thread.run.queued", "thread.run.in_progress")
STEP = ("thread.run.step.created", "thread.run.step.in_progress")
REPLY = (
    *(*STEP, "thread.message.created", "thread.message.in_progress", "thread.message.delta"),
    *("thread.message.completed", "thread.run.step.completed", "thread.run.completed"),
)


def names(events: Iterable[Any]) -> tuple[str, ...]:
    """Return the names of events, each delta but the first of a row left out."""
    seen: list[str] = []
    for event in events:
        if not (event.event.endswith("delta") and seen[-1] == event.event):
            seen.append(event.event)
    return tuple(seen)


def test_events_without_a_handler(client: OpenAI, ids: Any) -> None:
    assert names(client.beta.threads.runs.create(**ids, stream=True)) == RUN + REPLY


def test_outputs_without_a_handler(client: OpenAI, api: Api, ids: Any) -> None:
    follow(api, SITUATIONS["two calls at once"].script)
    *asked, last = client.beta.threads.runs.create(**ids, stream=True)
    assert names(asked) == (*RUN, *STEP, "thread.run.step.delta")
    assert last.event == "thread.run.requires_action"

    answer = client.beta.threads.runs.submit_tool_outputs(
        last.data.id,
        thread_id=ids["thread_id"],
        tool_outputs=outputs_for(last.data, "sunny", "rain"),
        stream=True,
    )

    assert names(answer) == ("thread.run.step.completed", *RUN[1:], *REPLY)


def test_a_thread_is_created_and_its_run_streamed(client: OpenAI) -> None:
    assistant = client.beta.assistants.create(model="gpt-4o")
    body: Any = {"assistant_id": assistant.id, "thread": {"messages": QUESTION}}
    handler = Handler()

    with client.beta.threads.create_and_run_stream(**body, event_handler=handler) as stream:
        text = "".join(stream.text_deltas)

    [message] = handler.get_final_messages()
    assert said(message.model_dump()) == text != ""
    assert_as_polled(client, handler)
    raw = names(client.beta.threads.create_and_run(**body, stream=True))
    assert raw == ("thread.created", *RUN, *REPLY)


def test_the_older_name_of_the_helper(client: OpenAI, ids: Any) -> None:
    with client.beta.threads.runs.create_and_stream(**ids) as stream:
        assert names(stream) == RUN + REPLY
