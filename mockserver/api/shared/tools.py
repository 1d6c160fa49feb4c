"""Tools, their resources and response formats: what assistants, threads and runs share.

Each model validates what a client sends. Its method `echo` returns what the service shows of it.
"""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, WrapValidator

from mockserver.api.shared import dialect
from mockserver.api.shared.validation import (
    WORD,
    Strict,
    by_type,
    id_with_prefix,
    tag,
    word_or_by_type,
)

Name = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[a-zA-Z0-9_-]+$")]
Metadata = Annotated[
    dict[Annotated[str, Field(max_length=64)], Annotated[str, Field(max_length=512)]],
    Field(max_length=16),
]
FileId = Annotated[str, AfterValidator(id_with_prefix("file"))]
VectorStoreId = Annotated[str, AfterValidator(id_with_prefix("vs"))]

NO_PARAMETERS: dict[str, Any] = {"type": "object", "properties": {}}

NO_RESOURCES: dict[str, Any] = {"code_interpreter": {"file_ids": []}}
"""What a read of a thread, and an event, show in the place of no resources [recorded]."""

DEFAULT_RANKER = "default_2024_08_21"


# ── Tools ────────────────────────────────────────────────────────────────────────


class CodeInterpreterTool(Strict):
    """`{"type": "code_interpreter"}`."""

    type: Literal["code_interpreter"]

    def echo(self) -> dict[str, Any]:
        """Return the tool as the service shows it."""
        return {"type": self.type}


class RankingOptions(Strict):
    """How file_search ranks results.

    `hybrid_search` is in no published schema but in every response. It is accepted, so
    that a client can send a tool back as it received it.
    """

    ranker: Literal["auto", "default_2024_08_21"] | None = None
    score_threshold: Annotated[float, Field(ge=0, le=1)]
    hybrid_search: dict[str, Any] | None = None


class FileSearchOptions(Strict):
    """The options of a file_search tool."""

    max_num_results: Annotated[int, Field(ge=1, le=50)] | None = None
    ranking_options: RankingOptions | None = None


class FileSearchTool(Strict):
    """`{"type": "file_search"}`, with or without options."""

    type: Literal["file_search"]
    file_search: FileSearchOptions | None = None

    def echo(self) -> dict[str, Any]:
        """Return the tool with its defaults filled in, as the service does [recorded]."""
        options = self.file_search or FileSearchOptions()
        ranking = options.ranking_options or RankingOptions(score_threshold=0.0)
        echoed: dict[str, Any] = {}
        if options.max_num_results is not None:
            echoed["max_num_results"] = options.max_num_results
        echoed["ranking_options"] = {
            "ranker": DEFAULT_RANKER,
            "score_threshold": ranking.score_threshold,
            "hybrid_search": ranking.hybrid_search,
        }
        return {"type": self.type, "file_search": echoed}


class FunctionDefinition(Strict):
    """The description of a function for the model."""

    name: Name
    description: Annotated[str, Field(max_length=1024)] | None = None
    parameters: dict[str, Any] | None = None
    strict: bool | None = None

    @property
    def shown_parameters(self) -> dict[str, Any]:
        """The parameters, or the schema that the service shows without any [recorded]."""
        return NO_PARAMETERS if self.parameters is None else self.parameters


class FunctionTool(Strict):
    """`{"type": "function", "function": {…}}`."""

    type: Literal["function"]
    function: FunctionDefinition

    def echo(self) -> dict[str, Any]:
        """Return the tool as the service shows it [recorded; a null description is inferred]."""
        function = self.function
        return {
            "type": self.type,
            "function": {
                "name": function.name,
                "description": function.description,
                "parameters": function.shown_parameters,
                "strict": bool(function.strict),
            },
        }


# The service lists the types in this order in an error [recorded].
Tool = Annotated[
    Annotated[CodeInterpreterTool, tag("code_interpreter")]
    | Annotated[FunctionTool, tag("function")]
    | Annotated[FileSearchTool, tag("file_search")],
    Discriminator(by_type),
    WrapValidator(dialect.other_tool),
]


