"""Which of several errors a create reports."""

from typing import Any

import pytest

from tests.support import Api

IN_ORDER = (
    "model",
    "name",
    "description",
    "instructions",
    "tools",
    "tool_resources",
    "metadata",
    "temperature",
    "top_p",
    "response_format",
    "reasoning_effort",
)


@pytest.mark.parametrize("first", range(len(IN_ORDER)))
def test_of_several_errors_that_of_the_first_field_is_reported(api: Api, first: int) -> None:
    wrong = {name: 5 if name != "temperature" else "x" for name in IN_ORDER[first:]}
    wrong |= {"top_p": "x"} if "top_p" in wrong else {}

    reply = api.post("/v1/assistants", {**dict(reversed(wrong.items())), **model_unless(wrong)})

    assert reply.error["param"] == IN_ORDER[first]
    assert reply.error["code"] == "invalid_type"


def model_unless(fields: dict[str, Any]) -> dict[str, Any]:
    return {} if "model" in fields else {"model": "gpt-4o"}


@pytest.mark.parametrize(
    ("body", "code", "param"),
    [
        ({}, "missing_required_parameter", "model"),
        ({"name": 5}, "missing_required_parameter", "model"),
        ({"foo": 1}, "missing_required_parameter", "model"),
        ({"foo": 1, "name": 5}, "missing_required_parameter", "model"),
        ({"model": 5, "foo": 1}, "unknown_parameter", "foo"),
        ({"name": 5, "foo": 1, "model": "gpt-4o"}, "unknown_parameter", "foo"),
        ({"model": "gpt-nope", "foo": 1}, "unknown_parameter", "foo"),
        ({"model": "gpt-nope", "name": 5}, "invalid_type", "name"),
        ({"model": "gpt-nope", "temperature": 3}, "decimal_above_max_value", "temperature"),
        ({"model": "gpt-5-mini", "temperature": 3}, "decimal_above_max_value", "temperature"),
        ({"model": "o3-mini", "temperature": 1, "top_p": 2}, "decimal_above_max_value", "top_p"),
        (
            {"model": "o3-mini", "temperature": 1, "top_p": 1},
            "unsupported_model",
            "model",
        ),
    ],
)
def test_missing_keys_come_before_unknown_keys_and_invalid_values(
    api: Api, body: dict[str, Any], code: str, param: str
) -> None:
    reply = api.post("/v1/assistants", body)

    assert (reply.error["code"], reply.error["param"]) == (code, param)


def test_a_missing_model_is_reported_with_the_whole_error(api: Api) -> None:
    assert api.post("/v1/assistants", {"name": "x"}).error == {
        "message": "Missing required parameter: 'model'.",
        "type": "invalid_request_error",
        "param": "model",
        "code": "missing_required_parameter",
    }


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({f"k{n}": 1 for n in range(100_000)}, "k0"),
        ({"metadata": {f"k{n}": 1 for n in range(100_000)}}, "metadata.k0"),
        ({"name": 5, "metadata": {f"k{n}": 1 for n in range(100_000)}}, "name"),
    ],
    ids=["unknown keys", "values", "values, and a field before them"],
)
def test_of_very_many_errors_one_is_reported(api: Api, fields: dict[str, Any], param: str) -> None:
    assert api.post("/v1/assistants", {"model": "gpt-4o", **fields}).error["param"] == param
