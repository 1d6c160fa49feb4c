"""The rules for the schemas of functions and formats, most of them for `strict: true`."""

from typing import Any

import pytest

from tests.support import Api

CLOSED: dict[str, Any] = {"type": "object", "additionalProperties": False}
OPEN: dict[str, Any] = {"type": "object", "properties": {}}
NOT_CLOSED = "'additionalProperties' is required to be supplied and to be false."


def closed(**properties: Any) -> dict[str, Any]:
    return {**CLOSED, "properties": properties, "required": list(properties)}


def function(parameters: Any, **fields: Any) -> dict[str, Any]:
    return {"type": "function", "function": {"name": "f", "parameters": parameters, **fields}}


GOOD = [
    CLOSED,
    closed(),
    closed(a={"type": "string"}, b=closed(c={"type": "integer"})),
    closed(a={"type": "array", "items": closed()}),
    closed(a={"anyOf": [closed(), {"type": "null"}]}),
    {**closed(a={"$ref": "#/$defs/a"}), "$defs": {"a": closed()}},
    closed(a={"type": ["string", "null"], "enum": ["x", None]}),
    closed(a={"type": "string", "format": "email", "pattern": "@", "minLength": 3}),
    closed(a={"type": "number", "minimum": 0, "multipleOf": 2}),
]
BAD = [
    ({"type": "object"}, f"In context=(), {NOT_CLOSED}"),
    (OPEN, f"In context=(), {NOT_CLOSED}"),
    ({"type": "object", "additionalProperties": True}, f"In context=(), {NOT_CLOSED}"),
    ({"type": "object", "additionalProperties": {}}, f"In context=(), {NOT_CLOSED}"),
    ({"type": "object", "additionalProperties": 0}, f"In context=(), {NOT_CLOSED}"),
    (closed(a=OPEN), f"In context=('properties', 'a'), {NOT_CLOSED}"),
    (
        closed(a={"type": "array", "items": OPEN}),
        f"In context=('properties', 'a', 'items'), {NOT_CLOSED}",
    ),
    ({**CLOSED, "$defs": {"x": OPEN}}, f"In context=('$defs', 'x'), {NOT_CLOSED}"),
    (
        {**CLOSED, "properties": {"a": {}, "b": {}}, "required": ["a"]},
        "In context=(), 'required' is required to be supplied and to be an array "
        "including every key in properties. Missing 'b'.",
    ),
    (
        {**CLOSED, "properties": {"a": {}}},
        "In context=(), 'required' is required to be supplied and to be an array "
        "including every key in properties. Missing 'a'.",
    ),
    (
        closed(a={"type": "string", "default": "x"}),
        "In context=('properties', 'a'), 'default' is not permitted.",
    ),
    (
        closed(a={"type": "string", "default": None}),
        "In context=('properties', 'a'), 'default' is not permitted.",
    ),
    (closed(a={}), "In context=('properties', 'a'), schema must have a 'type' key."),
    (
        closed(a={"type": "array", "items": {"enum": ["x"]}}),
        "In context=('properties', 'a', 'items'), schema must have a 'type' key.",
    ),
]
NO_OBJECTS = [
    ({}, "None"),
    ({"type": "string"}, "string"),
    ({"type": None}, "None"),
    ({"type": ["object", "null"]}, "['object', 'null']"),
    ({"properties": {"a": {"type": "string"}}}, "None"),
    ({"$ref": "#/$defs/a", "$defs": {"a": {"type": "object"}}}, "None"),
]
NO_ITEMS = [
    ({"a": {"type": "array"}}, "('properties', 'a')"),
    ({"a": {"type": ["array", "null"]}}, "('properties', 'a')"),
    (
        {"a": {"type": "array", "items": {"type": "array"}}},
        "('properties', 'a', 'items')",
    ),
]


@pytest.mark.parametrize("schema", GOOD)
def test_a_strict_function_accepts_a_closed_schema(api: Api, schema: Any) -> None:
    created = api.create(tools=[function(schema, strict=True)])

    assert created["tools"][0]["function"]["parameters"] == schema
    assert created["tools"][0]["function"]["strict"] is True


@pytest.mark.parametrize(("schema", "violation"), BAD)
def test_a_strict_function_refuses_an_open_schema(api: Api, schema: Any, violation: str) -> None:
    tools = [{"type": "code_interpreter"}, function(schema, strict=True)]

    reply = api.post("/v1/assistants", {"model": "gpt-4o", "tools": tools})

    assert reply.status == 400
    assert reply.error == {
        "message": f"Invalid schema for function 'f': {violation}",
        "type": "invalid_request_error",
        "param": "tools[1].function.parameters",
        "code": "invalid_function_parameters",
    }


