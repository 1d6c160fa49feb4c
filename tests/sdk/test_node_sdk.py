"""Node clients: a script for each calls every operation, and these tests check its output."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from mockserver import BackgroundServer

HERE = Path(__file__).parent / "node"

ERRORS = {
    "no key": ("AuthenticationError", 401, None, None),
    "a key with a tab in it": ("AuthenticationError", 401, None, "invalid_api_key"),
    "no beta header": ("BadRequestError", 400, None, "invalid_beta"),
    "the beta header of v1": ("BadRequestError", 400, None, "invalid_beta"),
    "an unknown model": ("BadRequestError", 400, "model", "model_not_found"),
    "a model that Assistants does not take": (
        "BadRequestError",
        400,
        "model",
        "unsupported_model",
    ),
    "no model": ("BadRequestError", 400, "model", "missing_required_parameter"),
    "an unknown parameter": ("BadRequestError", 400, "file_ids", "unknown_parameter"),
    "a number for a name": ("BadRequestError", 400, "name", "invalid_type"),
    "a name of 257 characters": ("BadRequestError", 400, "name", "string_above_max_length"),
    "129 tools": ("BadRequestError", 400, "tools", "array_above_max_length"),
    "an unknown type of tool": ("BadRequestError", 400, "tools[0].type", "invalid_value"),
    "a function's name with a space": (
        "BadRequestError",
        400,
        "tools[0].function.name",
        "invalid_value",
    ),
    "17 pairs of metadata": ("BadRequestError", 400, "metadata", "object_above_max_properties"),
    "a temperature of 3": ("BadRequestError", 400, "temperature", "decimal_above_max_value"),
    "a limit of 101": ("BadRequestError", 400, "limit", "integer_above_max_value"),
    "a malformed id": ("BadRequestError", 400, "assistant_id", "invalid_value"),
    "an unknown id": ("NotFoundError", 404, None, None),
    "an unknown model to retrieve": ("NotFoundError", 404, "model", "model_not_found"),
}


def run(script: str, package: str, *arguments: str) -> Any:
    """Return what a script prints that uses a package; skip the test where either is missing."""
    node = shutil.which("node")
    if node is None:
        pytest.skip(
            "node is not on PATH: install Node.js, then `npm install --prefix tests/sdk/node`"
        )
    if not (HERE / "node_modules" / package).is_dir():
        pytest.skip(f"{package} is not there: `npm install --prefix tests/sdk/node`")
    done = subprocess.run(
        [node, HERE / script, *arguments],
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def seen(server: BackgroundServer) -> Any:
    return run("exercise.mjs", "openai", server.base_url, "sk-of-the-node-sdk")


def test_azures_own_client_calls_every_operation(server: BackgroundServer, key: str) -> None:
    seen = run("azure.mjs", "@azure/openai-assistants", server.url, key)

    created = seen["created"]
    assert created["id"].startswith("asst_")
    assert (created["model"], created["name"]) == ("our-deployment", "before")
    assert created["tools"] == [{"type": "code_interpreter"}]
    assert seen["listed"] == [created]
    assert seen["retrieved"] == created
    assert seen["modified"] == {**created, "name": "after"}
    assert seen["deleted"] == {"id": created["id"], "deleted": True}


def test_an_assistant_has_the_fields_it_was_created_with(seen: Any) -> None:
    created = seen["round"]["created"]

    assert created["id"].startswith("asst_")
    assert created["object"] == "assistant"
    assert created["model"] == "gpt-4o"
    assert created["name"] == "before"
    assert created["description"] == "Reads résumés."
    assert created["instructions"] == "Be brief."
    assert [tool["type"] for tool in created["tools"]] == [
        "code_interpreter",
        "file_search",
        "function",
    ]
    assert created["tools"][1]["file_search"]["max_num_results"] == 5
    assert created["tools"][2]["function"]["name"] == "get_weather"
    assert created["tool_resources"]["code_interpreter"] == {"file_ids": ["file-abc123"]}
    assert created["metadata"] == {"team": "hiring"}
    assert created["temperature"] == 0.2
    assert created["top_p"] == 0.9
    assert created["response_format"] == "auto"
    assert seen["round"]["createdRequestId"].startswith("req_")


def test_an_assistant_is_retrieved_modified_and_deleted(seen: Any) -> None:
    the_round = seen["round"]
    created = the_round["created"]

    assert the_round["retrieved"] == created
    assert the_round["modified"] == {**created, "name": "after"}
    assert the_round["deleted"] == {
        "id": created["id"],
        "object": "assistant.deleted",
        "deleted": True,
    }
    assert the_round["gone"]["class"] == "NotFoundError"
    assert the_round["gone"]["message"] == f"404 No assistant found with id '{created['id']}'."


def test_a_list_of_three_pages_is_paged_automatically_newest_first(seen: Any) -> None:
    lists = seen["lists"]

    assert len(lists["created"]) == 45
    assert lists["newestFirst"] == lists["created"][::-1]


def test_a_list_can_be_walked_page_by_page_oldest_first(seen: Any) -> None:
    created, pages = seen["lists"]["created"], seen["lists"]["pages"]

    assert pages == [created[:20], created[20:40], created[40:]]


def test_the_models_are_listed_and_retrieved(seen: Any) -> None:
    models = seen["models"]

    assert models["retrieved"]["id"] == "gpt-4o"
    assert models["retrieved"] in models["listed"]


def test_files_are_uploaded_whole_and_in_parts(seen: Any) -> None:
    files = seen["files"]
    created, completed = files["created"], files["completed"]

    assert (created["filename"], created["bytes"], created["purpose"]) == (
        "résumé.txt",
        5,
        "vision",
    )
    assert files["retrieved"] == created
    assert completed["status"] == "completed"
    assert completed["file"]["expires_at"] == completed["created_at"] + 3600
    assert files["content"] == "helloworld"
    assert files["listed"] == [completed["file"], created]
    assert files["deleted"] == {"id": created["id"], "object": "file", "deleted": True}


def test_the_script_and_this_table_have_the_same_errors(seen: Any) -> None:
    assert list(seen["errors"]) == list(ERRORS)


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_has_its_own_class_of_exception(seen: Any, name: str) -> None:
    error = seen["errors"][name]
    kind, status, param, code = ERRORS[name]

    assert error["class"] == kind
    assert error["status"] == status
    assert error["param"] == param
    assert error["code"] == code
    assert error["type"] == "invalid_request_error"
    body = error["body"]
    assert (body["type"], body["param"], body["code"]) == ("invalid_request_error", param, code)
    assert error["message"] == f"{status} {body['message']}"
    assert error["requestId"].startswith("req_")
    assert error["requestId"] == error["requestIdHeader"]
    assert error["requests"] == 1
