"""OpenAI's Python SDK, the blocking client."""

import pytest
from openai import NotFoundError, OpenAI


def test_an_assistant_has_the_fields_it_was_created_with(client: OpenAI) -> None:
    assistant = client.beta.assistants.create(
        model="gpt-4o",
        name="Résumé reader",
        description="Reads résumés.",
        instructions="Be brief. 請簡短。",
        tools=[
            {"type": "code_interpreter"},
            {"type": "file_search", "file_search": {"max_num_results": 5}},
            {
                "type": "function",
                "function": {
                    "name": "get_weather",
                    "description": "Tells the weather.",
                    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
                },
            },
        ],
        tool_resources={
            "code_interpreter": {"file_ids": ["file-abc123"]},
            "file_search": {"vector_store_ids": ["vs_abc123"]},
        },
        metadata={"team": "hiring"},
        temperature=0.2,
        top_p=0.9,
        response_format="auto",
    )

    assert assistant.id.startswith("asst_")
    assert assistant.object == "assistant"
    assert assistant.created_at > 0
    assert assistant.model == "gpt-4o"
    assert assistant.name == "Résumé reader"
    assert assistant.description == "Reads résumés."
    assert assistant.instructions == "Be brief. 請簡短。"
    assert assistant.metadata == {"team": "hiring"}
    assert assistant.temperature == 0.2
    assert assistant.top_p == 0.9
    assert assistant.response_format == "auto"
    interpreter, search, function = assistant.tools
    assert interpreter.type == "code_interpreter"
    assert search.type == "file_search"
    assert search.file_search is not None
    assert search.file_search.max_num_results == 5
    assert function.type == "function"
    assert function.function.name == "get_weather"
    assert function.function.parameters is not None
    assert function.function.parameters["properties"] == {"city": {"type": "string"}}
    resources = assistant.tool_resources
    assert resources is not None
    assert resources.code_interpreter is not None
    assert resources.code_interpreter.file_ids == ["file-abc123"]
    assert resources.file_search is not None
    assert resources.file_search.vector_store_ids == ["vs_abc123"]


def test_an_assistant_keeps_its_response_schema(client: OpenAI) -> None:
    schema: dict[str, object] = {
        "type": "object",
        "properties": {"answer": {"type": "string"}},
        "required": ["answer"],
        "additionalProperties": False,
    }

    assistant = client.beta.assistants.create(
        model="gpt-4o",
        response_format={
            "type": "json_schema",
            "json_schema": {"name": "reply", "schema": schema, "strict": True},
        },
    )

    response_format = assistant.response_format
    assert response_format is not None
    assert not isinstance(response_format, str)
    assert response_format.type == "json_schema"
    assert response_format.json_schema.name == "reply"
    assert response_format.json_schema.schema_ == schema
    assert response_format.json_schema.strict is True


def test_a_reasoning_model_keeps_its_effort(client: OpenAI) -> None:
    assistant = client.beta.assistants.create(model="o3-mini", reasoning_effort="high")

    assert assistant.to_dict()["reasoning_effort"] == "high"
    assert (assistant.temperature, assistant.top_p) == (1.0, 1.0)


def test_fields_given_as_none_equal_leaving_them_out(client: OpenAI) -> None:
    assistant = client.beta.assistants.create(
        model="gpt-4o", name=None, description=None, metadata=None, temperature=None, top_p=None
    )

    assert assistant.name is None
    assert assistant.metadata == {}
    assert assistant.temperature == 1.0


def test_an_assistant_is_retrieved_modified_and_deleted(client: OpenAI) -> None:
    created = client.beta.assistants.create(model="gpt-4o", name="before", instructions="Stay.")

    assert client.beta.assistants.retrieve(created.id) == created

    modified = client.beta.assistants.update(
        created.id, name="after", tools=[{"type": "code_interpreter"}]
    )
    assert modified.id == created.id
    assert modified.name == "after"
    assert modified.instructions == "Stay."
    assert [tool.type for tool in modified.tools] == ["code_interpreter"]
    assert client.beta.assistants.retrieve(created.id) == modified

    deleted = client.beta.assistants.delete(created.id)
    assert deleted.id == created.id
    assert deleted.deleted is True
    assert deleted.object == "assistant.deleted"

    with pytest.raises(NotFoundError):
        client.beta.assistants.retrieve(created.id)
    assert client.beta.assistants.list().data == []


def test_a_list_of_three_pages_is_paged_automatically_newest_first(client: OpenAI) -> None:
    created = [client.beta.assistants.create(model="gpt-4o", name=f"{n}").id for n in range(45)]

    listed = [assistant.id for assistant in client.beta.assistants.list(limit=20)]

    assert listed == created[::-1]


def test_a_list_can_be_walked_page_by_page_oldest_first(client: OpenAI) -> None:
    created = [client.beta.assistants.create(model="gpt-4o", name=f"{n}").id for n in range(45)]

    pages = list(client.beta.assistants.list(limit=20, order="asc").iter_pages())

    assert [len(page.data) for page in pages] == [20, 20, 5]
    assert [page.has_more for page in pages] == [True, True, False]
    assert [assistant.id for page in pages for assistant in page.data] == created


def test_a_list_can_be_read_backwards_from_an_assistant(client: OpenAI) -> None:
    first, second, third = (
        client.beta.assistants.create(model="gpt-4o", name=name) for name in ("a", "b", "c")
    )

    assert client.beta.assistants.list(before=first.id).data == [third, second]


def test_a_list_without_assistants_is_empty(client: OpenAI) -> None:
    page = client.beta.assistants.list()

    assert page.data == []
    assert page.has_next_page() is False


def test_the_models_are_listed_and_retrieved(client: OpenAI) -> None:
    models = {model.id: model for model in client.models.list()}

    assert models["gpt-4o"].object == "model"
    assert models["gpt-4o"].owned_by == "system"
    assert client.models.retrieve("gpt-4o") == models["gpt-4o"]


def test_a_response_has_its_request_id(client: OpenAI) -> None:
    response = client.beta.assistants.with_raw_response.create(model="gpt-4o")

    assistant = response.parse()
    assert response.headers["x-request-id"].startswith("req_")
    assert assistant._request_id == response.headers["x-request-id"]


def test_another_key_does_not_see_the_assistants(client: OpenAI) -> None:
    created = client.beta.assistants.create(model="gpt-4o")
    stranger = client.with_options(api_key=f"{client.api_key}-of-another-team")

    assert stranger.beta.assistants.list().data == []
    with pytest.raises(NotFoundError):
        stranger.beta.assistants.retrieve(created.id)
