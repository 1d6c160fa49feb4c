"""Microsoft's client for Azure AI Foundry, Agents (classic), as its users set it up."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from azure.ai.agents import AgentsClient
from azure.ai.agents.models import (
    AzureAISearchTool,
    BingGroundingTool,
    CodeInterpreterTool,
    FilePurpose,
    FileSearchTool,
    FunctionTool,
    ListSortOrder,
    MessageRole,
    ToolSet,
)
from azure.core.credentials import AzureKeyCredential, TokenCredential
from azure.core.exceptions import ResourceNotFoundError
from azure.core.pipeline.policies import AzureKeyCredentialPolicy

from mockserver import BackgroundServer, MockServer


@pytest.fixture
def foundry(server: BackgroundServer, key: str) -> Iterator[AgentsClient]:
    credential = AzureKeyCredential(key)
    # A policy of one's own is what lets this client speak plain HTTP.
    policy = AzureKeyCredentialPolicy(credential, "Authorization", prefix="Bearer")
    with AgentsClient(
        f"{server.url}/api/projects/tutors",
        cast("TokenCredential", credential),  # annotated so, although the policy decides
        authentication_policy=policy,
    ) as client:
        yield client


def test_an_agent_is_created_retrieved_changed_and_deleted(foundry: AgentsClient) -> None:
    created = foundry.create_agent(model="our-deployment", name="before", temperature=0.5)
    assert (created.model, created.temperature) == ("our-deployment", 0.5)
    assert foundry.get_agent(created.id) == created

    changed = foundry.update_agent(created.id, name="after")
    assert changed.name == "after"

    foundry.delete_agent(created.id)
    with pytest.raises(ResourceNotFoundError, match="No assistant found with id"):
        foundry.get_agent(created.id)


def test_its_own_tools_and_resources_come_back(foundry: AgentsClient) -> None:
    bing = BingGroundingTool(connection_id="/connections/bing")
    search = AzureAISearchTool(index_connection_id="/connections/search", index_name="books")
    code = CodeInterpreterTool(file_ids=["assistant-abc123"])
    tools = [*bing.definitions, *search.definitions, *code.definitions]
    resources = search.resources
    resources.code_interpreter = code.resources.code_interpreter

    created = foundry.create_agent(model="gpt-4o", tools=tools, tool_resources=resources)

    assert created.tools == tools
    assert created.tool_resources == resources


def test_its_paging_ends(foundry: AgentsClient) -> None:
    created = [foundry.create_agent(model="gpt-4o", name=f"{n}").id for n in range(5)]

    assert [agent.id for agent in foundry.list_agents(limit=2)] == created[::-1]


def test_its_threads_are_listed_to_the_last(foundry: AgentsClient) -> None:
    assert list(foundry.threads.list()) == []
    created = [foundry.threads.create(metadata={"n": f"{n}"}).id for n in range(5)]

    listed = list(foundry.threads.list(limit=2))

    assert [thread.id for thread in listed] == created[::-1]
    assert [thread.metadata for thread in listed[:2]] == [{"n": "4"}, {"n": "3"}]
    oldest_first = foundry.threads.list(limit=2, order=ListSortOrder.ASCENDING)
    assert [thread.id for thread in oldest_first] == created
    foundry.threads.delete(created[0])
    assert [thread.id for thread in foundry.threads.list()] == created[:0:-1]


def test_a_run_calls_the_functions_of_a_tool_set(
    foundry: AgentsClient, server: BackgroundServer, key: str
) -> None:
    def get_weather(city: str) -> str:
        return f"Sunny in {city}."

    mock = MockServer(server.url, key)
    mock.call(
        [{"get_weather": {"city": "Paris"}}, {"get_weather": {"city": "Rome"}}],
        then="{{ outputs.0 }} {{ outputs.1 }}",
        to="weather",
    )
    tools = ToolSet()
    tools.add(FunctionTool({get_weather}))
    foundry.enable_auto_function_calls(tools)
    agent = foundry.create_agent(model="our-deployment", toolset=tools)
    thread = foundry.threads.create()
    foundry.messages.create(thread.id, role="user", content="How is the weather?")

    run = foundry.runs.create_and_process(
        thread.id, agent_id=agent.id, toolset=tools, polling_interval=0
    )

    assert run.status == "completed"
    mock.assert_outputs([{"get_weather": "Sunny in Paris."}, {"get_weather": "Sunny in Rome."}])
    newest = foundry.messages.get_last_message_text_by_role(thread.id, role=MessageRole.AGENT)
    assert newest is not None
    assert newest.text.value == "Sunny in Paris. Sunny in Rome."
    mock.close()


def test_a_run_that_fails_says_why(
    foundry: AgentsClient, server: BackgroundServer, key: str
) -> None:
    with MockServer(server.url, key) as mock:
        mock.run([{"fail": "rate_limit_exceeded"}])
    agent = foundry.create_agent(model="our-deployment")
    thread = foundry.threads.create()
    foundry.messages.create(thread.id, role="user", content="Well?")

    run = foundry.runs.create_and_process(thread.id, agent_id=agent.id, polling_interval=0)

    assert run.status == "failed"
    assert run.last_error is not None
    assert run.last_error.code == "rate_limit_exceeded"


def test_a_file_is_uploaded_listed_downloaded_and_deleted(
    foundry: AgentsClient, tmp_path: Path
) -> None:
    path = tmp_path / "chart.png"
    path.write_bytes(b"\x89PNG")

    file = foundry.files.upload_and_poll(file_path=str(path), purpose=FilePurpose.AGENTS)
    chart = foundry.files.upload(
        file=io.BytesIO(b"\x89PNG"), purpose=FilePurpose.AGENTS_OUTPUT, filename="new.png"
    )

    assert file.id.startswith("assistant-")
    assert (file.filename, file.bytes, chart.filename) == ("chart.png", 4, "new.png")
    assert foundry.files.list(purpose=FilePurpose.AGENTS).data == [file]
    assert b"".join(foundry.files.get_content(chart.id)) == b"\x89PNG"
    foundry.files.save(chart.id, "saved.png", tmp_path)
    assert (tmp_path / "saved.png").read_bytes() == b"\x89PNG"
    foundry.files.delete(file.id)
    with pytest.raises(ResourceNotFoundError, match="No such File object"):
        foundry.files.get(file.id)


def test_a_store_is_stocked_and_a_run_searches_it(
    foundry: AgentsClient, server: BackgroundServer, key: str, tmp_path: Path
) -> None:
    mock = MockServer(server.url, key)
    mock.configure(index_polls=2)
    mock.run([{"search": {}}, {"say": {"text": "Drink.【1】", "cite": True}}])
    path = tmp_path / "water.txt"
    path.write_text("Drink water.")
    file = foundry.files.upload_and_poll(file_path=str(path), purpose=FilePurpose.AGENTS)

    store = foundry.vector_stores.create_and_poll(
        file_ids=[file.id], name="Tips", polling_interval=0
    )
    assert (store.status, store.file_counts.completed) == ("completed", 1)
    batch = foundry.vector_store_file_batches.create_and_poll(
        store.id, file_ids=[file.id], polling_interval=0
    )
    assert batch.status == "completed"
    assert [one.id for one in foundry.vector_store_files.list(store.id)] == [file.id]

    search = FileSearchTool(vector_store_ids=[store.id])
    agent = foundry.create_agent(
        model="gpt-4o", tools=search.definitions, tool_resources=search.resources
    )
    thread = foundry.threads.create()
    foundry.messages.create(thread.id, role="user", content="Which water?")
    run = foundry.runs.create_and_process(thread.id, agent_id=agent.id, polling_interval=0)

    assert run.status == "completed", run.last_error
    said = foundry.messages.get_last_message_by_role(thread.id, MessageRole.AGENT)
    assert said is not None
    [cited] = said.file_citation_annotations
    assert cited.file_citation.file_id == file.id
    foundry.vector_stores.delete(store.id)
    with pytest.raises(ResourceNotFoundError, match="Vector store with id"):
        foundry.vector_stores.get(store.id)
