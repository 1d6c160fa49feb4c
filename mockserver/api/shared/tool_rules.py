"""Checks of tools, their schemas and the response format that span several fields."""

from collections.abc import Sequence
from typing import Any

from mockserver.api.shared import schema_rules
from mockserver.api.shared.errors import ApiError
from mockserver.api.shared.record_types import type_of, types_of
from mockserver.api.shared.tools import (
    FunctionTool,
    JsonSchemaFormat,
    NewToolResources,
    StaticChunkingStrategy,
)


def check_functions(tools: Sequence[object]) -> None:
    """Check that functions have unique names [recorded], and that their schemas are valid.

    Raises:
        ApiError: two functions have one name, or a schema violates a rule.
    """
    functions = [
        (f"tools[{index}]", tool.function)
        for index, tool in enumerate(tools)
        if isinstance(tool, FunctionTool)
    ]
    names: set[str] = set()
    for place, function in functions:
        if function.name in names:
            raise ApiError("function_names_not_unique", param=place)
        names.add(function.name)
    for place, function in functions:
        violation = schema_rules.first_violation(
            function.shown_parameters, strict=bool(function.strict)
        )
        if violation:
            raise ApiError(
                f"function_schema_{violation.kind}",
                param=f"{place}.function.parameters",
                name=function.name,
                context=violation.context,
                got=violation.got,
            )


def check_format_schema(response_format: object) -> None:
    """Check the schema of a response format that is strict.

    Raises:
        ApiError: the schema violates a rule.
    """
    if not isinstance(response_format, JsonSchemaFormat):
        return
    schema = response_format.json_schema
    if schema.strict and schema.schema_ is not None:
        violation = schema_rules.first_violation(schema.schema_, strict=True)
        if violation:
            raise ApiError(
                f"format_schema_{violation.kind}",
                name=schema.name,
                context=violation.context,
                got=violation.got,
            )


def check_format_fits_tools(response_format: Any, tools: Any) -> None:
    """Refuse a JSON format together with a tool other than a function [recorded].

    Both are as they are shown.

    Raises:
        ApiError: there are both.
    """
    format_type = type_of(response_format)
    if format_type not in ("json_object", "json_schema"):
        return
    if any(kind != "function" for kind in types_of(tools)):
        raise ApiError("response_format_needs_functions", format=format_type)


def check_new_stores(resources: NewToolResources | None) -> None:
    """Check the vector stores that a create also creates.

    Raises:
        ApiError: a store is invalid, or an existing store is named as well.
    """
    if not resources or not resources.file_search:
        return
    file_search = resources.file_search
    if file_search.vector_stores and file_search.vector_store_ids:
        raise ApiError("two_kinds_of_vector_store")
    for index, store in enumerate(file_search.vector_stores or ()):
        if store.file_ids == []:
            raise ApiError("empty_vector_store")
        if isinstance(store.chunking_strategy, StaticChunkingStrategy):
            sizes = store.chunking_strategy.static
            if sizes.chunk_overlap_tokens > sizes.max_chunk_size_tokens // 2:
                raise ApiError(
                    "integer_above_maximum",
                    param=f"tool_resources.file_search.vector_stores[{index}]"
                    ".chunking_strategy.static.chunk_overlap_tokens",
                    bound=sizes.max_chunk_size_tokens // 2,
                    got=sizes.chunk_overlap_tokens,
                )
