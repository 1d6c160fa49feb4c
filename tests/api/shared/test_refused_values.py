"""Values that a create refuses, and values on the boundary."""

from typing import Any

import pytest

from tests.api.shared.refusals import (
    CHARACTERS,
    CHUNKS,
    EFFORTS,
    EMPTY,
    FILES,
    FORMATS,
    PATTERN,
    RANKING,
    STORE,
    STORES,
    TOOL_TYPES,
    Refusal,
    above,
    below,
    chunks,
    file_search,
    files,
    function,
    invalid,
    long_key,
    new_store,
    pairs,
    ranking,
    schema,
    stores,
    too_long,
    too_many,
    tool,
    unsupported,
)
from tests.support import Api

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


@pytest.mark.parametrize(
    "refusal",
    [*LENGTHS, *RANGES, *VALUES],
    ids=lambda refusal: f"{refusal.code}-{refusal.param}"[:60],
)
def test_an_invalid_value_is_refused_in_the_words_of_the_service(
    api: Api, refusal: Refusal
) -> None:
    reply = api.post("/v1/assistants", {"model": "gpt-4o", **refusal.fields})

    assert reply.status == 400
    assert reply.error == refusal.error


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
