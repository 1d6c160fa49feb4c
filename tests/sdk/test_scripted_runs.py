"""Runs that follow scripts, polled by the helpers of OpenAI's Python SDK, in both its forms."""

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from openai import AsyncOpenAI, OpenAI
from openai.types.beta.threads import Run

from mockserver import BackgroundServer, MockServer

CALLS = [{"get_weather": {"city": "Paris"}}, {"get_weather": {"city": "Rome"}}]
FUNCTION: Any = {"type": "function", "function": {"name": "get_weather"}}
QUESTION: Any = {"messages": [{"role": "user", "content": "2 + 2?"}]}

ENDS: dict[str, list[Any]] = {
    "completed": [{"say": "Four."}],
    "failed": [{"fail": "rate_limit_exceeded"}],
    "incomplete": [{"say": "Well"}, {"incomplete": "max_completion_tokens"}],
    "expired": ["expire"],
    "cancelled": ["cancel"],
}


@pytest.fixture
def mock(server: BackgroundServer, key: str) -> Iterator[MockServer]:
    with MockServer(server.url, key) as mock:
        yield mock


def outputs_for(run: Run, *texts: str) -> Any:
    """Return the outputs of the calls that a run waits for."""
    assert run.status == "requires_action"
    assert run.required_action is not None
    calls = run.required_action.submit_tool_outputs.tool_calls
    assert [call.function.name for call in calls] == ["get_weather"] * len(texts)
    return [
        {"tool_call_id": call.id, "output": text} for call, text in zip(calls, texts, strict=True)
    ]


def reasons(run: Run) -> tuple[str | None, str | None]:
    """Return the code of a run's error, and why it is incomplete."""
    error, details = run.last_error, run.incomplete_details
    return error.code if error else None, details.reason if details else None


WHY = {
    "failed": ("rate_limit_exceeded", None),
    "incomplete": (None, "max_completion_tokens"),
}


@pytest.mark.parametrize("status", ENDS)
def test_a_run_is_polled_to_each_of_its_ends(mock: MockServer, client: OpenAI, status: str) -> None:
    mock.run(ENDS[status])
    assistant = client.beta.assistants.create(model="gpt-4o")
    threads = client.beta.threads

    run = threads.create_and_run_poll(assistant_id=assistant.id, thread=QUESTION)
    again = threads.runs.create_and_poll(thread_id=run.thread_id, assistant_id=assistant.id)

    for one in (run, again):
        assert (one.status, reasons(one)) == (status, WHY.get(status, (None, None)))
    mock.assert_run_ended(status, times=2)


@pytest.mark.parametrize("status", ENDS)
async def test_the_async_client_polls_a_run_to_each_of_its_ends(
    mock: MockServer, async_client: AsyncOpenAI, status: str
) -> None:
    mock.run(ENDS[status])
    assistant = await async_client.beta.assistants.create(model="gpt-4o")
    threads = async_client.beta.threads

    run = await threads.create_and_run_poll(assistant_id=assistant.id, thread=QUESTION)
    again = await threads.runs.create_and_poll(thread_id=run.thread_id, assistant_id=assistant.id)

    for one in (run, again):
        assert (one.status, reasons(one)) == (status, WHY.get(status, (None, None)))


# ── Tools ────────────────────────────────────────────────────────────────────────


def test_the_outputs_of_two_parallel_calls_are_submitted(mock: MockServer, client: OpenAI) -> None:
    mock.call(CALLS, then="Paris: {{ outputs.0 }}. Rome: {{ outputs.1 }}.")
    assistant = client.beta.assistants.create(model="gpt-4o", tools=[FUNCTION])
    threads = client.beta.threads

    run = threads.create_and_run_poll(assistant_id=assistant.id, thread=QUESTION)
    done = threads.runs.submit_tool_outputs_and_poll(
        run_id=run.id, thread_id=run.thread_id, tool_outputs=outputs_for(run, "sun", "rain")
    )

    assert (done.id, done.status) == (run.id, "completed")
    part: Any = threads.messages.list(run.thread_id).data[0].content[0]
    assert part.text.value == "Paris: sun. Rome: rain."
    steps = threads.runs.steps.list(run.id, thread_id=run.thread_id).data
    assert [step.type for step in steps] == ["message_creation", "tool_calls"]


