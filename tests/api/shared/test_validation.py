"""Every refusal of a field on create: its whole sentence, its param and its code."""

from typing import Any, NamedTuple

import pytest

from tests.support import Api

PATTERN = (
    "string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'."
)
EMPTY = "empty string. Expected a string with minimum length 1, but got an empty string instead."
CHARACTERS = (
    "Expected an ID that contains letters, numbers, underscores, or dashes, "
    "but this value contained additional characters."
)
STORE = "tool_resources.file_search.vector_stores[0]"
FILES = "tool_resources.code_interpreter.file_ids"
STORES = "tool_resources.file_search.vector_store_ids"
EFFORTS = "'none', 'minimal', 'low', 'medium', 'high', 'xhigh', and 'max'"


class Refusal(NamedTuple):
    """A body (with gpt-4o as its model, unless it says otherwise) and its answer."""

    fields: dict[str, Any]
    message: str
    param: str | None
    code: str | None


def unknown(fields: dict[str, Any], path: str) -> Refusal:
    return Refusal(fields, f"Unknown parameter: '{path}'.", path, "unknown_parameter")


def missing(fields: dict[str, Any], path: str) -> Refusal:
    message = f"Missing required parameter: '{path}'."
    return Refusal(fields, message, path, "missing_required_parameter")


def wrong_type(fields: dict[str, Any], path: str, expected: str, got: str) -> Refusal:
    message = f"Invalid type for '{path}': expected {expected}, but got {got} instead."
    return Refusal(fields, message, path, "invalid_type")


def too_long(fields: dict[str, Any], path: str, most: int, length: int) -> Refusal:
    message = (
        f"Invalid '{path}': string too long. Expected a string with maximum length {most}, "
        f"but got a string with length {length} instead."
    )
    return Refusal(fields, message, path, "string_above_max_length")


def too_many(fields: dict[str, Any], path: str, most: int, length: int) -> Refusal:
    message = (
        f"Invalid '{path}': array too long. Expected an array with maximum length {most}, "
        f"but got an array with length {length} instead."
    )
    return Refusal(fields, message, path, "array_above_max_length")


def above(fields: dict[str, Any], path: str, kind: str, most: object, got: object) -> Refusal:
    message = (
        f"Invalid '{path}': {kind} above maximum value. "
        f"Expected a value <= {most}, but got {got} instead."
    )
    return Refusal(fields, message, path, f"{kind}_above_max_value")


def below(fields: dict[str, Any], path: str, kind: str, least: object, got: object) -> Refusal:
    message = (
        f"Invalid '{path}': {kind} below minimum value. "
        f"Expected a value >= {least}, but got {got} instead."
    )
    return Refusal(fields, message, path, f"{kind}_below_min_value")


def unsupported(fields: dict[str, Any], path: str, got: str, supported: str) -> Refusal:
    message = f"Invalid value: '{got}'. Supported values are: {supported}."
    return Refusal(fields, message, path, "invalid_value")


def invalid(fields: dict[str, Any], path: str, text: str, code: str = "invalid_value") -> Refusal:
    return Refusal(fields, f"Invalid '{path}': {text}", path, code)


def long_key(key: str, shown: str) -> Refusal:
    message = (
        f"Invalid property name in 'metadata': '{shown}' is too long. "
        "Expected a string with maximum length 64, "
        f"but got a string with length {len(key)} instead."
    )
    fields = {"metadata": {key: "v"}}
    return Refusal(fields, message, f"metadata.{key}", "property_name_above_max_length")


def tool(**fields: Any) -> dict[str, Any]:
    return {"tools": [fields]}


def function(**fields: Any) -> dict[str, Any]:
    return tool(type="function", function={"name": "f", **fields})


def file_search(**options: Any) -> dict[str, Any]:
    return tool(type="file_search", file_search=options)


def ranking(**options: Any) -> dict[str, Any]:
    return file_search(ranking_options={"score_threshold": 0.5, **options})


def files(ids: Any) -> dict[str, Any]:
    return {"tool_resources": {"code_interpreter": {"file_ids": ids}}}


def stores(ids: Any) -> dict[str, Any]:
    return {"tool_resources": {"file_search": {"vector_store_ids": ids}}}


def new_store(**fields: Any) -> dict[str, Any]:
    return {"tool_resources": {"file_search": {"vector_stores": [fields]}}}


def chunks(size: Any, overlap: Any) -> dict[str, Any]:
    static = {"max_chunk_size_tokens": size, "chunk_overlap_tokens": overlap}
    return new_store(file_ids=["file-1"], chunking_strategy={"type": "static", "static": static})


