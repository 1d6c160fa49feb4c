"""Azure's services: what they ask for, what they allow, and how their responses differ."""

import re
from dataclasses import replace
from typing import Any

import pytest

from mockserver.api.shared.mounts import FOUNDRY
from tests.conftest import Start
from tests.support import Api, Reply

VERSION = "api-version=2024-05-01-preview"
NOT_FOUND = b'{"error":{"code":"404","message":"Resource not found"}}'
PROJECT = "/api/projects/tutors"
SERVICES = [f"/openai{{}}?{VERSION}", "/openai/v1{}", PROJECT + "{}?api-version=v1"]
UUID = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"


@pytest.fixture
def azure(api: Api) -> Api:
    """A client that sends its key as Azure's do, and no beta header."""
    return replace(api, key=None, headers={"api-key": api.key, "OpenAI-Beta": None})


# ── Both of Azure's ──────────────────────────────────────────────────────────────


@pytest.mark.parametrize("beta", [None, "assistants=", "assistants=v1", "nonsense"])
@pytest.mark.parametrize("path", SERVICES)
def test_no_beta_header_is_asked_for(azure: Api, path: str, beta: str | None) -> None:
    headers = {"OpenAI-Beta": beta}
    created = azure.post(path.format("/assistants"), {"model": "any"}, headers=headers)
    one = path.format(f"/assistants/{created.json['id']}")

    assert azure.get(path.format("/assistants"), headers=headers).json["data"] == [created.json]
    assert azure.get(one, headers=headers).status == 200
    assert azure.post(one, {"name": "x"}, headers=headers).status == 200
    assert azure.delete(one, headers=headers).json["deleted"] is True


@pytest.mark.parametrize("prefix", ["/v1", ""])
def test_openai_asks_for_it_still(api: Api, prefix: str) -> None:
    reply = api.get(f"{prefix}/assistants?{VERSION}", headers={"OpenAI-Beta": None})

    assert reply.error["code"] == "invalid_beta"


@pytest.mark.parametrize("path", SERVICES)
def test_a_response_has_azures_headers(azure: Api, path: str) -> None:
    for reply in (azure.get(path.format("/assistants")), azure.get(path.format("/assistants/x"))):
        assert re.fullmatch(UUID, reply.headers["x-request-id"])
        assert re.fullmatch(UUID, reply.headers["apim-request-id"])
        assert reply.headers["x-request-id"] != reply.headers["apim-request-id"]
        assert reply.headers["x-ms-region"]
        assert int(reply.headers["x-ratelimit-remaining-requests"]) > 0
        assert int(reply.headers["x-ratelimit-remaining-tokens"]) > 0
        assert not [name for name in reply.headers if name.lower().startswith("openai-")]


def test_openais_responses_have_none_of_them(api: Api) -> None:
    headers = {name.lower() for name in api.get("/v1/assistants").headers}

    assert not headers & {"apim-request-id", "x-ms-region", "x-ratelimit-remaining-requests"}
    assert {name for name in headers if name.startswith("openai-")} == {
        "openai-organization",
        "openai-processing-ms",
        "openai-project",
        "openai-version",
    }


@pytest.mark.parametrize(
    "path",
    [
        f"/openai/nothing?{VERSION}",
        "/openai/v1/nothing",
        f"/openai/deployments/gpt-4o/assistants?{VERSION}",
        f"/openai/deployments/gpt-4o/assistants/asst_1?{VERSION}",
        f"{PROJECT}/nothing?api-version=v1",
        "/openai/assistants",
        "/openai/assistants?api-version=",
        "/openai/assistants?api-version=2023-05-15",
        "/openai/assistants?api-version=v1",
        "/openai/assistants?api-version=2024-05-01-preview-2",
    ],
)
def test_what_azure_does_not_know_gets_its_own_404(azure: Api, path: str) -> None:
    replies = [
        azure.get(path),
        azure.post(path, {"model": "x"}),
        replace(azure, headers={}).get(path),
    ]

    for reply in replies:
        assert (reply.status, reply.body) == (404, NOT_FOUND)
        assert reply.headers["Content-Type"] == "application/json"
        assert re.fullmatch(UUID, reply.headers["x-request-id"])


def test_a_wrong_method_is_told_the_right_one_there_too(azure: Api) -> None:
    assert azure.request("PUT", f"/openai/assistants?{VERSION}").status == 405


