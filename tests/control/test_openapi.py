"""`GET /_mock/openapi.json`: what this server serves, for programs."""

from typing import Any

import pytest
from openapi_spec_validator import validate

from mockserver.api import OPERATIONS
from mockserver.control.control_api import ROUTES
from tests.support import Api


@pytest.fixture
def document(api: Api) -> Any:
    return api.get("/_mock/openapi.json").json


def test_it_is_valid_openapi(document: Any) -> None:
    validate(document)


def test_it_names_every_operation_and_every_call(document: Any) -> None:
    served = {
        (method.upper(), path) for path, methods in document["paths"].items() for method in methods
    }

    assert ("POST", "/v1/assistants/{assistant_id}") in served
    assert len(served) == len(OPERATIONS) + len(ROUTES)
    assert {("POST", "/_mock/stubs"), ("GET", "/_mock/openapi.json")} <= served


def test_a_create_has_its_body(document: Any) -> None:
    create = document["paths"]["/v1/assistants"]["post"]
    body = document["components"]["schemas"]["CreateAssistant"]

    assert create["operationId"] == "createAssistant"
    assert create["summary"] == "Create an assistant with a model and instructions."
    assert body["required"] == ["model"]
    assert body["additionalProperties"] is False


def test_a_list_has_its_query(document: Any) -> None:
    parameters = document["paths"]["/v1/assistants"]["get"]["parameters"]

    assert {one["name"] for one in parameters if one["in"] == "query"} == {
        "limit",
        "order",
        "after",
        "before",
    }