async def test_the_async_client_submits_outputs(
    mock: MockServer, async_client: AsyncOpenAI
) -> None:
    mock.call(CALLS, then="Paris: {{ outputs.0 }}. Rome: {{ outputs.1 }}.")
    assistant = await async_client.beta.assistants.create(model="gpt-4o", tools=[FUNCTION])
    threads = async_client.beta.threads

    run = await threads.create_and_run_poll(assistant_id=assistant.id, thread=QUESTION)
    done = await threads.runs.submit_tool_outputs_and_poll(
        run_id=run.id, thread_id=run.thread_id, tool_outputs=outputs_for(run, "sun", "rain")
    )

    assert done.status == "completed"
    part: Any = (await threads.messages.list(run.thread_id)).data[0].content[0]
    assert part.text.value == "Paris: sun. Rome: rain."


# ── Refusals, states, and a second client ────────────────────────────────────────


def test_a_refusal_is_a_part_of_a_message(mock: MockServer, client: OpenAI) -> None:
    mock.refuse("I cannot help with that.")
    assistant = client.beta.assistants.create(model="gpt-4o")

    run = client.beta.threads.create_and_run_poll(assistant_id=assistant.id, thread=QUESTION)

    assert run.status == "completed"
    [part] = client.beta.threads.messages.list(run.thread_id).data[0].content
    assert part.type == "refusal"
    assert part.refusal == "I cannot help with that."


@pytest.mark.parametrize("status", ENDS)
def test_a_loop_of_ones_own_sees_the_states_of_a_script(
    mock: MockServer, client: OpenAI, status: str
) -> None:
    mock.run(ENDS[status])
    assistant = client.beta.assistants.create(model="gpt-4o")
    run = client.beta.threads.create_and_run(assistant_id=assistant.id, thread=QUESTION)

    states = [run.status]
    while run.status in ("queued", "in_progress"):
        run = client.beta.threads.runs.retrieve(run.id, thread_id=run.thread_id)
        states.append(run.status)

    assert list(dict.fromkeys(states)) == ["queued", "in_progress", status]


def test_a_second_client_cancels_a_run_that_is_polled(
    mock: MockServer, client: OpenAI, server: BackgroundServer, key: str
) -> None:
    mock.run([{"wait": {"polls": 10_000}}])
    assistant = client.beta.assistants.create(model="gpt-4o")
    thread = client.beta.threads.create(**QUESTION)

    def cancel() -> None:
        mock.wait_for("getRun", times=3)
        with OpenAI(base_url=server.base_url, api_key=key) as second:
            [run] = second.beta.threads.runs.list(thread.id)
            second.beta.threads.runs.cancel(run.id, thread_id=thread.id)

    canceller = threading.Thread(target=cancel)
    canceller.start()
    run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
    canceller.join()

    assert run.status == "cancelled"
    assert run.cancelled_at is not None


async def test_a_second_task_cancels_a_run_that_is_polled(
    mock: MockServer, async_client: AsyncOpenAI
) -> None:
    mock.run([{"wait": {"polls": 10_000}}])
    assistant = await async_client.beta.assistants.create(model="gpt-4o")
    threads = async_client.beta.threads
    thread = await threads.create(**QUESTION)

    polling = asyncio.create_task(
        threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
    )
    await mock.aio.wait_for("getRun", times=3)
    [run] = (await threads.runs.list(thread.id)).data
    await threads.runs.cancel(run.id, thread_id=thread.id)

    assert (await polling).status == "cancelled"
