"""Streams of runs, as Microsoft's client for Azure AI Foundry reads them."""

from typing import Any

import pytest
from azure.ai.agents import AgentsClient
from azure.ai.agents.models import (
    AgentEventHandler,
    CodeInterpreterTool,
    FileSearchToolDefinition,
    FunctionTool,
    MessageDeltaChunk,
    RunStep,
    RunStepDeltaChunk,
    ThreadMessage,
    ThreadRun,
    ToolSet,
)

from tests.sdk.situations import SITUATIONS, follow, said
from tests.sdk.test_foundry_sdk import foundry
from tests.support import Api

__all__ = ["foundry"]

ASKED: list[str] = []
"""The cities that the client was asked for."""


def get_weather(city: str) -> str:
    """Return the weather of a city.

    :param city: Its name.
    """
    ASKED.append(city)
    return {"Paris": "sunny", "Rome": "rain"}[city]


def word(name: Any) -> str:
    """Return the name of a status or an event, which the client may have as an enum."""
    return str(getattr(name, "value", name))


class Handler(AgentEventHandler[None]):
    """Notes what it is told."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[str] = []
        self.text = ""
        self.runs: list[ThreadRun] = []

    def on_message_delta(self, delta: MessageDeltaChunk) -> None:
        self.heard.append("message delta")
        self.text += delta.text

    def on_thread_message(self, message: ThreadMessage) -> None:
        self.heard.append(f"message {word(message.status)}")

    def on_thread_run(self, run: ThreadRun) -> None:
        self.heard.append(f"run {word(run.status)}")
        self.runs.append(run)

    def on_run_step(self, step: RunStep) -> None:
        self.heard.append(f"step {word(step.status)}")

    def on_run_step_delta(self, delta: RunStepDeltaChunk) -> None:
        self.heard.append("step delta")

    def on_error(self, data: str) -> None:
        self.heard.append("error")

    def on_done(self) -> None:
        self.heard.append("done")

    def on_unhandled_event(self, event_type: str, event_data: str) -> None:
        self.heard.append(event_type)


RUN = ("run queued", "run in_progress")
MESSAGE = ("step in_progress", "message in_progress", "message delta", "message completed")
TOOL = ("step in_progress", "step delta", "step completed")
SPOILT = ("step in_progress", "message in_progress", "message delta", "message incomplete")
HEARD = {
    "a plain reply": (*RUN, *MESSAGE, "step completed", "run completed", "done"),
    "a search and a citation": (*RUN, *TOOL, *MESSAGE, "step completed", "run completed", "done"),
    "code that prints": (*RUN, *TOOL, *MESSAGE, "step completed", "run completed", "done"),
    "a refusal": (*RUN, *MESSAGE, "step completed", "run completed", "done"),
    "a failure before a word": (*RUN, "run failed", "done"),
    "a failure in the middle": (*RUN, *SPOILT, "step failed", "run failed", "done"),
    "too many tokens": (*RUN, *SPOILT, "step completed", "run incomplete", "done"),
    "too much time": (*RUN, *SPOILT, "step expired", "run expired", "done"),
}
"""What the handler is told, repetitions left out."""


@pytest.fixture
def ids(foundry: AgentsClient) -> Any:
    """An agent with tools, and a thread with a question."""
    functions = FunctionTool({get_weather})
    tools = ToolSet()
    tools.add(functions)
    definitions = [*CodeInterpreterTool().definitions, FileSearchToolDefinition()]
    agent = foundry.create_agent(model="gpt-4o", tools=[*functions.definitions, *definitions])
    foundry.enable_auto_function_calls(tools)
    thread = foundry.threads.create()
    foundry.messages.create(thread.id, role="user", content="What now?")
    ASKED.clear()
    return {"thread_id": thread.id, "agent_id": agent.id}


def once(heard: list[str]) -> tuple[str, ...]:
    """Return what was heard, without what was heard a moment before."""
    return tuple(one for at, one in enumerate(heard) if at == 0 or heard[at - 1] != one)


@pytest.mark.parametrize("name", HEARD)
def test_a_handler_is_told_of_each_event_and_ends_with_what_a_poll_shows(
    foundry: AgentsClient, api: Api, ids: Any, name: str
) -> None:
    follow(api, SITUATIONS[name].script)
    handler = Handler()
    with foundry.runs.stream(**ids, event_handler=handler) as stream:
        stream.until_done()

    assert once(handler.heard) == HEARD[name]
    assert_as_polled(foundry, handler.runs[-1])


def test_it_calls_functions_and_submits_their_outputs_by_itself(
    foundry: AgentsClient, api: Api, ids: Any
) -> None:
    follow(api, SITUATIONS["two calls at once"].script)
    handler = Handler()
    with foundry.runs.stream(**ids, event_handler=handler) as stream:
        stream.until_done()

    assert ASKED == ["Paris", "Rome"]
    assert handler.text == "Paris: sunny. Rome: rain."
    assert handler.runs[-1].status == "completed"
    assert_as_polled(foundry, handler.runs[-1])


@pytest.mark.parametrize("flat", ["false", "true"])
def test_an_error_in_the_stream_is_told_and_not_raised(
    foundry: AgentsClient, ids: Any, flat: str
) -> None:
    handler, fault = Handler(), f"stream_error; flat={flat}"
    with foundry.runs.stream(
        **ids, event_handler=handler, headers={"X-Mock-Fault": fault}
    ) as stream:
        stream.until_done()

    assert handler.heard[-1] == "error"
    assert handler.runs[-1].status == "in_progress"


def test_events_without_a_handler(foundry: AgentsClient, ids: Any) -> None:
    with foundry.runs.stream(**ids) as stream:
        names = [word(name) for name, _, _ in stream]

    assert names[0] == "thread.run.created"
    assert names[-2:] == ["thread.run.completed", "done"]


def test_a_run_is_processed_to_its_end(foundry: AgentsClient, api: Api, ids: Any) -> None:
    follow(api, SITUATIONS["two calls at once"].script)

    run = foundry.runs.create_and_process(**ids, polling_interval=0)

    assert run.status == "completed"
    assert ASKED == ["Paris", "Rome"]
    newest = next(iter(foundry.messages.list(ids["thread_id"])))
    assert said(newest.as_dict()) == "Paris: sunny. Rome: rain."


def assert_as_polled(foundry: AgentsClient, streamed: ThreadRun) -> None:
    """Compare the last run of a stream with the one that is read afterwards."""
    polled: Any = foundry.runs.get(streamed.thread_id, streamed.id).as_dict()
    del polled["tool_resources"]  # a stream shows them whole
    whole = streamed.as_dict()  # without what is null
    assert {name: whole.get(name) for name in polled} == polled