def schema(**fields: Any) -> dict[str, Any]:
    json_schema = {"name": "n", **fields}
    return {"response_format": {"type": "json_schema", "json_schema": json_schema}}


def pairs(count: int) -> dict[str, str]:
    return {f"k{n}": "v" for n in range(count)}


CHUNKS = f"{STORE}.chunking_strategy.static"
RANKING = "tools[0].file_search.ranking_options"
TOOL_TYPES = "'code_interpreter', 'function', and 'file_search'"
FORMATS = "'json_object', 'json_schema', and 'text'"

UNKNOWN = [
    unknown({"file_ids": []}, "file_ids"),
    unknown({"temperatur": 1}, "temperatur"),
    unknown({"Name": "x"}, "Name"),
    unknown({"id": "asst_1"}, "id"),
    unknown({"a{0}": 1}, "a{0}"),
    unknown({"type": "function"}, "type"),
    unknown({"tool_resources": {"files": []}}, "tool_resources.files"),
    unknown(
        {"tool_resources": {"file_search": {"file_ids": []}}},
        "tool_resources.file_search.file_ids",
    ),
    unknown(
        {"tool_resources": {"code_interpreter": {"vector_store_ids": []}}},
        "tool_resources.code_interpreter.vector_store_ids",
    ),
    unknown(new_store(name="x"), f"{STORE}.name"),
    unknown(tool(type="code_interpreter", files=[]), "tools[0].files"),
    unknown(tool(type="code_interpreter", code_interpreter={}), "tools[0].code_interpreter"),
    unknown(tool(type="file_search", function={}), "tools[0].function"),
    unknown(function(type="x"), "tools[0].function.type"),
    unknown(function(function={}), "tools[0].function.function"),
    unknown(file_search(max_results=1), "tools[0].file_search.max_results"),
    unknown(ranking(weights=1), f"{RANKING}.weights"),
    unknown({"response_format": {"type": "text", "text": 1}}, "response_format.text"),
    unknown(schema(json_schema={}), "response_format.json_schema.json_schema"),
]

MISSING = [
    missing(tool(), "tools[0].type"),
    missing(tool(function={"name": "f"}), "tools[0].type"),
    missing(tool(type="function"), "tools[0].function"),
    missing(tool(type="function", function={}), "tools[0].function.name"),
    missing(file_search(ranking_options={}), f"{RANKING}.score_threshold"),
    missing({"response_format": {}}, "response_format.type"),
    missing({"response_format": {"type": "json_schema"}}, "response_format.json_schema"),
    missing(
        {"response_format": {"type": "json_schema", "json_schema": {}}},
        "response_format.json_schema.name",
    ),
    missing(new_store(chunking_strategy={}), f"{STORE}.chunking_strategy.type"),
    missing(new_store(chunking_strategy={"type": "static"}), CHUNKS),
    missing(
        new_store(chunking_strategy={"type": "static", "static": {"max_chunk_size_tokens": 100}}),
        f"{CHUNKS}.chunk_overlap_tokens",
    ),
]

