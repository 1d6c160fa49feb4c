"""Assistants: create, list, retrieve, modify and delete."""

from typing import Annotated, Any, Literal

from pydantic import Field

from mockserver.api.shared import strict_schema
from mockserver.api.shared.errors import ApiError
from mockserver.api.shared.known_models import Model
from mockserver.api.shared.operation import Call, Object, Operation
from mockserver.api.shared.pagination import ListQuery, page
from mockserver.api.shared.tools import (
    FunctionTool,
    JsonSchemaFormat,
    Metadata,
    NewFileSearchResources,
    NewToolResources,
    ResponseFormat,
    StaticChunkingStrategy,
    Tool,
    ToolResources,
    echo_format,
)
from mockserver.api.shared.validation import Strict
from mockserver.http import json_codec

KIND = "assistants"
PREFIX = "asst"
NOT_FOUND = "assistant_not_found"

Effort = Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]


# ── What clients send. The order of the fields is the order of the checks. ────────


class ModifyAssistant(Strict):
    """The body of `modifyAssistant`: what is left out stays as it is."""

    model: str = ""
    name: Annotated[str, Field(max_length=256)] | None = None
    description: Annotated[str, Field(max_length=512)] | None = None
    instructions: Annotated[str, Field(max_length=256_000)] | None = None
    tools: Annotated[list[Tool], Field(max_length=128)] | None = None
    tool_resources: ToolResources | None = None
    metadata: Metadata | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    top_p: Annotated[float, Field(ge=0, le=1)] | None = None
    response_format: ResponseFormat | None = None
    reasoning_effort: Effort | None = None


class CreateAssistant(ModifyAssistant):
    """The body of `createAssistant`."""

    model: str = Field()
    tool_resources: NewToolResources | None = None


# ── What the service shows ───────────────────────────────────────────────────────


def _shown(asked: ModifyAssistant) -> Object:
    """Show each field as the service does, in the order of the wire [recorded]."""
    return {
        "name": asked.name,
        "description": asked.description,
        "model": asked.model,
        "instructions": asked.instructions,
        "tools": [tool.echo() for tool in asked.tools or ()],
        "top_p": _or_one(asked.top_p),
        "temperature": _or_one(asked.temperature),
        "reasoning_effort": asked.reasoning_effort,
        "tool_resources": asked.tool_resources.echo() if asked.tool_resources else {},
        "metadata": asked.metadata or {},
        "response_format": echo_format(asked.response_format),
    }


_UNSAID: Object = {
    "model": "",
    "tools": [],
    "top_p": 1.0,
    "temperature": 1.0,
    "reasoning_effort": None,
    "tool_resources": {},
    "response_format": "auto",
}
"""What is made of what an assistant has not, since a stub has dropped it."""


def _or_one(value: float | None) -> float:
    return 1.0 if value is None else value


def create_assistant(call: Call[CreateAssistant, None]) -> Object:
    """Make an assistant."""
    asked = call.body
    assistant: Object = {
        "id": call.new_id("assistant"),
        "object": "assistant",
        "created_at": call.namespace.clock.now(),
        **_shown(asked),
    }
    _check_schemas(asked)
    _check_new_stores(asked)
    _check_format(assistant)
    model = call.models.for_assistants(asked.model)
    _check_parameters(asked, model)
    resources = asked.tool_resources
    if resources and resources.file_search and resources.file_search.vector_stores:
        assistant["tool_resources"]["file_search"]["vector_store_ids"] = [
            call.new_id("vector_store") for _ in resources.file_search.vector_stores
        ]
    _fit_to_tools(assistant)
    _fit_to_model(assistant, model)
    return assistant


def list_assistants(call: Call[None, ListQuery]) -> bytes:
    """Answer one page of the assistants."""
    return page(call.namespace.collection(KIND), call.query, prefix=PREFIX, not_found=NOT_FOUND)


def get_assistant(call: Call[None, None]) -> bytes:
    """Answer one assistant."""
    return _stored(call)


def _stored(call: Call[Any, Any]) -> bytes:
    assistant_id = call.path_ids["assistant_id"]
    document = call.namespace.collection(KIND).get(assistant_id)
    if document is None:
        raise ApiError(NOT_FOUND, id=assistant_id)
    return document


def modify_assistant(call: Call[ModifyAssistant, None]) -> Object:
    """Change the fields that the body has; each replaces the old value whole."""
    asked = call.body
    stored: Object = json_codec.loads(_stored(call))
    stored |= {name: value for name, value in _UNSAID.items() if name not in stored}
    shown = _shown(asked)
    sent = asked.model_fields_set if asked.tools is not None else asked.model_fields_set - {"tools"}
    assistant = stored | {name: value for name, value in shown.items() if name in sent}
    _check_schemas(asked)
    _check_format(assistant)
    if "model" in asked.model_fields_set:
        model = call.models.for_assistants(asked.model)
    else:
        # What made it through the create is good enough for a change of name.
        name = str(stored["model"])
        model = call.models.find(name) or Model(name, reasoning=None)
    _check_parameters(asked, model, stored)
    _fit_to_tools(assistant)
    _fit_to_model(assistant, model)
    return assistant


