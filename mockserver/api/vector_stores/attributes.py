"""The attributes of files: what they may be when they are set, and when a filter compares them."""

from typing import Annotated, Any

from pydantic import Field, WrapValidator
from pydantic_core import PydanticCustomError, PydanticKnownError

MAX_LENGTH = 512


def _value(value: Any, _: Any) -> Any:
    """Return a value as it was sent: 5 stays 5, and does not become 5.0."""
    if not isinstance(value, str | int | float):
        raise PydanticCustomError("scalar", "not a scalar")
    if isinstance(value, str) and len(value) > MAX_LENGTH:
        raise PydanticKnownError("string_too_long", {"max_length": MAX_LENGTH})
    return value


def _compared(value: Any, _: Any) -> Any:
    for one in value if isinstance(value, list) else [value]:
        if not isinstance(one, str | int | float):
            raise PydanticCustomError("compared", "nothing to compare with")
    return value


Attributes = Annotated[
    dict[
        Annotated[str, Field(max_length=64)],
        Annotated[str | float | bool, WrapValidator(_value)],
    ],
    Field(max_length=16),
]

Compared = Annotated[str | float | bool | list[str | float], WrapValidator(_compared)]
"""What an attribute is compared with."""
