"""What a service takes beside OpenAI's own fields, or does not take of them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationInfo
from pydantic_core import PydanticCustomError

PURPOSES = ("fine-tune", "assistants", "batch", "user_data", "vision", "evals")
"""The purposes of files that clients send, in the order of the service's refusal [recorded]."""


@dataclass(frozen=True)
class Dialect:
    """What a service takes beside OpenAI's own fields, or does not take of them.

    `tool_types` are further types of tools, and `resources` further members of `tool_resources`:
    both are shown as they were sent. `file_prefixes` are further prefixes of the ids of files.
    `formats` are the types of response formats, where fewer are taken. `unknown` are fields that it
    does not know. `of_runs` are further fields of a run that is created. `purposes` are those of
    the files that clients send, `upload_fields` further fields beside them, and `file_kind` is the
    kind of their ids in `ids.FORMATS`.
    """

    tool_types: frozenset[str] = frozenset()
    resources: frozenset[str] = frozenset()
    file_prefixes: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    unknown: frozenset[str] = frozenset()
    of_runs: frozenset[str] = frozenset()
    purposes: tuple[str, ...] = PURPOSES
    upload_fields: frozenset[str] = frozenset()
    file_kind: str = "file"

    def further_prefixes(self, prefix: str) -> tuple[str, ...]:
        """Return the prefixes that an id may have in the place of OpenAI's own."""
        return self.file_prefixes if prefix == "file" else ()


OPENAI = Dialect()


def of(info: ValidationInfo) -> Dialect:
    """Return the dialect in which a body is validated."""
    return info.context or OPENAI


def known(value: Any, info: ValidationInfo) -> Any:
    """Refuse a field that the dialect does not know, as a validator before all others."""
    if info.field_name in of(info).unknown:
        raise PydanticCustomError("extra_forbidden", "unknown field")
    return value


def known_of_run(value: Any, info: ValidationInfo) -> Any:
    """Refuse a field of a new run that the dialect does not have."""
    if info.field_name not in of(info).of_runs:
        raise PydanticCustomError("extra_forbidden", "unknown field")
    return value


def known_resource(value: Any, info: ValidationInfo) -> Any:
    """Refuse a member of `tool_resources` that the dialect does not have."""
    if info.field_name not in of(info).resources:
        raise PydanticCustomError("extra_forbidden", "unknown field")
    return value


def known_upload_field(value: Any, info: ValidationInfo) -> Any:
    """Refuse a field beside a file that the dialect does not have."""
    if info.field_name not in of(info).upload_fields:
        raise PydanticCustomError("extra_forbidden", "unknown field")
    return value


def known_purpose(value: str, info: ValidationInfo) -> str:
    """Refuse a purpose of a file that the dialect does not have."""
    purposes = of(info).purposes
    if value not in purposes:
        raise PydanticCustomError("purpose", "no such purpose", {"supported": list(purposes)})
    return value


def known_format(value: Any, info: ValidationInfo) -> Any:
    """Refuse a response format that the dialect does not have."""
    formats = of(info).formats
    kind = value.get("type") if isinstance(value, dict) else None
    if formats and isinstance(kind, str) and kind not in formats:
        listed = ", ".join(f"'{name}'" for name in formats)
        raise PydanticCustomError("union_tag_invalid", "unknown format", {"expected_tags": listed})
    return value


@dataclass(frozen=True)
class OtherTool:
    """A tool of a type that only this dialect has; it is shown as it was sent."""

    sent: dict[str, Any]

    def echo(self) -> dict[str, Any]:
        """Return the tool as the service shows it."""
        return self.sent


def other_tool(value: Any, validate: Callable[[Any], Any], info: ValidationInfo) -> Any:
    """Take a tool of a type that only this dialect has; have the others validated."""
    kind = value.get("type") if info.context and isinstance(value, dict) else None
    if isinstance(kind, str) and kind in of(info).tool_types:
        return OtherTool(value)
    return validate(value)
