"""OpenAI's Python SDK, the clients for Azure: a key header and deployments for models."""

import pytest
from openai import (
    AsyncAzureOpenAI,
    AuthenticationError,
    AzureOpenAI,
    BadRequestError,
    NotFoundError,
    Omit,
    OpenAI,
)

from mockserver import BackgroundServer
from tests.sdk.conftest import API_VERSION


def test_an_assistant_is_created_with_the_name_of_any_deployment(azure: AzureOpenAI) -> None:
    assistant = azure.beta.assistants.create(
        model="our-deployment",
        name="Math tutor",
        instructions="Be brief.",
        tools=[{"type": "code_interpreter"}],
        metadata={"team": "maths"},
        temperature=0.2,
    )

    assert assistant.model == "our-deployment"
    assert assistant.name == "Math tutor"
    assert assistant.temperature == 0.2
    assert assistant.metadata == {"team": "maths"}
    assert [tool.type for tool in assistant.tools] == ["code_interpreter"]


def test_an_assistant_is_retrieved_modified_and_deleted(azure: AzureOpenAI) -> None:
    created = azure.beta.assistants.create(model="our-deployment", name="before")
    assert azure.beta.assistants.retrieve(created.id) == created

    modified = azure.beta.assistants.update(created.id, model="their-deployment", name="after")
    assert (modified.model, modified.name) == ("their-deployment", "after")
    assert azure.beta.assistants.retrieve(created.id) == modified

    assert azure.beta.assistants.delete(created.id).deleted is True
    with pytest.raises(NotFoundError):
        azure.beta.assistants.retrieve(created.id)


def test_a_list_of_three_pages_is_paged_automatically_newest_first(azure: AzureOpenAI) -> None:
    created = [azure.beta.assistants.create(model="d", name=f"{n}").id for n in range(45)]

    assert [assistant.id for assistant in azure.beta.assistants.list(limit=20)] == created[::-1]


def test_the_models_are_listed_and_any_deployment_is_one(azure: AzureOpenAI) -> None:
    listed = {model.id: model for model in azure.models.list()}

    assert azure.models.retrieve("gpt-4o") == listed["gpt-4o"]
    assert azure.models.retrieve("our-deployment").id == "our-deployment"


async def test_the_async_client_does_every_operation(async_azure: AsyncAzureOpenAI) -> None:
    assistants = async_azure.beta.assistants
    created = [(await assistants.create(model="d", name=f"{n}")).id for n in range(45)]
    assert [assistant.id async for assistant in assistants.list(limit=20)] == created[::-1]

    first = created[0]
    assert (await assistants.retrieve(first)).name == "0"
    assert (await assistants.update(first, name="after")).name == "after"
    assert (await assistants.delete(first)).deleted is True
    with pytest.raises(NotFoundError):
        await assistants.retrieve(first)


def test_a_token_of_active_directory_is_a_credential_too(
    server: BackgroundServer, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AZURE_OPENAI_API_KEY", raising=False)
    with AzureOpenAI(
        azure_endpoint=server.url, api_version=API_VERSION, azure_ad_token=key
    ) as client:
        created = client.beta.assistants.create(model="our-deployment")

        assert client.beta.assistants.list().data == [created]


def test_a_client_with_a_deployment_of_its_own_reaches_the_assistants(
    server: BackgroundServer, key: str
) -> None:
    with AzureOpenAI(
        azure_endpoint=server.url,
        azure_deployment="our-deployment",
        api_version=API_VERSION,
        api_key=key,
    ) as client:
        created = client.beta.assistants.create(model="our-deployment")

        assert client.beta.assistants.list().data == [created]


def test_the_plain_client_reaches_azures_newer_address(server: BackgroundServer, key: str) -> None:
    with OpenAI(base_url=f"{server.url}/openai/v1/", api_key=key) as client:
        created = client.beta.assistants.create(model="our-deployment")

        assert client.beta.assistants.list().data == [created]


def test_one_key_sees_the_same_assistants_with_both_clients(
    azure: AzureOpenAI, client: OpenAI
) -> None:
    created = azure.beta.assistants.create(model="our-deployment")

    assert client.beta.assistants.retrieve(created.id).to_dict() == created.to_dict()


def test_an_invalid_body_is_a_bad_request(azure: AzureOpenAI) -> None:
    with pytest.raises(BadRequestError) as caught:
        azure.beta.assistants.create(model="our-deployment", temperature=3)

    assert caught.value.status_code == 400
    assert caught.value.param == "temperature"
    assert caught.value.code == "decimal_above_max_value"
    assert caught.value.type == "invalid_request_error"


def test_an_unknown_id_is_not_found(azure: AzureOpenAI) -> None:
    with pytest.raises(NotFoundError) as caught:
        azure.beta.assistants.retrieve("asst_nobody")

    assert caught.value.request_id == caught.value.response.headers["x-request-id"]


def test_a_malformed_key_is_an_authentication_error(azure: AzureOpenAI) -> None:
    with pytest.raises(AuthenticationError) as caught:
        azure.with_options(api_key="not\ta\tkey").beta.assistants.list()

    assert caught.value.code == "invalid_api_key"


def test_no_key_at_all_is_an_authentication_error(azure: AzureOpenAI) -> None:
    without = {"api-key": Omit(), "Authorization": Omit()}

    with pytest.raises(AuthenticationError) as caught:
        azure.beta.assistants.list(extra_headers=without)

    assert caught.value.code is None


@pytest.mark.parametrize("beta", ["assistants=v1", "assistants=", Omit()])
def test_the_beta_header_is_ignored(azure: AzureOpenAI, beta: str | Omit) -> None:
    assert azure.beta.assistants.list(extra_headers={"OpenAI-Beta": beta}).data == []


@pytest.mark.parametrize("version", ["2023-05-15", "latest"])
def test_an_unknown_version_is_not_found(azure: AzureOpenAI, version: str) -> None:
    with pytest.raises(NotFoundError) as caught:
        azure.beta.assistants.list(extra_query={"api-version": version})

    assert caught.value.body == {"code": "404", "message": "Resource not found"}
