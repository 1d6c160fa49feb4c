"""Keys and types that a create refuses: the message, the param and the code."""

import pytest

from tests.api.shared.refusals import (
    CHUNKS,
    EFFORTS,
    FILES,
    RANKING,
    STORE,
    STORES,
    Refusal,
    chunks,
    file_search,
    files,
    function,
    missing,
    new_store,
    ranking,
    schema,
    stores,
    too_long,
    tool,
    unknown,
    wrong_type,
)
from tests.support import Api

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
    wrong_type({"tools": "x"}, "tools", "an array of tools", "a string"),
    wrong_type({"tools": {}}, "tools", "an array of tools", "an object"),
    wrong_type({"tools": None}, "tools", "an array of tools", "null"),
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

# Keys of the client that look like paths or like fields of the schema.
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
    [*UNKNOWN, *MISSING, *WRONG_TYPES, *ODD_KEYS],
    ids=lambda refusal: f"{refusal.code}-{refusal.param}"[:60],
)
def test_an_invalid_key_or_type_is_refused_in_the_words_of_the_service(
    api: Api, refusal: Refusal
) -> None:
    reply = api.post("/v1/assistants", {"model": "gpt-4o", **refusal.fields})

    assert reply.status == 400
    assert reply.error == refusal.error
