"""A new run: what it takes from its assistant, and what its request overrides."""

from typing import Any

from mockserver.api.runs import usage
from mockserver.api.runs.bodies import RunOptions
from mockserver.api.runs.default_script import default_items
from mockserver.api.runs.engine import EXPIRES_AFTER_SECONDS
from mockserver.api.runs.records import SCRIPT
from mockserver.api.runs.script import new_script
from mockserver.api.runs.tool_choice import unmet_choice
from mockserver.api.shared import model_rules, tool_rules
from mockserver.api.shared.call import Call
from mockserver.api.shared.errors import ApiError
from mockserver.api.shared.known_models import Model
from mockserver.api.shared.message_content import text_of
from mockserver.api.shared.results import Object
from mockserver.api.shared.tools import NO_RESOURCES, echo_format


def new_run(
    call: Call[Any, Any],
    body: RunOptions,
    assistant: Object,
    thread_id: str,
    messages: list[Object],
    *,
    additional_instructions: str | None = None,
) -> Object:
    """Return the record of a new run of an assistant in a thread with these messages.

    Raises:
        ApiError: the assistant and the body do not go together, or there is nothing to answer.
    """
    tools = assistant["tools"] if body.tools is None else [tool.echo() for tool in body.tools]
    instructions = _joined(
        assistant["instructions"] if body.instructions is None else body.instructions,
        additional_instructions,
    )
    response_format = (
        assistant["response_format"]
        if body.response_format is None
        else echo_format(body.response_format)
    )
    tool_rules.check_functions(body.tools or ())
    tool_rules.check_format_schema(body.response_format)
    tool_rules.check_format_fits_tools(response_format, tools)
    asked = [text_of(one.get("content")) for one in messages if one.get("role") == "user"]
    question = asked[-1] if asked else None
    if question is None and not instructions:
        raise ApiError("nothing_to_run_on")
    model = _model(call, body, assistant)
    sampled: Object = {
        "temperature": assistant["temperature"] if body.temperature is None else body.temperature,
        "top_p": assistant["top_p"] if body.top_p is None else body.top_p,
        "reasoning_effort": body.reasoning_effort or assistant["reasoning_effort"],
    }
    model_rules.fit(sampled, model)
    now = call.namespace.clock.now()
    polls = call.namespace.run_polls
    items = call.script
    if items is None:
        items = default_items(assistant["name"], question, max(polls, 1))
    choice = _tool_choice(body)
    if (unmet := unmet_choice(choice, items)) is not None:
        items = [{"fail": {"code": "server_error", "message": unmet}}]
    prompt = usage.tokens(instructions, *(text_of(message.get("content")) for message in messages))
    return {
        "id": call.new_id("run"),
        "object": "thread.run",
        "created_at": now,
        "assistant_id": body.assistant_id,
        "thread_id": thread_id,
        "status": "queued",
        "started_at": None,
        "expires_at": now + EXPIRES_AFTER_SECONDS,
        "cancelled_at": None,
        "failed_at": None,
        "completed_at": None,
        "required_action": None,
        "last_error": None,
        "model": model.id,
        "instructions": instructions,
        "tools": tools,
        "tool_resources": assistant["tool_resources"] or NO_RESOURCES,
        "metadata": body.metadata or {},
        **sampled,
        "max_completion_tokens": body.max_completion_tokens,
        "max_prompt_tokens": body.max_prompt_tokens,
        "truncation_strategy": _truncation(body),
        "incomplete_details": None,
        "usage": None,
        "response_format": response_format,
        "tool_choice": choice,
        "parallel_tool_calls": body.parallel_tool_calls is not False,
        SCRIPT: new_script(items, prompt=prompt, eager=call.script is None and polls < 2),
    }


def _model(call: Call[Any, Any], body: RunOptions, assistant: Object) -> Model:
    """Return the model of a run.

    Raises:
        ApiError: it does not exist, or does not support what the body asks for.
    """
    if body.model:
        model = call.models.for_assistants(body.model)
    else:
        name = str(assistant["model"])
        model = call.models.find(name) or Model(name, reasoning=None)
    model_rules.check_sampling(body, model)
    model_rules.check_effort(body, model)
    return model


def _joined(instructions: Any, additional: str | None) -> Any:
    """Return instructions with additional ones behind them [inferred]."""
    if not additional:
        return instructions
    return f"{instructions}\n{additional}" if instructions else additional


def _truncation(body: RunOptions) -> Object:
    strategy = body.truncation_strategy
    if strategy is None:
        return {"type": "auto", "last_messages": None}
    return {"type": strategy.type, "last_messages": strategy.last_messages}


def _tool_choice(body: RunOptions) -> Any:
    choice = body.tool_choice
    if choice is None:
        return "auto"
    return choice if isinstance(choice, str) else choice.model_dump()
