"""Assistants: create, list, retrieve, modify and delete."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from mockserver.api.shared import model_rules, tool_rules
from mockserver.api.shared.call import Call
from mockserver.api.shared.dialect import known
from mockserver.api.shared.known_models import Model
from mockserver.api.shared.model_rules import Effort
from mockserver.api.shared.operation import Operation
from mockserver.api.shared.pagination import ListQuery
from mockserver.api.shared.record_types import types_of
from mockserver.api.shared.resource import Resource
from mockserver.api.shared.results import Object, Result
from mockserver.api.shared.tools import (
    Metadata,
    NewToolResources,
    ResponseFormat,
    Tool,
    ToolResources,
    echo_format,
)
from mockserver.api.shared.validation import Strict
from mockserver.api.vector_stores.attaching import new_stores

# ── Request bodies. The order of the fields is the order of the checks. ───────────


class ModifyAssistant(Strict):
    """The body of `modifyAssistant`. A field that is left out keeps its value."""

    model: str = ""
    name: Annotated[str, Field(max_length=256)] | None = None
    description: Annotated[str, Field(max_length=512)] | None = None
    instructions: Annotated[str, Field(max_length=256_000)] | None = None
    tools: Annotated[list[Tool], Field(max_length=128)] = Field(default_factory=list)
    tool_resources: Annotated[ToolResources | None, BeforeValidator(known)] = None
    metadata: Metadata | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    top_p: Annotated[float, Field(ge=0, le=1)] | None = None
    response_format: ResponseFormat | None = None
    reasoning_effort: Effort | None = None


class CreateAssistant(ModifyAssistant):
    """The body of `createAssistant`."""

    model: str = Field()
    tool_resources: Annotated[NewToolResources | None, BeforeValidator(known)] = None


# ── Responses ────────────────────────────────────────────────────────────────────


ASSISTANTS = Resource(
    kind="assistants",
    prefix="asst",
    path_id="assistant_id",
    not_found="assistant_not_found",
    deleted="assistant.deleted",
    defaults={
        "model": "",
        "tools": [],
        "top_p": 1.0,
        "temperature": 1.0,
        "reasoning_effort": None,
        "tool_resources": {},
        "response_format": "auto",
    },
)


def _shown(body: ModifyAssistant) -> Object:
    """Return the fields of a response to `body`, in the order of the wire [recorded]."""
    return {
        "name": body.name,
        "description": body.description,
        "model": body.model,
        "instructions": body.instructions,
        "tools": [tool.echo() for tool in body.tools],
        "top_p": 1.0 if body.top_p is None else body.top_p,
        "temperature": 1.0 if body.temperature is None else body.temperature,
        "reasoning_effort": body.reasoning_effort,
        "tool_resources": body.tool_resources.echo() if body.tool_resources else {},
        "metadata": body.metadata or {},
        "response_format": echo_format(body.response_format),
    }


# ── Handlers. List, retrieve and delete are those of every resource. ──────────────


def create_assistant(call: Call[CreateAssistant, None]) -> Result:
    """Create an assistant."""
    body = call.body
    assistant: Object = {
        "id": call.new_id("assistant"),
        "object": "assistant",
        "created_at": call.namespace.clock.now(),
        **_shown(body),
    }
    _check_tools(body, assistant)
    tool_rules.check_new_stores(body.tool_resources)
    model = call.models.for_assistants(body.model)
    model_rules.check_sampling(body, model)
    model_rules.check_effort(body, model)
    stores = new_stores(call, body.tool_resources)
    if stores.ids:
        assistant["tool_resources"]["file_search"]["vector_store_ids"] = stores.ids
    _add_empty_resources(assistant)
    model_rules.fit(assistant, model)
    result = ASSISTANTS.created(call, assistant)
    result.changes = stores.changes
    return result


def modify_assistant(call: Call[ModifyAssistant, None]) -> Result:
    """Replace the fields that the body has; values are not merged."""
    body = call.body
    record = ASSISTANTS.record(call)
    # An empty model counts as not sent: go-openai always sends one.
    sent = body.model_fields_set - ({"model"} if body.model == "" else set())
    assistant = record | {name: value for name, value in _shown(body).items() if name in sent}
    _check_tools(body, assistant)
    is_change = "model" in sent and body.model != record["model"]
    if "model" in sent:
        model = call.models.for_assistants(body.model)
    else:
        # The create has accepted this model: a modify that does not name it has to work.
        name = str(record["model"])
        model = call.models.find(name) or Model(name, reasoning=None)
    model_rules.check_sampling(body, model)
    if is_change:
        model_rules.check_change_of_model(assistant["reasoning_effort"], model)
    else:
        model_rules.check_effort(body, model)
    _add_empty_resources(assistant)
    model_rules.fit(assistant, model)
    return ASSISTANTS.modified(call, assistant)


# ── Checks that span fields ──────────────────────────────────────────────────────


def _check_tools(body: ModifyAssistant, assistant: Object) -> None:
    if body.tools:
        tool_rules.check_functions(body.tools)
    if assistant["response_format"] != "auto":
        tool_rules.check_format_schema(body.response_format)
        tool_rules.check_format_fits_tools(assistant["response_format"], assistant["tools"])


_NO_RESOURCES: dict[str, Object] = {
    "code_interpreter": {"file_ids": []},
    "file_search": {"vector_store_ids": []},
}
"""What `tool_resources` has for a tool that was given none [recorded]."""


def _add_empty_resources(assistant: Object) -> None:
    """Add empty resources for the tools that have none."""
    resources, tools = assistant["tool_resources"], assistant["tools"]
    if tools and isinstance(resources, dict):
        kinds = types_of(tools)
        empty = {kind: none for kind, none in _NO_RESOURCES.items() if kind in kinds}
        assistant["tool_resources"] = empty | resources


RESOURCES = (ASSISTANTS,)

OPERATIONS = (
    Operation(
        "createAssistant",
        "Create an assistant with a model and instructions.",
        "POST",
        "/assistants",
        create_assistant,
        body=CreateAssistant,
        beta=True,
    ),
    Operation(
        "listAssistants",
        "Return a list of assistants.",
        "GET",
        "/assistants",
        ASSISTANTS.list,
        query=ListQuery,
        beta=True,
    ),
    Operation(
        "getAssistant",
        "Retrieve an assistant.",
        "GET",
        "/assistants/{assistant_id:asst}",
        ASSISTANTS.retrieve,
        beta=True,
    ),
    Operation(
        "modifyAssistant",
        "Modify an assistant.",
        "POST",
        "/assistants/{assistant_id:asst}",
        modify_assistant,
        body=ModifyAssistant,
        beta=True,
    ),
    Operation(
        "deleteAssistant",
        "Delete an assistant.",
        "DELETE",
        "/assistants/{assistant_id:asst}",
        ASSISTANTS.delete,
        beta=True,
    ),
)