@pytest.mark.parametrize("strict", [False, None])
@pytest.mark.parametrize("schema", [schema for schema, _ in BAD])
def test_a_function_that_is_not_strict_accepts_any_schema(
    api: Api, schema: Any, strict: bool | None
) -> None:
    created = api.create(tools=[function(schema, strict=strict)])

    assert created["tools"][0]["function"]["parameters"] == schema


@pytest.mark.parametrize("strict", [True, False, None])
@pytest.mark.parametrize(("parameters", "got"), NO_OBJECTS)
def test_parameters_have_to_be_an_object_strict_or_not(
    api: Api, parameters: Any, got: str, strict: bool | None
) -> None:
    tools = [{"type": "code_interpreter"}, function(parameters, strict=strict)]

    reply = api.post("/v1/assistants", {"model": "gpt-4o", "tools": tools})

    assert reply.status == 400
    assert reply.error == {
        "message": "Invalid schema for function 'f': schema must be a JSON Schema of "
        f"""'type: "object"', got 'type: "{got}"'.""",
        "type": "invalid_request_error",
        "param": "tools[1].function.parameters",
        "code": "invalid_function_parameters",
    }


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize(("properties", "context"), NO_ITEMS)
def test_an_array_has_to_say_what_its_items_are(
    api: Api, properties: Any, context: str, strict: bool
) -> None:
    tools = [function(closed(**properties), strict=strict)]

    reply = api.post("/v1/assistants", {"model": "gpt-4o", "tools": tools})

    assert reply.error["message"] == (
        f"Invalid schema for function 'f': In context={context}, array schema missing items."
    )


@pytest.mark.parametrize(("schema", "got"), NO_OBJECTS)
def test_a_strict_format_has_to_be_an_object(api: Api, schema: Any, got: str) -> None:
    json_schema = {"name": "n", "schema": schema, "strict": True}
    response_format = {"type": "json_schema", "json_schema": json_schema}

    reply = api.post("/v1/assistants", {"model": "gpt-4o", "response_format": response_format})

    assert reply.error["message"] == (
        "Invalid schema for response_format 'n': schema must be a JSON Schema of "
        f"""'type: "object"', got 'type: "{got}"'."""
    )
    assert (reply.error["param"], reply.error["code"]) == ("response_format", None)


@pytest.mark.parametrize("at", [1, 2])
def test_functions_need_names_of_their_own(api: Api, at: int) -> None:
    tools = [function(OPEN), *[function(OPEN, name=f"f{n}") for n in range(1, at)], function(OPEN)]

    reply = api.post("/v1/assistants", {"model": "gpt-4o", "tools": tools})

    assert reply.status == 400
    assert reply.error == {
        "message": "Function tools must have unique names.",
        "type": "invalid_request_error",
        "param": f"tools[{at}]",
        "code": None,
    }


@pytest.mark.parametrize("schema", GOOD)
def test_a_strict_format_accepts_a_closed_schema(api: Api, schema: Any) -> None:
    json_schema = {"name": "n", "schema": schema, "strict": True}

    created = api.create(response_format={"type": "json_schema", "json_schema": json_schema})

    assert created["response_format"]["json_schema"] == json_schema


@pytest.mark.parametrize(("schema", "violation"), BAD)
def test_a_strict_format_refuses_an_open_schema(api: Api, schema: Any, violation: str) -> None:
    json_schema = {"name": "n", "schema": schema, "strict": True}
    response_format = {"type": "json_schema", "json_schema": json_schema}

    reply = api.post("/v1/assistants", {"model": "gpt-4o", "response_format": response_format})

    assert reply.status == 400
    assert reply.error["message"] == f"Invalid schema for response_format 'n': {violation}"


def test_a_modify_follows_the_same_rule(api: Api) -> None:
    id_ = api.create()["id"]

    reply = api.post(f"/v1/assistants/{id_}", {"tools": [function(OPEN, strict=True)]})

    assert reply.error["code"] == "invalid_function_parameters"


def test_a_strict_function_without_parameters_is_checked_as_it_is_shown(api: Api) -> None:
    function = {"name": "f", "strict": True}
    body = {"model": "gpt-4o", "tools": [{"type": "function", "function": function}]}

    assert api.post("/v1/assistants", body).error["code"] == "invalid_function_parameters"


def test_a_strict_schema_with_very_many_properties_is_checked_quickly(api: Api) -> None:
    names = [f"p{number}" for number in range(20_000)]
    parameters = {
        "type": "object",
        "properties": {key: {"type": "string"} for key in names},
        "required": names,
        "additionalProperties": False,
    }
    function = {"name": "f", "strict": True, "parameters": parameters}

    assert api.create(tools=[{"type": "function", "function": function}])