def delete_assistant(call: Call[None, None]) -> Object:
    """Forget an assistant."""
    assistant_id = call.path_ids["assistant_id"]
    if not call.namespace.collection(KIND).delete(assistant_id):
        raise ApiError(NOT_FOUND, id=assistant_id)
    return {"id": assistant_id, "object": "assistant.deleted", "deleted": True}


# ── Rules that span fields ───────────────────────────────────────────────────────


def _check_schemas(asked: ModifyAssistant) -> None:
    """Check the schemas that are to be followed strictly."""
    for index, tool in enumerate(asked.tools or ()):
        if isinstance(tool, FunctionTool) and tool.function.strict:
            function = tool.function
            fault = strict_schema.fault(function.shown_parameters)
            if fault:
                raise ApiError(
                    f"function_schema_{fault.kind}",
                    param=f"tools[{index}].function.parameters",
                    name=function.name,
                    context=fault.context,
                    missing=fault.missing,
                )
    if isinstance(asked.response_format, JsonSchemaFormat):
        schema = asked.response_format.json_schema
        if schema.strict and schema.schema_:
            fault = strict_schema.fault(schema.schema_)
            if fault:
                raise ApiError(
                    f"format_schema_{fault.kind}",
                    name=schema.name,
                    context=fault.context,
                    missing=fault.missing,
                )


def _check_format(assistant: Object) -> None:
    """Refuse JSON formats beside tools other than functions [inferred]."""
    asked = _type(assistant["response_format"])
    if asked not in ("json_object", "json_schema"):
        return
    if any(_type(tool) != "function" for tool in _tools(assistant)):
        raise ApiError("response_format_needs_functions", format=asked)


def _type(value: Any) -> Any:
    """Tell the type of a tool or a format; None of one that a stub has put out of shape."""
    return value.get("type") if isinstance(value, dict) else None


def _tools(assistant: Object) -> list[Any]:
    """Give an assistant's tools; a stub may have put something else in their place."""
    tools = assistant["tools"]
    return tools if isinstance(tools, list) else []


def _check_new_stores(asked: CreateAssistant) -> None:
    """Check the vector stores that a create makes on the way."""
    if not asked.tool_resources or not asked.tool_resources.file_search:
        return
    file_search: NewFileSearchResources = asked.tool_resources.file_search
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


def _check_parameters(asked: ModifyAssistant, model: Model, stored: Object | None = None) -> None:
    """Refuse what the model does not take.

    A modify is refused for a temperature that the assistant has from before, and
    that answer then blames the model [recorded].
    """
    if model.reasoning:
        for name in ("temperature", "top_p"):
            if getattr(asked, name) is not None:
                raise ApiError("unsupported_parameter", param=name, parameter=name)
            if stored is not None and stored[name] is not None:
                raise ApiError("unsupported_parameter", param="model", parameter=name)
    elif model.reasoning is False and asked.reasoning_effort is not None:
        raise ApiError(
            "unsupported_parameter", param="reasoning_effort", parameter="reasoning_effort"
        )


def _fit_to_tools(assistant: Object) -> None:
    """Show code_interpreter's resources even when none were given [recorded]."""
    resources, tools = assistant["tool_resources"], _tools(assistant)
    if tools and isinstance(resources, dict) and "code_interpreter" in map(_type, tools):
        assistant["tool_resources"] = {"code_interpreter": {"file_ids": []}} | resources


def _fit_to_model(assistant: Object, model: Model) -> None:
    """Show the model's own defaults [null effort recorded; reasoning models inferred]."""
    if model.reasoning:
        assistant["temperature"] = assistant["top_p"] = None
        assistant["reasoning_effort"] = assistant["reasoning_effort"] or "medium"
    elif model.reasoning is False:
        assistant["temperature"] = _or_one(assistant["temperature"])
        assistant["top_p"] = _or_one(assistant["top_p"])
        assistant["reasoning_effort"] = None


OPERATIONS = (
    Operation(
        "createAssistant",
        "POST",
        "/assistants",
        create_assistant,
        body=CreateAssistant,
        saves=KIND,
        creates=True,
        beta=True,
    ),
    Operation("listAssistants", "GET", "/assistants", list_assistants, query=ListQuery, beta=True),
    Operation("getAssistant", "GET", "/assistants/{assistant_id:asst}", get_assistant, beta=True),
    Operation(
        "modifyAssistant",
        "POST",
        "/assistants/{assistant_id:asst}",
        modify_assistant,
        body=ModifyAssistant,
        saves=KIND,
        beta=True,
    ),
    Operation(
        "deleteAssistant", "DELETE", "/assistants/{assistant_id:asst}", delete_assistant, beta=True
    ),
)
