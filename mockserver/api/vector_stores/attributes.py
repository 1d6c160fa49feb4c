"""The attributes of files: what they may be when they are set, and when a filter compares them."""

from functools import partial
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, WrapValidator
from pydantic_core import PydanticCustomError, PydanticKnownError

from mockserver.api.shared.validation import WORD, list_or_word, tag

MAX_LENGTH = 512

Wrong = Literal["scalar", "compared"]
"""The type of an error, which decides its words."""


def _as_sent(wrong: Wrong, value: Any, _: Any) -> Any:
    """Return a value as it was sent: 5 stays 5, and does not become 5.0."""
    if not isinstance(value, str | int | float):
        raise PydanticCustomError(wrong, "neither a string, nor a number, nor a boolean")
    return value


def _kept(value: Any, handler: Any) -> Any:
    if isinstance(value, str) and len(value) > MAX_LENGTH:
        raise PydanticKnownError("string_too_long", {"max_length": MAX_LENGTH})
    return _as_sent("scalar", value, handler)


Attributes = Annotated[
    dict[Annotated[str, Field(max_length=64)], Annotated[str | float | bool, WrapValidator(_kept)]],
    Field(max_length=16),
]

Compared = Annotated[
    Annotated[str | float | bool, WrapValidator(partial(_as_sent, "compared")), tag(WORD)]
    | Annotated[
        list[Annotated[str | float | bool, WrapValidator(partial(_as_sent, "scalar"))]],
        tag("values"),
    ],
    Discriminator(list_or_word("values")),
]
"""What an attribute is compared with."""
