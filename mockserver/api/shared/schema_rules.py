"""The rules for the JSON Schemas of functions and of response formats."""

from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

Kind = Literal["not_an_object", "without_items", "without_type", "default", "open", "optional"]

_UNTYPED = frozenset({"$ref", "anyOf", "allOf", "oneOf"})
"""What a strict schema may have in the place of a type."""


class Violation(NamedTuple):
    """A violation of a rule.

    `not_an_object` and `without_items`, for an array, hold for every schema; the others for strict
    ones: `without_type`, `default`, `open` where additional properties are allowed, and `optional`
    where not every property is required. `context` is the path of the part. `got` is the wrong
    type, or the first property that is not required.
    """

    kind: Kind
    context: tuple[str, ...]
    got: str = ""


def first_violation(schema: dict[str, Any], *, strict: bool) -> Violation | None:
    """Return the first violation, outermost parts first, or None for a valid schema."""
    if schema.get("type") != "object":
        return Violation("not_an_object", (), str(schema.get("type")))
    for context, part in _parts(schema, ()):
        if "array" in _types(part) and not part.keys() & {"items", "prefixItems"}:
            return Violation("without_items", context)
        violation = _first_of_strict(context, part) if strict else None
        if violation is not None:
            return violation
    return None


def _first_of_strict(context: tuple[str, ...], part: dict[str, Any]) -> Violation | None:
    if "type" not in part and not part.keys() & _UNTYPED:
        return Violation("without_type", context)
    if "default" in part:
        return Violation("default", context)
    if "object" not in _types(part) and "properties" not in part:
        return None
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


def _types(part: dict[str, Any]) -> list[Any]:
    kinds = part.get("type")
    return kinds if isinstance(kinds, list) else [kinds]


def _parts(
    schema: object, context: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """Yield the path and the schema of each part, outermost first."""
    if not isinstance(schema, dict):
        return
    yield context, schema
    for keyword in ("properties", "$defs", "definitions"):
        members = schema.get(keyword)
        if isinstance(members, dict):
            for name, member in members.items():
                yield from _parts(member, (*context, keyword, name))
    yield from _parts(schema.get("items"), (*context, "items"))
    for keyword in ("anyOf", "allOf", "oneOf"):
        members = schema.get(keyword)
        if isinstance(members, list):
            for index, member in enumerate(members):
                yield from _parts(member, (*context, keyword, str(index)))