WRONG_TYPES = [
    wrong_type(
        {"response_format": {"type": None}},
        "response_format.type",
        "one of 'json_object', 'json_schema', or 'text'",
        "null",
    ),
    wrong_type(
        {"reasoning_effort": {"type": "low"}},
        "reasoning_effort",
        f"one of {EFFORTS.replace('and', 'or')}",
        "an object",
    ),
    wrong_type({"model": None}, "model", "a string", "null"),
    wrong_type({"model": 4}, "model", "a string", "an integer"),
    wrong_type({"name": 5}, "name", "a string", "an integer"),
    wrong_type({"name": 5.5}, "name", "a string", "a decimal number"),
    wrong_type({"description": []}, "description", "a string", "an array"),
    wrong_type({"instructions": {}}, "instructions", "a string", "an object"),
    wrong_type({"tools": "x"}, "tools", "an array of objects", "a string"),
    wrong_type({"tools": {}}, "tools", "an array of objects", "an object"),
    wrong_type({"tools": ["function"]}, "tools[0]", "an object", "a string"),
    wrong_type({"tools": [None]}, "tools[0]", "an object", "null"),
    wrong_type(tool(type="function", function=5), "tools[0].function", "an object", "an integer"),
    wrong_type(function(name=None), "tools[0].function.name", "a string", "null"),
    wrong_type(function(description=1), "tools[0].function.description", "a string", "an integer"),
    wrong_type(function(parameters=[]), "tools[0].function.parameters", "an object", "an array"),
    wrong_type(function(strict="true"), "tools[0].function.strict", "a boolean", "a string"),
    wrong_type(function(strict=1), "tools[0].function.strict", "a boolean", "an integer"),
    wrong_type(
        tool(type="file_search", file_search=[]), "tools[0].file_search", "an object", "an array"
    ),
    wrong_type(
        file_search(max_num_results=5.0),
        "tools[0].file_search.max_num_results",
        "an integer",
        "a decimal number",
    ),
    wrong_type(
        file_search(max_num_results=True),
        "tools[0].file_search.max_num_results",
        "an integer",
        "a boolean",
    ),
    wrong_type(file_search(ranking_options=1), RANKING, "an object", "an integer"),
    wrong_type(ranking(score_threshold="1"), f"{RANKING}.score_threshold", "a decimal", "a string"),
    wrong_type(
        ranking(ranker=5),
        f"{RANKING}.ranker",
        "one of 'auto' or 'default_2024_08_21'",
        "an integer",
    ),
    wrong_type({"tool_resources": []}, "tool_resources", "an object", "an array"),
    wrong_type(
        {"tool_resources": {"code_interpreter": "x"}},
        "tool_resources.code_interpreter",
        "an object",
        "a string",
    ),
    wrong_type(files({}), FILES, "an array", "an object"),
    wrong_type(files([5]), f"{FILES}[0]", "a string", "an integer"),
    wrong_type(stores("vs_1"), STORES, "an array", "a string"),
    wrong_type(stores([None]), f"{STORES}[0]", "a string", "null"),
    wrong_type(
        {"tool_resources": {"file_search": {"vector_stores": {}}}},
        "tool_resources.file_search.vector_stores",
        "an array of objects",
        "an object",
    ),
    wrong_type(new_store(metadata=5), f"{STORE}.metadata", "a metadata object", "an integer"),
    wrong_type(new_store(metadata={"a": 5}), f"{STORE}.metadata.a", "a string", "an integer"),
    wrong_type(
        new_store(chunking_strategy="auto"), f"{STORE}.chunking_strategy", "an object", "a string"
    ),
    wrong_type(chunks("800", 0), f"{CHUNKS}.max_chunk_size_tokens", "an integer", "a string"),
    wrong_type({"metadata": "x"}, "metadata", "a metadata object", "a string"),
    wrong_type({"metadata": []}, "metadata", "a metadata object", "an array"),
    wrong_type({"metadata": {"modified": True}}, "metadata.modified", "a string", "a boolean"),
    wrong_type({"metadata": {"a": None}}, "metadata.a", "a string", "null"),
    wrong_type({"metadata": {"a": {}}}, "metadata.a", "a string", "an object"),
    wrong_type({"temperature": "1"}, "temperature", "a decimal", "a string"),
    wrong_type({"temperature": True}, "temperature", "a decimal", "a boolean"),
    wrong_type({"top_p": []}, "top_p", "a decimal", "an array"),
    wrong_type(
        {"response_format": 5}, "response_format", "one of a string or object", "an integer"
    ),
    wrong_type({"response_format": []}, "response_format", "one of a string or object", "an array"),
    wrong_type(
        {"response_format": {"type": "json_schema", "json_schema": "x"}},
        "response_format.json_schema",
        "an object",
        "a string",
    ),
    wrong_type(schema(name=5), "response_format.json_schema.name", "a string", "an integer"),
    wrong_type(schema(schema=[]), "response_format.json_schema.schema", "an object", "an array"),
    wrong_type(schema(strict=0), "response_format.json_schema.strict", "a boolean", "an integer"),
]

