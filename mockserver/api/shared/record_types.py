"""Readers of stored records. Any field may have any type: `PUT /_mock/state` checks few fields."""

from typing import Any


def type_of(value: Any) -> Any:
    """Return the `type` of an object such as a tool or a format, or None where it has none."""
    return value.get("type") if isinstance(value, dict) else None


def types_of(values: Any) -> list[Any]:
    """Return the `type` of each object of a list, or an empty list for any other value."""
    return list(map(type_of, values)) if isinstance(values, list) else []
