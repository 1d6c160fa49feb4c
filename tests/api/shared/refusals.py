"""Bodies that a create refuses, each with the error of the response."""

from typing import Any, NamedTuple

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
    """Fields of a body, and the error of the response; the model is gpt-4o by default."""

    fields: dict[str, Any]
    message: str
    param: str | None
    code: str | None

    @property
    def error(self) -> dict[str, Any]:
        """The error of the response."""
        return {
            "message": self.message,
            "type": "invalid_request_error",
            "param": self.param,
            "code": self.code,
        }


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
