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
)
from azure.core.credentials import AzureKeyCredential, TokenCredential
from azure.core.exceptions import ResourceNotFoundError
from azure.core.pipeline.policies import AzureKeyCredentialPolicy

from mockserver import BackgroundServer


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
