"""The additional rules for a JSON Schema with `strict: true`."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Violation:
    """A violation of the rules of strict schemas.

    The kind is `open` where an object allows additional properties [recorded on another endpoint],
    and `optional` where it does not require each of its properties [inferred]. `context` is the
    path of the object. `missing` is the first property that is not required.
    """

    kind: Literal["open", "optional"]
    context: tuple[str, ...]
    missing: str = ""


def first_violation(schema: dict[str, Any]) -> Violation | None:
    """Return the first violation, outermost objects first, or None for a strict schema."""
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
    """Yield the path and the schema of each object, outermost first."""
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
