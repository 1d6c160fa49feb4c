"""The extra rules that `strict: true` puts on a JSON Schema."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Violation:
    """What keeps a schema from being strict: `open` or `optional`, and where.

    An `open` object allows additional properties [recorded on another endpoint]; an
    `optional` one does not require all of its own, `missing` for one [inferred].
    """

    kind: Literal["open", "optional"]
    context: tuple[str, ...]
    missing: str = ""


def first_violation(schema: dict[str, Any]) -> Violation | None:
    """Return what keeps a schema from being strict, the outermost object first; None if nothing."""
    for context, part in _objects(schema, ()):
        if part.get("additionalProperties") is not False:
            return Violation("open", context)
        properties, required = part.get("properties"), part.get("required")
        if isinstance(properties, dict):
            names = required if isinstance(required, list) else []
            given = {name for name in names if isinstance(name, str)}
            for name in properties:
                if name not in given:
                    return Violation("optional", context, name)
    return None


def _objects(
    schema: object, context: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """Walk the schemas of objects, each with its place, the outermost first."""
    if not isinstance(schema, dict):
        return
    kinds = schema.get("type")
    if "object" in (kinds if isinstance(kinds, list) else [kinds]) or "properties" in schema:
        yield context, schema
    for keyword in ("properties", "$defs", "definitions"):
        members = schema.get(keyword)
        if isinstance(members, dict):
            for name, member in members.items():
                yield from _objects(member, (*context, keyword, name))
    yield from _objects(schema.get("items"), (*context, "items"))
    for keyword in ("anyOf", "allOf", "oneOf"):
        members = schema.get(keyword)
        if isinstance(members, list):
            for index, member in enumerate(members):
                yield from _objects(member, (*context, keyword, str(index)))