# ── Resources ────────────────────────────────────────────────────────────────────


class CodeInterpreterResources(Strict):
    """The files that code_interpreter can read."""

    file_ids: Annotated[list[FileId], Field(max_length=20)] | None = None


class FileSearchResources(Strict):
    """The vector store that file_search searches, by id."""

    vector_store_ids: Annotated[list[VectorStoreId], Field(max_length=1)] | None = None


class ToolResources(Strict):
    """Resources by id alone, as a modify accepts them; the last only in Foundry's dialect."""

    code_interpreter: CodeInterpreterResources | None = None
    file_search: FileSearchResources | None = None
    azure_ai_search: Annotated[Any, BeforeValidator(dialect.known_resource)] = None

    def echo(self) -> dict[str, Any]:
        """Return the resources as the service shows them."""
        echoed: dict[str, Any] = {}
        if self.code_interpreter is not None:
            echoed["code_interpreter"] = {"file_ids": self.code_interpreter.file_ids or []}
        if self.file_search is not None:
            echoed["file_search"] = {"vector_store_ids": self.file_search.vector_store_ids or []}
        if self.azure_ai_search is not None:
            echoed["azure_ai_search"] = self.azure_ai_search
        return echoed


class StaticChunking(Strict):
    """The size of a file's chunks and of their overlap, in tokens."""

    max_chunk_size_tokens: Annotated[int, Field(ge=100, le=4096)]
    chunk_overlap_tokens: Annotated[int, Field(ge=0)]


class StaticChunkingStrategy(Strict):
    """`{"type": "static", "static": {…}}`."""

    type: Literal["static"]
    static: StaticChunking


class AutoChunkingStrategy(Strict):
    """`{"type": "auto"}`: chunks of 800 tokens that overlap by 400."""

    type: Literal["auto"]


ChunkingStrategy = Annotated[
    Annotated[AutoChunkingStrategy, tag("auto")] | Annotated[StaticChunkingStrategy, tag("static")],
    Discriminator(by_type),
]


class NewVectorStore(Strict):
    """A vector store to create together with the assistant."""

    file_ids: Annotated[list[FileId], Field(max_length=10_000)] | None = None
    chunking_strategy: ChunkingStrategy | None = None
    metadata: Metadata | None = None


class NewFileSearchResources(FileSearchResources):
    """The vector store that file_search searches: by id, or one to create."""

    vector_stores: Annotated[list[NewVectorStore], Field(max_length=1)] | None = None


class NewToolResources(ToolResources):
    """Resources as a create accepts them: it may create a vector store as well."""

    file_search: NewFileSearchResources | None = None


# ── Response format ──────────────────────────────────────────────────────────────


class JsonObjectFormat(Strict):
    """`{"type": "json_object"}`."""

    type: Literal["json_object"]


class JsonSchema(Strict):
    """A schema that the model's output has to follow."""

    name: Name
    description: str | None = None
    schema_: dict[str, Any] | None = Field(default=None, alias="schema")
    strict: bool | None = None


class JsonSchemaFormat(Strict):
    """`{"type": "json_schema", "json_schema": {…}}`."""

    type: Literal["json_schema"]
    json_schema: JsonSchema


class TextFormat(Strict):
    """`{"type": "text"}`."""

    type: Literal["text"]


ResponseFormat = Annotated[
    Annotated[Literal["auto"], tag(WORD)]
    | Annotated[JsonObjectFormat, tag("json_object")]
    | Annotated[JsonSchemaFormat, tag("json_schema")]
    | Annotated[TextFormat, tag("text")],
    Discriminator(word_or_by_type),
    BeforeValidator(dialect.known_format),
]


def echo_format(response_format: Any) -> Any:
    """Return a response format as the service shows it: as sent, or `auto` for none."""
    if response_format is None or response_format == "auto":
        return "auto"
    return response_format.model_dump(by_alias=True, exclude_unset=True)
