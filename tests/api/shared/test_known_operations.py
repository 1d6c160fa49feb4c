"""Operations of OpenAI's API that this server does not serve: it says so, and how to stub them."""

import re

import pytest

from mockserver.api import OPERATIONS
from mockserver.api.shared.known_operations import KnownOperation, known_operations
from mockserver.api.shared.operation import Operation
from tests.support import Api

SERVED = {operation.operation_id for operation in OPERATIONS}
UNSERVED = [one for name, one in known_operations().items() if name not in SERVED]
EACH = pytest.mark.parametrize("operation", UNSERVED, ids=lambda operation: operation.operation_id)


def path_of(operation: KnownOperation) -> str:
    return re.sub(r"{\w+}", "any", operation.path)


@EACH
def test_an_operation_that_is_not_served_is_named(api: Api, operation: KnownOperation) -> None:
    path = re.sub(r"{\w+}", "*", operation.path)

    reply = api.request(operation.method, f"/v1{path_of(operation)}?limit=1")

    assert reply.status == 404
    assert list(reply.json) == ["error"]
    assert reply.error == {
        "message": f"This mock does not serve {operation.operation_id} "
        f"({operation.method} /v1{path}). A stub can answer it: "
        f"{{when: {{method: {operation.method}, path: /v1{path}}}, "
        "then: {json: {id: any_id}}}",
        "type": "invalid_request_error",
        "param": None,
        "code": "operation_not_served",
    }


@pytest.mark.parametrize("mount", ["/v1", "", "/openai/v1", "/api/projects/tutors"])
@pytest.mark.parametrize("operation", UNSERVED[:3])
def test_the_stub_that_it_names_answers_it(api: Api, operation: KnownOperation, mount: str) -> None:
    path = f"{mount}{path_of(operation)}"
    message = api.request(operation.method, path).error["message"]
    stub = message.partition("A stub can answer it: ")[2]

    added = api.request(
        "POST", "/_mock/stubs", stub.encode(), headers={"Content-Type": "application/yaml"}
    )

    assert added.status == 200
    assert api.request(operation.method, path).json == {"id": "any_id"}


def test_a_method_that_a_known_path_does_not_have_is_told_the_right_ones(api: Api) -> None:
    reply = api.get("/v1/embeddings")

    assert reply.status == 405
    assert reply.error["message"] == "Only POST requests are accepted."


def test_the_journal_has_such_a_request_as_unknown(api: Api) -> None:
    api.post("/v1/responses", {})

    [entry] = api.get("/_mock/requests?operation=unknown").json["requests"]
    assert (entry["request"]["path"], entry["response"]["status"]) == ("/v1/responses", 404)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.operation_id)
def test_what_is_served_is_not_told_to_be_missing(api: Api, operation: Operation) -> None:
    path = re.sub(r"{[^}]+}", "any", operation.mount.prefix + operation.path)

    reply = api.request(operation.method, path)

    assert b"does not serve" not in reply.body
    assert reply.status != 405


def test_a_stub_that_names_one_is_told_how_to_match_it(api: Api) -> None:
    stub = {"when": {"operation": "createConversationItems"}, "then": {"json": {}}}

    [problem] = api.post("/_mock/stubs", stub).json["errors"]

    assert problem["what"] == "this mock does not serve createConversationItems"
    assert problem["remedy"] == (
        "match it by method: POST and path: /v1/conversations/{conversation_id}/items"
    )


def test_a_search_of_the_journal_for_one_is_told_the_same(api: Api) -> None:
    reply = api.get("/_mock/requests?operation=createResponse")

    assert (reply.status, reply.json["errors"][0]["what"]) == (
        400,
        "this mock does not serve createResponse",
    )
