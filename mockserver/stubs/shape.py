"""What every part of a fixture document has in common as a pydantic model."""

from pydantic import BaseModel, ConfigDict


class Closed(BaseModel):
    """A part of a document: unknown keys and near-miss types are refused."""

    model_config = ConfigDict(extra="forbid", strict=True, populate_by_name=False, defer_build=True)


class ActionFields(BaseModel):
    """Some fields of an action. Further keys are let pass: they may be options of a fault."""

    model_config = ConfigDict(extra="allow", strict=True, populate_by_name=False, defer_build=True)