LENGTHS = [
    too_long({"name": "x" * 257}, "name", 256, 257),
    too_long({"name": "🧮" * 257}, "name", 256, 257),
    too_long({"description": "x" * 513}, "description", 512, 513),
    too_long({"instructions": "x" * 256_001}, "instructions", 256_000, 256_001),
    too_long({"instructions": "🧮" * 256_001}, "instructions", 256_000, 256_001),
    too_long({"metadata": {"k": "x" * 600}}, "metadata.k", 512, 600),
    too_long({"metadata": {"k": "ñ" * 513}}, "metadata.k", 512, 513),
    too_long(function(name="x" * 65), "tools[0].function.name", 64, 65),
    too_long(function(description="x" * 1025), "tools[0].function.description", 1024, 1025),
    too_long(schema(name="x" * 65), "response_format.json_schema.name", 64, 65),
    too_many({"tools": [{"type": "code_interpreter"}] * 129}, "tools", 128, 129),
    too_many(files([f"file-{n}" for n in range(21)]), FILES, 20, 21),
    too_many(stores(["vs_1", "vs_2"]), STORES, 1, 2),
    too_many(
        {"tool_resources": {"file_search": {"vector_stores": [{}, {}]}}},
        "tool_resources.file_search.vector_stores",
        1,
        2,
    ),
    too_many(new_store(file_ids=["file-1"] * 10_001), f"{STORE}.file_ids", 10_000, 10_001),
    long_key("k" * 70, "kkk...kkk"),
    long_key("abc" + "." * 59 + "xyz", "abc...xyz"),
    long_key("[key]" * 13, "[ke...ey]"),
    invalid(function(name=""), "tools[0].function.name", EMPTY, "empty_string"),
    invalid(schema(name=""), "response_format.json_schema.name", EMPTY, "empty_string"),
    Refusal(
        {"metadata": pairs(17)},
        "Invalid 'metadata': too many properties. Expected an object with at most 16 properties, "
        "but got an object with 17 properties instead.",
        "metadata",
        "object_above_max_properties",
    ),
    Refusal(
        new_store(file_ids=[]),
        "file_search tool configuration is invalid. file_ids must be non-empty",
        None,
        None,
    ),
]

RANGES = [
    above({"temperature": 3}, "temperature", "decimal", 2, 3),
    above({"temperature": 2.5}, "temperature", "decimal", 2, 2.5),
    below({"temperature": -1}, "temperature", "decimal", 0, -1),
    below({"temperature": -0.5}, "temperature", "decimal", 0, -0.5),
    above({"top_p": 1.5}, "top_p", "decimal", 1, 1.5),
    below({"top_p": -2}, "top_p", "decimal", 0, -2),
    above(ranking(score_threshold=1.5), f"{RANKING}.score_threshold", "decimal", 1, 1.5),
    below(ranking(score_threshold=-1), f"{RANKING}.score_threshold", "decimal", 0, -1),
    above(
        file_search(max_num_results=51), "tools[0].file_search.max_num_results", "integer", 50, 51
    ),
    below(file_search(max_num_results=0), "tools[0].file_search.max_num_results", "integer", 1, 0),
    above(chunks(4097, 0), f"{CHUNKS}.max_chunk_size_tokens", "integer", 4096, 4097),
    below(chunks(99, 0), f"{CHUNKS}.max_chunk_size_tokens", "integer", 100, 99),
    below(chunks(100, -1), f"{CHUNKS}.chunk_overlap_tokens", "integer", 0, -1),
    above(chunks(100, 51), f"{CHUNKS}.chunk_overlap_tokens", "integer", 50, 51),
]

VALUES = [
    unsupported({"response_format": {"type": "auto"}}, "response_format.type", "auto", FORMATS),
    unsupported(
        new_store(chunking_strategy={"type": "x"}),
        f"{STORE}.chunking_strategy.type",
        "x",
        "'auto' and 'static'",
    ),
    unsupported(tool(type="retrieval"), "tools[0].type", "retrieval", TOOL_TYPES),
    unsupported(tool(type=""), "tools[0].type", "", TOOL_TYPES),
    unsupported(tool(type="retrieval", function={}), "tools[0].type", "retrieval", TOOL_TYPES),
    unsupported({"response_format": {"type": "xml"}}, "response_format.type", "xml", FORMATS),
    unsupported({"reasoning_effort": "huge"}, "reasoning_effort", "huge", EFFORTS),
    unsupported({"reasoning_effort": ""}, "reasoning_effort", "", EFFORTS),
    unsupported(
        ranking(ranker="best"), f"{RANKING}.ranker", "best", "'auto' and 'default_2024_08_21'"
    ),
    invalid(function(name="a b"), "tools[0].function.name", PATTERN),
    invalid(function(name="a.b"), "tools[0].function.name", PATTERN),
    invalid(function(name="ñ"), "tools[0].function.name", PATTERN),
    invalid(function(name="line\n"), "tools[0].function.name", PATTERN),
    invalid(schema(name="a b"), "response_format.json_schema.name", PATTERN),
    invalid(files(["abc"]), f"{FILES}[0]", "'abc'. Expected an ID that begins with 'file'."),
    invalid(
        files(["file-1", "assistant-1"]),
        f"{FILES}[1]",
        "'assistant-1'. Expected an ID that begins with 'file'.",
    ),
    invalid(files(["file-a:b"]), f"{FILES}[0]", f"'file-a:b'. {CHARACTERS}"),
    invalid(stores(["abc"]), f"{STORES}[0]", "'abc'. Expected an ID that begins with 'vs'."),
    invalid(stores(["vs_a b"]), f"{STORES}[0]", f"'vs_a b'. {CHARACTERS}"),
    invalid(
        new_store(file_ids=["x"]),
        f"{STORE}.file_ids[0]",
        "'x'. Expected an ID that begins with 'file'.",
    ),
    Refusal(
        {"model": "gpt-nope"},
        "The requested model 'gpt-nope' does not exist.",
        "model",
        "model_not_found",
    ),
    Refusal(
        {"model": "{x}'"},
        "The requested model '{x}'' does not exist.",
        "model",
        "model_not_found",
    ),
]

