"""Streams of runs, as OpenAI's asynchronous client reads them."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from openai import AsyncAssistantEventHandler, AsyncOpenAI

from tests.sdk.situations import QUESTION, SITUATIONS, SLOW, TOOLS, follow, said
from tests.sdk.test_streams import (
    CALLBACKS,
    DELTAS,
    REPLY,
    RUN,
    STEP,
    assert_same,
    names,
    outputs_for,
)
from tests.support import Api

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


class Handler(AsyncAssistantEventHandler):
    """Notes the names of its callbacks."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[str] = []


def _callback(name: str) -> Callable[..., Awaitable[None]]:
    async def hear(handler: Handler, *_: Any) -> None:
        handler.heard.append(name.removeprefix("on_"))

    return hear


for _name in CALLBACKS:
    setattr(Handler, _name, _callback(_name))


@pytest.fixture
async def ids(async_client: AsyncOpenAI) -> Any:
    """A thread with a question, and an assistant with tools."""
    assistant = await async_client.beta.assistants.create(model="gpt-4o", tools=TOOLS)
    thread = await async_client.beta.threads.create(messages=QUESTION)
    return {"assistant_id": assistant.id, "thread_id": thread.id}


async def assert_as_polled(client: AsyncOpenAI, handler: Handler) -> None:
    """Compare the final objects of a stream with those that are read afterwards."""
    beta, run = client.beta, await handler.get_final_run()
    polled = await beta.threads.runs.retrieve(run.id, thread_id=run.thread_id)
    assert_same(run, polled, "tool_resources")
    messages = [one async for one in beta.threads.messages.list(run.thread_id) if one.run_id]
    if messages:
        assert_same((await handler.get_final_messages())[0], messages[0])


@pytest.mark.parametrize("name", SITUATIONS)
async def test_a_handler_hears_each_callback_and_ends_with_what_a_poll_shows(
    async_client: AsyncOpenAI, api: Api, ids: Any, name: str
) -> None:
    situation, handler = SITUATIONS[name], Handler()
    follow(api, situation.script)
    async with async_client.beta.threads.runs.stream(**ids, event_handler=handler) as stream:
        await stream.until_done()

    heard = [name for name in handler.heard if name != "event"]
    assert tuple(name for name in heard if name not in DELTAS) == situation.heard
    assert {name for name in heard if name in DELTAS} == situation.deltas
    assert (await handler.get_final_run()).status == situation.status
    await assert_as_polled(async_client, handler)


async def test_outputs_are_submitted_in_a_stream_of_their_own(
    async_client: AsyncOpenAI, api: Api, ids: Any
) -> None:
    follow(api, SITUATIONS["two calls at once"].script)
    runs, handler = async_client.beta.threads.runs, Handler()
    async with runs.stream(**ids) as asking:
        await asking.until_done()
    waiting = await asking.get_final_run()

    async with runs.submit_tool_outputs_stream(
        run_id=waiting.id,
        thread_id=waiting.thread_id,
        tool_outputs=outputs_for(waiting, "sunny", "rain"),
        event_handler=handler,
    ) as stream:
        text = "".join([delta async for delta in stream.text_deltas])

    assert text == "Paris: sunny. Rome: rain."
    await assert_as_polled(async_client, handler)


async def test_a_run_is_cancelled_in_the_middle_of_its_stream(
    async_client: AsyncOpenAI, api: Api, ids: Any
) -> None:
    follow(api, SLOW)
    runs, handler = async_client.beta.threads.runs, Handler()
    async with runs.stream(**ids, event_handler=handler) as stream:
        async for _ in stream.text_deltas:
            if handler.heard.count("text_delta") == 1:
                run = handler.current_run
                assert run is not None
                await runs.cancel(run.id, thread_id=run.thread_id)

    assert (await handler.get_final_run()).status == "cancelled"
    await assert_as_polled(async_client, handler)


async def test_events_without_a_handler(async_client: AsyncOpenAI, api: Api, ids: Any) -> None:
    follow(api, SITUATIONS["two calls at once"].script)
    runs = async_client.beta.threads.runs
    asked = [event async for event in await runs.create(**ids, stream=True)]
    assert [one.event for one in asked[:5]] == [*RUN, *STEP]
    waiting: Any = asked[-1]
    assert waiting.event == "thread.run.requires_action"

    answer = await runs.submit_tool_outputs(
        waiting.data.id,
        thread_id=ids["thread_id"],
        tool_outputs=outputs_for(waiting.data, "sunny", "rain"),
        stream=True,
    )

    assert names([event async for event in answer]) == (
        *("thread.run.step.completed", *RUN[1:]),
        *REPLY,
    )


async def test_a_thread_is_created_and_its_run_streamed(async_client: AsyncOpenAI) -> None:
    assistant = await async_client.beta.assistants.create(model="gpt-4o")
    body: Any = {"assistant_id": assistant.id, "thread": {"messages": QUESTION}}
    handler = Handler()

    async with async_client.beta.threads.create_and_run_stream(
        **body, event_handler=handler
    ) as stream:
        text = "".join([delta async for delta in stream.text_deltas])

    [message] = await handler.get_final_messages()
    assert said(message.model_dump()) == text != ""
    await assert_as_polled(async_client, handler)
