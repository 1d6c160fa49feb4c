"""Conversations with OpenAI's Python SDK, polled by its own helpers."""

import time

import pytest
from openai import AsyncOpenAI, BadRequestError, OpenAI


def test_a_run_is_created_and_polled_to_its_end(client: OpenAI) -> None:
    assistant = client.beta.assistants.create(model="gpt-4o", name="Math Tutor")
    thread = client.beta.threads.create(messages=[{"role": "user", "content": "2 + 2?"}])
    began = time.monotonic()

    run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)

    assert time.monotonic() - began < 5  # not a second for each poll
    assert run.status == "completed"
    assert run.usage is not None
    newest = next(iter(client.beta.threads.messages.list(thread.id)))
    assert (newest.role, newest.run_id) == ("assistant", run.id)
    [step] = client.beta.threads.runs.steps.list(run.id, thread_id=thread.id)
    assert step.status == "completed"


def test_a_loop_of_ones_own_sees_every_state(client: OpenAI) -> None:
    assistant = client.beta.assistants.create(model="gpt-4o")
    run = client.beta.threads.create_and_run(
        assistant_id=assistant.id, thread={"messages": [{"role": "user", "content": "2 + 2?"}]}
    )
    states = [run.status]
    while run.status in ("queued", "in_progress"):
        run = client.beta.threads.runs.retrieve(run.id, thread_id=run.thread_id)
        states.append(run.status)

    assert states == ["queued", "in_progress", "completed"]


def test_a_busy_thread_refuses_a_message(client: OpenAI) -> None:
    assistant = client.beta.assistants.create(model="gpt-4o")
    run = client.beta.threads.create_and_run(
        assistant_id=assistant.id, thread={"messages": [{"role": "user", "content": "2 + 2?"}]}
    )

    with pytest.raises(BadRequestError, match=f"while a run {run.id} is active"):
        client.beta.threads.messages.create(run.thread_id, role="user", content="b")

    assert client.beta.threads.runs.cancel(run.id, thread_id=run.thread_id).status == "cancelling"


async def test_the_async_client_polls_as_well(async_client: AsyncOpenAI) -> None:
    beta = async_client.beta
    assistant = await beta.assistants.create(model="gpt-4o", name="Math Tutor")

    run = await beta.threads.create_and_run_poll(
        assistant_id=assistant.id, thread={"messages": [{"role": "user", "content": "2 + 2?"}]}
    )

    assert run.status == "completed"
    newest = (await beta.threads.messages.list(run.thread_id)).data[0]
    assert newest.role == "assistant"
