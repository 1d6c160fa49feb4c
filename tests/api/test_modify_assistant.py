"""`POST /v1/assistants/{id}`: fields that are sent are replaced, the others stay."""

from typing import Any

import pytest

from tests.support import Api

BEFORE: dict[str, Any] = {
    "name": "old name",
    "description": "old description",
    "model": "gpt-4o",
    "instructions": "old instructions",
    "tools": [{"type": "code_interpreter"}],
    "top_p": 0.5,
    "temperature": 0.25,
    "reasoning_effort": None,
    "tool_resources": {"code_interpreter": {"file_ids": ["file-1"]}},
    "metadata": {"a": "1", "b": "2"},
    "response_format": {"type": "text"},
}

FUNCTION = {"type": "function", "function": {"name": "f"}}

SCHEMA = {"type": "object", "properties": {"x": {"type": "number"}}}

RETRIEVED: dict[str, dict[str, Any]] = {
    "nothing": {},
    "all plain fields": BEFORE,
    "file search": {"tools": [{"type": "file_search"}]},
    "file search with options": {
        "tools": [
            {
                "type": "file_search",
                "file_search": {
                    "max_num_results": 5,
                    "ranking_options": {"ranker": "auto", "score_threshold": 0.5},
                },
            }
        ]
    },
    "code interpreter": {"tools": [{"type": "code_interpreter"}]},
    "bare function": {"tools": [{"type": "function", "function": {"name": "f"}}]},
    "function": {
        "tools": [
            {
                "type": "function",
                "function": {
                    "name": "f",
                    "description": "d",
                    "parameters": {"type": "object", "properties": {"x": {"maximum": 10**30}}},
                },
            }
        ]
    },
    "new vector store": {
        "tool_resources": {"file_search": {"vector_stores": [{"metadata": {"a": "b"}}]}}
    },
    "empty resources": {"tool_resources": {"file_search": {}, "code_interpreter": {}}},
    "json schema": {
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "n", "schema": SCHEMA, "strict": None},
        }
    },
    "tiny numbers": {"temperature": 1e-7, "top_p": 1e-5},
}


def modify(api: Api, id_: str, **fields: Any) -> Any:
    reply = api.post(f"/v1/assistants/{id_}", fields)
    assert reply.status == 200, reply.body
    return reply.json


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("model", "gpt-4o-mini"),
        ("name", "new"),
        ("name", ""),
        ("description", "new"),
        ("instructions", "new"),
        ("tools", [{"type": "code_interpreter"}, {"type": "code_interpreter"}]),
        ("tools", []),
        ("tool_resources", {"code_interpreter": {"file_ids": ["file-2"]}}),
        ("metadata", {"c": "3"}),
        ("metadata", {}),
        ("temperature", 0.0),
        ("temperature", 2.0),
        ("top_p", 0.125),
        ("response_format", "auto"),
    ],
)
def test_a_field_that_is_sent_replaces_and_the_others_stay(
    api: Api, field: str, value: Any
) -> None:
    created = api.create(**BEFORE)

    changed = modify(api, created["id"], **{field: value})

    assert changed == created | {field: value}
    assert list(changed) == list(created)


@pytest.mark.parametrize(
    ("field", "cleared"),
    [
        ("name", None),
        ("description", None),
        ("instructions", None),
        ("metadata", {}),
        ("temperature", 1.0),
        ("top_p", 1.0),
        ("response_format", "auto"),
        ("reasoning_effort", None),
    ],
)
def test_a_null_restores_the_default(api: Api, field: str, cleared: Any) -> None:
    created = api.create(**BEFORE)

    assert modify(api, created["id"], **{field: None}) == created | {field: cleared}


def test_every_field_can_be_modified_at_once(api: Api) -> None:
    created = api.create()

    changed = modify(api, created["id"], **BEFORE)

    assert changed == created | BEFORE


def test_a_function_replaces_all_the_tools(api: Api) -> None:
    created = api.create(tools=[{"type": "file_search"}])
    function = {"name": "f", "description": "d", "parameters": SCHEMA, "strict": False}

    changed = modify(api, created["id"], tools=[{"type": "function", "function": function}])

    assert changed["tools"] == [{"type": "function", "function": function}]


