"""The bodies of requests that create a run. The order of the fields is the order of the checks."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field

from mockserver.api.shared import dialect
from mockserver.api.shared.message_content import NewMessage
from mockserver.api.shared.model_rules import Effort
from mockserver.api.shared.tools import (
    Metadata,
    Name,
    NewToolResources,
    ResponseFormat,
    Tool,
    ToolResources,
)
from mockserver.api.shared.validation import (
    WORD,
    Strict,
    by_type,
    id_with_prefix,
    tag,
    word_or_by_type,
)
from mockserver.api.threads import MAX_MESSAGES, CreateThread

MIN_PROMPT_TOKENS = 256
MIN_COMPLETION_TOKENS = 16
"""The smallest limit of tokens that was seen to be taken, below that of the spec [recorded]."""


class AutoTruncation(Strict):
    """`{"type": "auto"}`."""

    type: Literal["auto"]
    last_messages: Annotated[int, Field(ge=1)] | None = None


class LastMessages(Strict):
    """`{"type": "last_messages", "last_messages": 10}`."""

    type: Literal["last_messages"]
    last_messages: Annotated[int, Field(ge=1)] | None = None


Truncation = Annotated[
    Annotated[AutoTruncation, tag("auto")] | Annotated[LastMessages, tag("last_messages")],
    Discriminator(by_type),
]


class NamedFunction(Strict):
    """The name of a function."""

    name: Name


class FunctionChoice(Strict):
    """`{"type": "function", "function": {"name": …}}`."""

    type: Literal["function"]
    function: NamedFunction


class CodeInterpreterChoice(Strict):
    """`{"type": "code_interpreter"}`."""

    type: Literal["code_interpreter"]


class FileSearchChoice(Strict):
    """`{"type": "file_search"}`."""

    type: Literal["file_search"]


ToolChoice = Annotated[
    Annotated[Literal["none", "auto", "required"], tag(WORD)]
    | Annotated[CodeInterpreterChoice, tag("code_interpreter")]
    | Annotated[FunctionChoice, tag("function")]
    | Annotated[FileSearchChoice, tag("file_search")],
    Discriminator(word_or_by_type),
]


class RunOptions(Strict):
    """What every request that creates a run may say; a null is as good as nothing."""

    assistant_id: Annotated[str, AfterValidator(id_with_prefix("asst"))]
    model: str | None = None
    instructions: Annotated[str, Field(max_length=256_000)] | None = None
    tools: Annotated[list[Tool], Field(max_length=20)] | None = None
    metadata: Metadata | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    top_p: Annotated[float, Field(ge=0, le=1)] | None = None
    reasoning_effort: Effort | None = None
    stream: bool | None = None
    max_prompt_tokens: Annotated[int, Field(ge=MIN_PROMPT_TOKENS)] | None = None
    max_completion_tokens: Annotated[int, Field(ge=MIN_COMPLETION_TOKENS)] | None = None
    truncation_strategy: Truncation | None = None
    tool_choice: ToolChoice | None = None
    parallel_tool_calls: bool | None = None
    response_format: ResponseFormat | None = None


class CreateRun(RunOptions):
    """The body of `createRun`; the last field only in Foundry's dialect."""

    additional_instructions: Annotated[str, Field(max_length=256_000)] | None = None
    additional_messages: Annotated[list[NewMessage], Field(max_length=MAX_MESSAGES)] | None = None
    tool_resources: Annotated[ToolResources | None, BeforeValidator(dialect.known_of_run)] = None


class CreateThreadAndRun(RunOptions):
    """The body of `createThreadAndRun`."""

    thread: CreateThread | None = None
    tool_resources: NewToolResources | None = None


class ModifyRun(Strict):
    """The body of `modifyRun`."""

    metadata: Metadata | None = None


class ToolOutput(Strict):
    """The output of one call. One that is left out is taken [recorded]."""

    tool_call_id: str | None = None
    output: str | None = None


class SubmitToolOutputs(Strict):
    """The body of `submitToolOuputsToRun`."""

    tool_outputs: list[ToolOutput]
    stream: bool | None = None


def meaning(part: Any) -> dict[str, Any]:
    """Return what a part of a body means: a run is the same whether it is streamed or polled."""
    fields: dict[str, Any] = vars(part)
    if not isinstance(part, RunOptions | SubmitToolOutputs):
        return fields
    return {name: value for name, value in fields.items() if name != "stream"}