# What is a key of the client's own, and what looks like one of the schema's.
ODD_KEYS = [
    wrong_type({"metadata": {key: 5, "ok": "x"}}, f"metadata.{key}", "a string", "an integer")
    for key in ("a.b", "a[0]", "0", "type", "[key]", "function", "metadata", "a b", "ñ", "")
] + [
    wrong_type(
        {"metadata": {"type": "function", "function": 5}},
        "metadata.function",
        "a string",
        "an integer",
    ),
    too_long({"metadata": {"[key]": "x" * 513}}, "metadata.[key]", 512, 513),
    unknown(tool(type="code_interpreter", **{"[key]": 1}), "tools[0].[key]"),
    unknown({"response_format": {"type": "text", "[key]": 1}}, "response_format.[key]"),
    unknown({"type": "response_format", "response_format": {"type": "json_schema"}}, "type"),
    unknown(file_search(type="ranking_options", ranking_options={}), "tools[0].file_search.type"),
    wrong_type(
        {"tools": [{"type": "code_interpreter"}] * 3 + function(name=5)["tools"]},
        "tools[3].function.name",
        "a string",
        "an integer",
    ),
]


@pytest.mark.parametrize(
    "refusal",
    [*UNKNOWN, *MISSING, *WRONG_TYPES, *LENGTHS, *RANGES, *VALUES, *ODD_KEYS],
    ids=lambda refusal: f"{refusal.code}-{refusal.param}"[:60],
)
def test_a_fault_is_told_in_the_words_of_the_service(api: Api, refusal: Refusal) -> None:
    reply = api.post("/v1/assistants", {"model": "gpt-4o", **refusal.fields})

    assert reply.status == 400
    assert reply.error == {
        "message": refusal.message,
        "type": "invalid_request_error",
        "param": refusal.param,
        "code": refusal.code,
    }


@pytest.mark.parametrize(
    "fields",
    [
        {"metadata": pairs(16)},
        {"metadata": {"k" * 64: "v"}},
        {"metadata": {"🧮" * 64: "🧮" * 512}},
        {"metadata": {"k": "v" * 512}},
        {"metadata": {"": ""}},
        {"metadata": {"a.b": "1", "a[0]": "2", "type": "3", "[key]": "4", "function": "5"}},
        {"name": "x" * 256},
        {"name": "🧮" * 256},
        {"name": ""},
        {"description": "🧮" * 512},
        {"instructions": "x" * 256_000},
        {"instructions": "🧮" * 256_000},
        {"temperature": 0.0},
        {"temperature": 2.0},
        {"top_p": 0.0},
        {"top_p": 1.0},
    ],
    ids=lambda fields: str(fields)[:40],
)
def test_a_value_on_the_boundary_is_accepted_and_echoed(api: Api, fields: dict[str, Any]) -> None:
    assert fields.items() <= api.create(**fields).items()


# ── The order of the checks ──────────────────────────────────────────────────────

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
def test_of_several_faults_the_first_field_of_the_schema_is_named(api: Api, first: int) -> None:
    faults = {name: 5 if name != "temperature" else "x" for name in IN_ORDER[first:]}
    faults |= {"top_p": "x"} if "top_p" in faults else {}

    reply = api.post("/v1/assistants", {**dict(reversed(faults.items())), **model_unless(faults)})

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
            "unsupported_parameter",
            "temperature",
        ),
    ],
)
def test_faults_are_looked_for_class_by_class(
    api: Api, body: dict[str, Any], code: str, param: str
) -> None:
    reply = api.post("/v1/assistants", body)

    assert (reply.error["code"], reply.error["param"]) == (code, param)


def test_a_missing_model_is_named_in_full(api: Api) -> None:
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
def test_of_very_many_faults_one_is_told(api: Api, fields: dict[str, Any], param: str) -> None:
    assert api.post("/v1/assistants", {"model": "gpt-4o", **fields}).error["param"] == param
