"""Vector stores with OpenAI's Python SDK: stocked, searched, and cited by a run."""

from collections.abc import Iterator
from typing import Any

import pytest
from openai import AsyncOpenAI, AzureOpenAI, BadRequestError, NotFoundError, OpenAI
from openai.types.beta.threads import FileCitationAnnotation, TextContentBlock
from openai.types.beta.threads.runs import FileSearchToolCall, ToolCallsStepDetails

from mockserver import BackgroundServer, MockServer

BREATHE, DRINK = ("air.txt", b"Breathe slowly."), ("water.txt", b"Drink water.")
CONTENT: Any = "step_details.tool_calls[*].file_search.results[*].content"


@pytest.fixture
def mock(server: BackgroundServer, key: str) -> Iterator[MockServer]:
    with MockServer(server.url, key) as mock:
        yield mock


def test_a_file_is_uploaded_and_polled_until_it_is_searched(
    mock: MockServer, client: OpenAI
) -> None:
    mock.configure(index_polls=2)
    store = client.vector_stores.create(name="Tips")

    file = client.vector_stores.files.upload_and_poll(
        vector_store_id=store.id, file=DRINK, attributes={"year": 2024}, poll_interval_ms=1
    )

    assert (file.status, file.usage_bytes, file.attributes) == ("completed", 1036, {"year": 2024})
    found = client.vector_stores.search(store.id, query="Which water?").data
    assert [(one.file_id, one.filename, one.content[0].text) for one in found] == [
        (file.id, "water.txt", "Drink water.")
    ]
    assert 0 < found[0].score < 1


def test_a_batch_is_uploaded_and_polled(mock: MockServer, client: OpenAI) -> None:
    mock.configure(index_polls=2)
    store = client.vector_stores.create(expires_after={"anchor": "last_active_at", "days": 1})

    batch = client.vector_stores.file_batches.upload_and_poll(
        vector_store_id=store.id, files=[BREATHE, DRINK], poll_interval_ms=1
    )

    assert (batch.status, batch.file_counts.completed) == ("completed", 2)
    assert client.vector_stores.file_batches.retrieve(batch.id, vector_store_id=store.id) == batch
    listed = client.vector_stores.file_batches.list_files(
        batch.id, vector_store_id=store.id, limit=1
    )
    assert len(list(listed)) == 2  # in two pages
    assert client.vector_stores.retrieve(store.id).file_counts.completed == 2


def test_a_file_is_attached_read_changed_and_detached(client: OpenAI) -> None:
    files, uploaded = (
        client.vector_stores.files,
        client.files.create(file=DRINK, purpose="assistants"),
    )
    store = client.vector_stores.create(file_ids=[uploaded.id])

    again = files.create_and_poll(uploaded.id, vector_store_id=store.id, poll_interval_ms=1)
    assert files.retrieve(uploaded.id, vector_store_id=store.id) == again
    assert [one.text for one in files.content(uploaded.id, vector_store_id=store.id)] == [
        "Drink water."
    ]
    changed = files.update(uploaded.id, vector_store_id=store.id, attributes={"a": "b"})
    assert changed.attributes == {"a": "b"}
    assert [one.id for one in files.list(store.id, filter="completed")] == [uploaded.id]

    assert files.delete(uploaded.id, vector_store_id=store.id).deleted
    with pytest.raises(NotFoundError, match="in vector store"):
        files.retrieve(uploaded.id, vector_store_id=store.id)
    assert client.files.retrieve(uploaded.id) == uploaded


def test_stores_are_listed_modified_and_deleted(client: OpenAI) -> None:
    created = [client.vector_stores.create(name=f"{n}").id for n in range(5)]

    assert [one.id for one in client.vector_stores.list(limit=2)] == created[::-1]
    assert client.vector_stores.update(created[0], name="first").name == "first"
    assert client.vector_stores.delete(created[0]).deleted
    with pytest.raises(NotFoundError, match=f"Vector store with id '{created[0]}' not found"):
        client.vector_stores.retrieve(created[0])