@pytest.mark.parametrize("body", [{}, b"{}", b"", None])
def test_an_empty_body_changes_nothing(api: Api, body: Any) -> None:
    created = api.post("/v1/assistants", BEFORE)

    reply = api.post(f"/v1/assistants/{created.json['id']}", body)

    assert (reply.status, reply.body) == (200, created.body)


def test_a_get_returns_the_bytes_of_the_modify(api: Api) -> None:
    path = f"/v1/assistants/{api.create()['id']}"

    changed = api.post(path, {"name": "ñ", "temperature": 1})

    assert api.get(path).body == changed.body


def test_a_modify_neither_moves_the_clock_nor_the_time_of_creation(api: Api) -> None:
    first = api.create(name="a")

    changed = modify(api, first["id"], name="b")

    assert changed["created_at"] == first["created_at"]
    assert api.create(name="c")["created_at"] == first["created_at"] + 1


def test_code_interpreter_adds_its_empty_resources(api: Api) -> None:
    created = api.create(tool_resources={"file_search": {"vector_store_ids": ["vs_1"]}})

    changed = modify(api, created["id"], tools=[{"type": "code_interpreter"}])

    assert changed["tool_resources"] == {
        "code_interpreter": {"file_ids": []},
        "file_search": {"vector_store_ids": ["vs_1"]},
    }


def test_a_modify_creates_no_vector_store(api: Api) -> None:
    id_ = api.create()["id"]
    resources = {"file_search": {"vector_stores": [{"file_ids": ["file-1"]}]}}

    reply = api.post(f"/v1/assistants/{id_}", {"tool_resources": resources})

    assert reply.status == 400
    assert reply.error == {
        "message": "Unknown parameter: 'tool_resources.file_search.vector_stores'.",
        "type": "invalid_request_error",
        "param": "tool_resources.file_search.vector_stores",
        "code": "unknown_parameter",
    }


def test_a_vector_store_can_be_named_by_its_id(api: Api) -> None:
    resources = {"file_search": {"vector_store_ids": ["vs_1"]}}

    changed = modify(api, api.create()["id"], tool_resources=resources)

    assert changed["tool_resources"] == resources


@pytest.mark.parametrize(
    ("fields", "message", "param", "code"),
    [
        (
            {"metadata": {"modified": True}},
            "Invalid type for 'metadata.modified': expected a string, but got a boolean instead.",
            "metadata.modified",
            "invalid_type",
        ),
        (
            {"model": None},
            "Invalid type for 'model': expected a string, but got null instead.",
            "model",
            "invalid_type",
        ),
        ({"file_ids": []}, "Unknown parameter: 'file_ids'.", "file_ids", "unknown_parameter"),
        (
            {"model": "gpt-nope"},
            "The requested model 'gpt-nope' does not exist.",
            "model",
            "model_not_found",
        ),
        (
            {"model": "gpt-5-mini"},
            "The requested model 'gpt-5-mini' cannot be used with the Assistants API.",
            "model",
            "unsupported_model",
        ),
        (
            {"reasoning_effort": "low"},
            "Unsupported parameter: 'reasoning_effort' is not supported with this model.",
            "reasoning_effort",
            "unsupported_parameter",
        ),
        (
            {"model": "o3-mini"},
            "Unsupported value: 'reasoning_effort' does not support 'null' with this model.",
            None,
            "unsupported_value",
        ),
        (
            {"model": "o3-mini", "reasoning_effort": "low", "temperature": 1.0},
            "Unsupported parameter: 'temperature' is not supported with this model.",
            "model",
            "unsupported_model",
        ),
        (
            {"model": "o3-mini", "reasoning_effort": "low", "top_p": 1},
            "Unsupported parameter: 'top_p' is not supported with this model.",
            "model",
            "unsupported_model",
        ),
        (
            {"tools": None},
            "Invalid type for 'tools': expected an array of tools, but got null instead.",
            "tools",
            "invalid_type",
        ),
        (
            {"tools": [FUNCTION, FUNCTION]},
            "Function tools must have unique names.",
            "tools[1]",
            None,
        ),
    ],
)
def test_a_refused_modify_changes_nothing(
    api: Api, fields: dict[str, Any], message: str, param: str | None, code: str | None
) -> None:
    created = api.create(**BEFORE)

    reply = api.post(f"/v1/assistants/{created['id']}", fields)

    assert reply.status == 400
    assert reply.error == {
        "message": message,
        "type": "invalid_request_error",
        "param": param,
        "code": code,
    }
    assert api.get(f"/v1/assistants/{created['id']}").json == created


