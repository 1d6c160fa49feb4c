"""`response_format`: returned as sent, and not allowed with every tool."""

from typing import Any

import pytest

from tests.support import Api

FUNCTION = {"type": "function", "function": {"name": "f"}}


@pytest.mark.parametrize(
    "response_format",
    [
        "auto",
        {"type": "text"},
        {"type": "json_object"},
        {"type": "json_schema", "json_schema": {"name": "n"}},
        {
            "type": "json_schema",
            "json_schema": {
                "name": "a" * 64,
                "description": "d",
                "schema": {"type": "object", "properties": {"z": {}, "a": {}}},
                "strict": False,
            },
        },
    ],
)
def test_a_format_is_returned_as_it_was_sent(api: Api, response_format: Any) -> None:
    echoed = api.create(response_format=response_format)["response_format"]

    if isinstance(response_format, dict) and "json_schema" in response_format:
        assert echoed["type"] == "json_schema"
        assert response_format["json_schema"].items() <= echoed["json_schema"].items()
    else:
        assert echoed == response_format


@pytest.mark.parametrize("tool", ["code_interpreter", "file_search"])
def test_json_objects_need_tools_that_are_all_functions(api: Api, tool: str) -> None:
    reply = api.post(
        "/v1/assistants",
        {
            "model": "gpt-4o",
            "tools": [FUNCTION, {"type": tool}],
            "response_format": {"type": "json_object"},
        },
    )

    assert reply.status == 400
    assert reply.error["message"] == (
        "Invalid tools: all tools must be of type `function` "
        "when `response_format` is of type `json_object`"
    )


@pytest.mark.parametrize("tool", [FUNCTION, {"type": "code_interpreter"}, {"type": "file_search"}])
@pytest.mark.parametrize("response_format", ["auto", {"type": "text"}])
def test_plain_formats_go_with_every_tool(api: Api, tool: Any, response_format: Any) -> None:
    created = api.create(tools=[tool], response_format=response_format)

    assert created["response_format"] == response_format


def test_json_objects_go_with_functions(api: Api) -> None:
    created = api.create(tools=[FUNCTION], response_format={"type": "json_object"})

    assert created["response_format"] == {"type": "json_object"}


def test_a_modify_follows_the_same_rule(api: Api) -> None:
    id_ = api.create(tools=[{"type": "file_search"}])["id"]

    reply = api.post(f"/v1/assistants/{id_}", {"response_format": {"type": "json_object"}})

    assert reply.status == 400
    assert api.get(f"/v1/assistants/{id_}").json["response_format"] == "auto"
