"""The extra rules that `strict: true` puts on a JSON Schema."""

from collections.abc import Iterator
from typing import Any


def fault(schema: dict[str, Any]) -> str | None:
    """Say what keeps a schema from being strict, in the real service's words, or None.

    Every object has to forbid additional properties [recorded on another endpoint]
    and to require all the properties that it has [inferred].
    """
    for context, part in _objects(schema, ()):
        if part.get("additionalProperties") is not False:
            return (
                f"In context={context}, 'additionalProperties' is required to be supplied "
                "and to be false."
            )
        properties = part.get("properties")
        if not isinstance(properties, dict):
            continue
        required = part.get("required")
        missing = [name for name in properties if not _contains(required, name)]
        if missing:
            return (
                f"In context={context}, 'required' is required to be supplied and to be "
                f"an array including every key in properties. Missing '{missing[0]}'."
            )
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


def _contains(required: object, name: str) -> bool:
    return isinstance(required, list) and name in required