def test_the_recorded_refusal_has_the_recorded_length(api: Api) -> None:
    id_ = api.create()["id"]

    reply = api.post(f"/v1/assistants/{id_}", {"metadata": {"modified": True}})

    assert reply.headers["Content-Length"] == "220"


def test_a_modify_refuses_a_temperature_for_a_reasoning_model(api: Api) -> None:
    id_ = api.create(model="o3-mini")["id"]

    reply = api.post(f"/v1/assistants/{id_}", {"temperature": 0.5})

    assert reply.error["param"] == "model"
    assert reply.error["code"] == "unsupported_model"


@pytest.mark.parametrize(
    ("before", "change", "refused"),
    [
        ({"model": "o3-mini"}, {"model": "gpt-4o"}, "medium"),
        ({"model": "o3-mini", "reasoning_effort": "low"}, {"model": "gpt-4o"}, "low"),
        ({"model": "o3-mini"}, {"model": "gpt-4o", "reasoning_effort": "high"}, "high"),
        ({"model": "o3-mini"}, {"model": "gpt-4o", "reasoning_effort": None}, ""),
        ({"model": "gpt-4o"}, {"model": "o3-mini"}, "null"),
        ({"model": "gpt-4o"}, {"model": "o3-mini", "reasoning_effort": None}, "null"),
        ({"model": "gpt-4o", "temperature": 0.5}, {"model": "o1", "reasoning_effort": "high"}, ""),
        ({"model": "o3-mini", "reasoning_effort": "low"}, {"model": "o1"}, ""),
        ({"model": "gpt-4o"}, {"model": "gpt-4o-mini"}, ""),
    ],
)
def test_the_effort_of_both_has_to_fit_a_model_that_changes(
    api: Api, before: dict[str, Any], change: dict[str, Any], refused: str
) -> None:
    created = api.create(**before)

    reply = api.post(f"/v1/assistants/{created['id']}", change)

    if refused:
        assert reply.status == 400
        assert reply.error == {
            "message": "Unsupported value: 'reasoning_effort' does not support "
            f"'{refused}' with this model.",
            "type": "invalid_request_error",
            "param": None,
            "code": "unsupported_value",
        }
    else:
        reasons = change["model"].startswith("o")
        effort = {**before, **change}.get("reasoning_effort")
        assert reply.status == 200
        assert reply.json["model"] == change["model"]
        assert reply.json["reasoning_effort"] == effort
        assert reply.json["temperature"] == (1.0 if reasons else before.get("temperature", 1.0))


def test_a_null_effort_restores_that_of_the_same_model(api: Api) -> None:
    created = api.create(model="o3-mini", reasoning_effort="high")

    changed = modify(api, created["id"], model="o3-mini", reasoning_effort=None)

    assert changed == created | {"reasoning_effort": "medium"}


def test_the_temperature_that_a_reasoning_model_shows_cannot_be_sent_back(api: Api) -> None:
    path = f"/v1/assistants/{api.create(model='o3-mini')['id']}"
    shown = api.get(path).json

    reply = api.post(path, {"temperature": shown["temperature"]})

    assert (reply.status, reply.error["code"]) == (400, "unsupported_model")


@pytest.mark.parametrize("fields", RETRIEVED.values(), ids=RETRIEVED.keys())
def test_a_retrieved_assistant_can_be_sent_back_unchanged(api: Api, fields: dict[str, Any]) -> None:
    path = f"/v1/assistants/{api.create(**fields)['id']}"
    retrieved = api.get(path)
    own = {"id", "object", "created_at"}

    reply = api.post(path, {k: v for k, v in retrieved.json.items() if k not in own})

    assert (reply.status, reply.body) == (200, retrieved.body)


def test_an_empty_model_leaves_the_model_alone(api: Api) -> None:
    created = api.create(model="gpt-4o-mini", name="before")
    body = {"model": "", "name": "after"}

    modified = api.post(f"/v1/assistants/{created['id']}", body)

    assert modified.json == {**created, "name": "after"}