@pytest.mark.parametrize(
    ("version", "taken"),
    [("2024-02-15-preview", False), ("2024-05-01-preview", True), ("2025-01-01-preview", True)],
)
def test_a_version_before_v2_lacks_some_fields(azure: Api, version: str, taken: bool) -> None:
    path = f"/openai/assistants?api-version={version}"
    schema = {"type": "json_schema", "json_schema": {"name": "n"}}

    resources = azure.post(path, {"model": "x", "tool_resources": {}})
    formatted = azure.post(path, {"model": "x", "response_format": schema})

    assert azure.post(path, {"model": "x", "response_format": {"type": "text"}}).status == 200
    if taken:
        assert (resources.status, formatted.status) == (200, 200)
    else:
        assert resources.error["message"] == "Unknown parameter: 'tool_resources'."
        assert resources.error["code"] == "unknown_parameter"
        assert formatted.error["message"] == (
            "Invalid value: 'json_schema'. Supported values are: 'json_object' and 'text'."
        )
        assert formatted.error["param"] == "response_format.type"


# ── Foundry's ────────────────────────────────────────────────────────────────────


def test_every_project_shows_the_agents_of_the_key(api: Api) -> None:
    created = api.post(f"{PROJECT}/assistants?api-version=v1", {"model": "any"})

    assert api.get("/api/projects/another/assistants").json["data"] == [created.json]
    assert api.get(f"/v1/assistants/{created.json['id']}").json == created.json


@pytest.mark.parametrize("kind", sorted(FOUNDRY.tool_types))
def test_a_tool_of_its_own_is_shown_as_sent(azure: Api, kind: str) -> None:
    tools = [
        {kind: {"connections": [{"connection_id": "/c/1", "top_k": 1.0}]}, "type": kind},
        {"type": "code_interpreter"},
    ]

    created = azure.post(f"{PROJECT}/assistants", {"model": "any", "tools": tools})

    assert created.json["tools"] == tools
    assert f'"{kind}": {{'.encode() in created.body
    assert azure.get(f"{PROJECT}/assistants/{created.json['id']}").body == created.body


@pytest.mark.parametrize("path", ["/v1/assistants", SERVICES[0].format("/assistants")])
def test_such_a_tool_is_unknown_elsewhere(api: Api, path: str) -> None:
    tools = [{"type": "bing_grounding", "bing_grounding": {}}]

    reply = api.post(path, {"model": "gpt-4o", "tools": tools})

    assert reply.error["param"] == "tools[0].type"
    assert reply.error["message"].startswith("Invalid value: 'bing_grounding'.")


@pytest.mark.parametrize("kind", [["openapi"], None, 5, "nothing"])
def test_a_tool_of_no_type_is_refused(azure: Api, kind: Any) -> None:
    reply = azure.post(f"{PROJECT}/assistants", {"model": "any", "tools": [{"type": kind}]})

    assert (reply.status, reply.error["param"]) == (400, "tools[0].type")


def test_its_resources_are_shown_as_sent(azure: Api, api: Api) -> None:
    resources = {
        "code_interpreter": {"file_ids": ["assistant-abc123", "file-1"]},
        "azure_ai_search": {"indexes": [{"index_name": "books", "query_type": "simple"}]},
    }
    body = {"model": "gpt-4o", "tool_resources": resources}

    created = azure.post(f"{PROJECT}/assistants", body)
    refused = api.post("/v1/assistants", body)

    assert created.json["tool_resources"] == resources
    assert refused.error["message"] == "Unknown parameter: 'tool_resources.azure_ai_search'."
    del resources["azure_ai_search"]
    assert api.post("/v1/assistants", body).error["message"] == (
        "Invalid 'tool_resources.code_interpreter.file_ids[0]': 'assistant-abc123'. "
        "Expected an ID that begins with 'file'."
    )


def test_a_run_takes_resources_there(azure: Api, api: Api) -> None:
    resources = {"code_interpreter": {"file_ids": ["assistant-abc123"]}, "azure_ai_search": {}}

    def create(client: Api, mount: str) -> Reply:
        assistant = client.post(f"{mount}/assistants", {"model": "gpt-4o", "instructions": "Go."})
        thread = client.post(f"{mount}/threads", {}).json
        body = {"assistant_id": assistant.json["id"], "tool_resources": resources}
        return client.post(f"{mount}/threads/{thread['id']}/runs", body)

    assert create(azure, PROJECT).json["status"] == "queued"
    assert create(api, "/v1").error["message"] == "Unknown parameter: 'tool_resources'."


def test_it_lives_where_openais_own_has_ended(start: Start) -> None:
    api = start(sunset=True)

    def status(path: str) -> int:
        return api.post(path, {"model": "gpt-4o"}).status

    assert status(f"{PROJECT}/assistants") == 200
    assert status("/v1/assistants") == status(SERVICES[0].format("/assistants")) == 404