def test_a_filter_is_sent(client: OpenAI) -> None:
    store = client.vector_stores.create()
    for n, file in enumerate((BREATHE, DRINK)):
        client.vector_stores.files.upload_and_poll(
            vector_store_id=store.id, file=file, attributes={"n": n}, poll_interval_ms=1
        )

    page = client.vector_stores.search(
        store.id, query=["water", "air"], filters={"type": "gt", "key": "n", "value": 0}
    )

    assert [one.filename for one in page.data] == ["water.txt"]


def test_a_kind_of_file_that_is_not_searched_is_refused(client: OpenAI) -> None:
    store = client.vector_stores.create()

    with pytest.raises(BadRequestError) as refused:
        client.vector_stores.files.upload_and_poll(vector_store_id=store.id, file=("a.csv", b"a,b"))

    assert refused.value.code == "unsupported_file"


def test_a_file_whose_index_fails_ends_the_poll(mock: MockServer, client: OpenAI) -> None:
    error = {"code": "unsupported_file", "message": "The file could not be parsed."}
    failed = {"body": {"status": "failed", "last_error": error}}
    mock.stub(failed, {"operation": "createVectorStoreFile"})
    store = client.vector_stores.create()

    file = client.vector_stores.files.upload_and_poll(
        vector_store_id=store.id, file=DRINK, poll_interval_ms=1
    )

    assert (file.status, file.last_error and file.last_error.code) == ("failed", "unsupported_file")


def test_a_run_searches_and_cites(mock: MockServer, client: OpenAI) -> None:
    mock.run(
        [{"search": {}}, {"say": {"text": "Drink.【1】", "cite": True}}], message="Which water?"
    )
    files = [client.files.create(file=file, purpose="assistants").id for file in (BREATHE, DRINK)]
    assistant = client.beta.assistants.create(
        model="gpt-4o",
        tools=[{"type": "file_search"}],
        tool_resources={"file_search": {"vector_stores": [{"file_ids": files}]}},
    )

    run = client.beta.threads.create_and_run_poll(
        assistant_id=assistant.id,
        thread={"messages": [{"role": "user", "content": "Which water?"}]},
        poll_interval_ms=1,
    )

    assert run.status == "completed", run.last_error
    *_, step = client.beta.threads.runs.steps.list(
        run.id, thread_id=run.thread_id, include=[CONTENT]
    )
    assert isinstance(step.step_details, ToolCallsStepDetails)
    [call] = step.step_details.tool_calls
    assert isinstance(call, FileSearchToolCall)
    assert call.file_search.results is not None
    best = call.file_search.results[0]
    assert (best.file_id, best.file_name, best.content and best.content[0].text) == (
        files[1],
        "water.txt",
        "Drink water.",
    )
    said = client.beta.threads.messages.list(run.thread_id).data[0].content[0]
    assert isinstance(said, TextContentBlock)
    [cited] = said.text.annotations
    assert isinstance(cited, FileCitationAnnotation)
    assert cited.file_citation.file_id == files[1]


async def test_the_async_client_polls_and_searches(
    mock: MockServer, async_client: AsyncOpenAI
) -> None:
    mock.configure(index_polls=1)
    stores = async_client.vector_stores
    store = await stores.create()

    batch = await stores.file_batches.upload_and_poll(
        vector_store_id=store.id, files=[BREATHE, DRINK], poll_interval_ms=1
    )

    assert batch.status == "completed"
    page = await stores.search(store.id, query="breathe")
    assert page.data[0].filename == "air.txt"


def test_azures_client_has_stores_as_well(azure: AzureOpenAI) -> None:
    store = azure.vector_stores.create(name="Tips")
    azure.vector_stores.files.upload_and_poll(
        vector_store_id=store.id, file=DRINK, poll_interval_ms=1
    )

    assert azure.vector_stores.search(store.id, query="water").data[0].filename == "water.txt"
