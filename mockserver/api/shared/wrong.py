"""The error of a validator that knows the remedy, for what people write in fixtures."""

from pydantic_core import PydanticCustomError

KIND = "wrong"
"""The type of the error, as pydantic has it."""


def wrong(what: str, remedy: str) -> PydanticCustomError:
    """Return the error of a value that is not valid: what is wrong, and the remedy."""
    return PydanticCustomError(KIND, "{what}", {"what": what, "remedy": remedy})
