"""The base class of the pydantic models for the parts of a fixture document."""

from pydantic import BaseModel, ConfigDict


class Closed(BaseModel):
    """A part of a document, without unknown keys and without conversion of types."""

    model_config = ConfigDict(extra="forbid", strict=True, populate_by_name=False, defer_build=True)
