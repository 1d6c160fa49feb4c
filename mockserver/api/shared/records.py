"""Reading records. `PUT /_mock/state` keeps what it is given, so any field may hold anything."""

from typing import Any


def type_of(value: Any) -> Any:
    """Return the `type` of an object such as a tool or a format; None where it has none."""
    return value.get("type") if isinstance(value, dict) else None


def types_of(values: Any) -> list[Any]:
    """Return the `type` of each object of a list; nothing where it is no list."""
    return list(map(type_of, values)) if isinstance(values, list) else []
