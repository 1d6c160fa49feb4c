"""Tools and their resources, as a create echoes them."""

import json
import re
from typing import Any

import pytest

from tests.support import Api

FILE_SEARCH = (
    '{"type": "file_search", "file_search": {"ranking_options": '
    '{"ranker": "default_2024_08_21", "score_threshold": 0.0, "hybrid_search": null}}}'
)


def function(**fields: Any) -> dict[str, Any]:
    return {"type": "function", "function": {"name": "f", **fields}}


@pytest.mark.parametrize(
    ("sent", "echoed"),
    [
        ({"type": "code_interpreter"}, '{"type": "code_interpreter"}'),
        ({"type": "file_search"}, FILE_SEARCH),
        ({"type": "file_search", "file_search": {}}, FILE_SEARCH),
        ({"type": "file_search", "file_search": None}, FILE_SEARCH),
        (
            {
                "file_search": {
                    "ranking_options": {"score_threshold": 0.5, "ranker": "auto"},
                    "max_num_results": 2,
                },
                "type": "file_search",
            },
            '{"type": "file_search", "file_search": {"max_num_results": 2, "ranking_options": '
            '{"ranker": "default_2024_08_21", "score_threshold": 0.5, "hybrid_search": null}}}',
        ),
        (
            {"type": "file_search", "file_search": {"max_num_results": 50}},
            '{"type": "file_search", "file_search": {"max_num_results": 50, "ranking_options": '
            '{"ranker": "default_2024_08_21", "score_threshold": 0.0, "hybrid_search": null}}}',
        ),
        (
            {"type": "file_search", "file_search": {"ranking_options": {"score_threshold": 1}}},
            '{"type": "file_search", "file_search": {"ranking_options": '
            '{"ranker": "default_2024_08_21", "score_threshold": 1.0, "hybrid_search": null}}}',
        ),
        (
            function(
                strict=False,
                parameters={"type": "object", "properties": {"z": {}, "a": {}}},
                description="adds",
            ),
            '{"type": "function", "function": {"name": "f", "description": "adds", "parameters": '
            '{"type": "object", "properties": {"z": {}, "a": {}}}, "strict": false}}',
        ),
        (
            function(description="d"),
            '{"type": "function", "function": {"name": "f", "description": "d", "parameters": '
            '{"type": "object", "properties": {}}, "strict": false}}',
        ),
        (
            function(description="d", strict=None, parameters={"type": "object"}),
            '{"type": "function", "function": {"name": "f", "description": "d", "parameters": '
            '{"type": "object"}, "strict": false}}',
        ),
    ],
)
def test_a_tool_is_returned_with_its_defaults(api: Api, sent: dict[str, Any], echoed: str) -> None:
    assert json.dumps(api.create(tools=[sent])["tools"]) == f"[{echoed}]"


def test_tools_keep_their_order(api: Api) -> None:
    others = [{"type": "code_interpreter"}, {"type": "file_search"}]
    tools = [function(name="a"), *others, function(name="b")]

    echoed = api.create(tools=tools)["tools"]

    assert [tool["type"] for tool in echoed] == [tool["type"] for tool in tools]


def test_a_hundred_and_twenty_eight_tools_are_accepted(api: Api) -> None:
    tools = [function(name=f"f{n}") for n in range(128)]

    assert len(api.create(tools=tools)["tools"]) == 128


@pytest.mark.parametrize("name", ["a", "a" * 64, "_-9Z"])
def test_a_function_may_have_any_name_within_the_pattern(api: Api, name: str) -> None:
    assert api.create(tools=[function(name=name)])["tools"][0]["function"]["name"] == name


def test_a_function_may_have_a_description_of_1024_characters(api: Api) -> None:
    created = api.create(tools=[function(description="🧮" * 1024)])

    assert created["tools"][0]["function"]["description"] == "🧮" * 1024


@pytest.mark.parametrize(
    ("tools", "sent", "echoed"),
    [
        ([], None, {}),
        ([], {}, {}),
        (["file_search"], None, {"file_search": {"vector_store_ids": []}}),
        (["function"], None, {}),
        (
            ["file_search", "code_interpreter"],
            None,
            {"code_interpreter": {"file_ids": []}, "file_search": {"vector_store_ids": []}},
        ),
        (
            ["file_search", "code_interpreter"],
            {"code_interpreter": {"file_ids": ["file-1"]}},
            {"code_interpreter": {"file_ids": ["file-1"]}, "file_search": {"vector_store_ids": []}},
        ),
        (["code_interpreter"], None, {"code_interpreter": {"file_ids": []}}),
        (["code_interpreter"], {}, {"code_interpreter": {"file_ids": []}}),
        (
            ["code_interpreter"],
            {"code_interpreter": {"file_ids": ["file-1", "file-2"]}},
            {"code_interpreter": {"file_ids": ["file-1", "file-2"]}},
        ),
        (
            ["file_search"],
            {"file_search": {"vector_store_ids": ["vs_1"]}},
            {"file_search": {"vector_store_ids": ["vs_1"]}},
        ),
    ],
)
def test_resources_are_returned_as_the_service_shows_them(
    api: Api, tools: list[str], sent: Any, echoed: Any
) -> None:
    named = {"function": {"type": "function", "function": {"name": "f"}}}
    created = api.create(
        tools=[named.get(type_, {"type": type_}) for type_ in tools], tool_resources=sent
    )

    assert created["tool_resources"] == echoed


def test_an_empty_file_search_resource_is_accepted(api: Api) -> None:
    assert "file_search" in api.create(tool_resources={"file_search": {}})["tool_resources"]


def test_twenty_files_are_accepted(api: Api) -> None:
    files = [f"file-{n}" for n in range(20)]

    created = api.create(tool_resources={"code_interpreter": {"file_ids": files}})

    assert created["tool_resources"] == {"code_interpreter": {"file_ids": files}}


@pytest.mark.parametrize(
    "store",
    [
        {},
        {"metadata": {"a": "b"}},
        {"chunking_strategy": {"type": "auto"}},
        {
            "chunking_strategy": {
                "type": "static",
                "static": {"max_chunk_size_tokens": 100, "chunk_overlap_tokens": 50},
            },
        },
    ],
)
def test_a_vector_store_created_with_an_assistant_is_shown_by_its_id(
    api: Api, store: dict[str, Any]
) -> None:
    created = api.create(tool_resources={"file_search": {"vector_stores": [store]}})

    (id_,) = created["tool_resources"]["file_search"]["vector_store_ids"]
    # The first eight digits are the time: that of the clock's start.
    assert re.fullmatch(r"vs_67748580[0-9a-f]{24}", id_)
    assert created["tool_resources"] == {"file_search": {"vector_store_ids": [id_]}}


def test_each_create_creates_its_own_vector_store(api: Api) -> None:
    resources: dict[str, Any] = {"file_search": {"vector_stores": [{}]}}

    first, second = [api.create(tool_resources=resources) for _ in range(2)]

    assert first["tool_resources"] != second["tool_resources"]
