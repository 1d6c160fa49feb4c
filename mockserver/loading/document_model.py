"""What a fixture document may say: the shape that is checked, and published as a JSON Schema."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, GetPydanticSchema

from mockserver.stubs.actions import ActionModel
from mockserver.stubs.shape import Closed

Matcher = Annotated[Any, Field(description="a value, fields that must match, or operators")]


class When(Closed):
    """Which requests. All that is said has to hold; nothing said is every API request."""

    operation: str | Annotated[list[str], Field(min_length=1)] | None = Field(
        default=None, description="an operationId, several, or a glob such as *Assistant"
    )
    method: Matcher = None
    path: Matcher = None
    headers: dict[str, Matcher] | None = None
    query: dict[str, Matcher] | None = None
    body: Matcher = None


_Action = Annotated[Any, GetPydanticSchema(lambda _, handler: handler(ActionModel))]
"""An `ActionModel`: a class that is made at run time is no type to a type checker."""


def _as_list(value: Any) -> Any:
    actions = value if isinstance(value, list) else [value]
    return [{} if action == "default" else action for action in actions]


class StubModel(Closed):
    """Which requests, and what happens to them."""

    name: Annotated[str, Field(min_length=1)] | None = None
    when: When = Field(default_factory=When)
    then: Annotated[list[_Action], BeforeValidator(_as_list), Field(min_length=1)]
    times: Annotated[int, Field(ge=1)] | None = Field(
        default=None, description="how often it answers; then it steps aside"
    )
    probability: Annotated[float, Field(ge=0, le=1)] | None = Field(
        default=None, description="the share of matching requests that it answers"
    )
    priority: int = Field(default=0, description="higher goes first")


class Objects(Closed):
    """Objects that exist from the start."""

    assistants: list[dict[str, Any]] = Field(default_factory=list)


class FixtureDocument(Closed):
    """A fixture file."""

    schema_: str | None = Field(default=None, alias="$schema")
    version: Literal[1] = 1
    objects: Objects = Field(default_factory=Objects)
    stubs: list[StubModel] = Field(default_factory=list)
