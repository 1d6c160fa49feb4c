"""OpenAI's Python SDK, the asyncio client."""

import asyncio

import pytest
from openai import AsyncOpenAI, NotFoundError


async def test_an_assistant_is_created_retrieved_modified_and_deleted(
    async_client: AsyncOpenAI,
) -> None:
    assistants = async_client.beta.assistants
    created = await assistants.create(
        model="gpt-4o",
        name="before",
        instructions="Be brief.",
        tools=[{"type": "file_search"}],
        metadata={"team": "hiring"},
        temperature=0.2,
    )
    assert created.name == "before"
    assert created.metadata == {"team": "hiring"}
    assert created.temperature == 0.2
    assert [tool.type for tool in created.tools] == ["file_search"]

    assert await assistants.retrieve(created.id) == created

    modified = await assistants.update(created.id, name="after")
    assert modified.name == "after"
    assert modified.instructions == "Be brief."
    assert await assistants.retrieve(created.id) == modified

    deleted = await assistants.delete(created.id)
    assert deleted.deleted is True
    with pytest.raises(NotFoundError):
        await assistants.retrieve(created.id)


async def test_a_list_of_three_pages_is_paged_automatically_newest_first(
    async_client: AsyncOpenAI,
) -> None:
    assistants = async_client.beta.assistants
    created = [(await assistants.create(model="gpt-4o", name=f"{n}")).id for n in range(45)]

    listed = [assistant.id async for assistant in assistants.list(limit=20)]

    assert listed == created[::-1]


async def test_a_list_can_be_walked_page_by_page(async_client: AsyncOpenAI) -> None:
    assistants = async_client.beta.assistants
    created = [(await assistants.create(model="gpt-4o", name=f"{n}")).id for n in range(45)]

    first = await assistants.list(limit=20, order="asc")
    second = await first.get_next_page()
    third = await second.get_next_page()

    assert [len(page.data) for page in (first, second, third)] == [20, 20, 5]
    assert third.has_next_page() is False
    assert [a.id for page in (first, second, third) for a in page.data] == created


async def test_assistants_created_concurrently_are_all_listed(async_client: AsyncOpenAI) -> None:
    assistants = async_client.beta.assistants

    created = await asyncio.gather(
        *(assistants.create(model="gpt-4o", name=f"{n}") for n in range(25))
    )

    assert len({assistant.id for assistant in created}) == 25
    listed = {assistant.id async for assistant in assistants.list(limit=10)}
    assert listed == {assistant.id for assistant in created}


async def test_the_models_are_listed_and_retrieved(async_client: AsyncOpenAI) -> None:
    models = {model.id: model async for model in async_client.models.list()}

    assert await async_client.models.retrieve("gpt-4o") == models["gpt-4o"]
