"""The shape of a length of time, as people write it in fixtures."""

from typing import Annotated, Any

from pydantic import AfterValidator, WithJsonSchema

from mockserver import durations


def _is_duration(value: Any) -> Any:
    durations.seconds(value)
    return value


Duration = Annotated[
    int | float | str,
    AfterValidator(_is_duration),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "number", "minimum": 0},
                {"type": "string", "pattern": r"^(\d+(\.\d+)?(ms|s|m|h|d))+$"},
            ]
        }
    ),
]
"""A length of time, as people write it."""
