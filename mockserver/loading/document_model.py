"""The shape of a fixture document, which is checked and published as a JSON Schema."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, GetPydanticSchema

from mockserver.loading.objects import ObjectsModel
from mockserver.stubs.actions import ActionModel
from mockserver.stubs.shape import Closed

Matcher = Annotated[Any, Field(description="a value, fields that must match, or operators")]


class When(Closed):
    """Which requests a stub matches: all conditions must hold; without any, every API request."""

    operation: str | Annotated[list[str], Field(min_length=1)] | None = Field(
        default=None, description="an operationId, a list of them, or a glob such as *Assistant"
    )
    method: Matcher = None
    path: Matcher = None
    headers: dict[str, Matcher] | None = None
    query: dict[str, Matcher] | None = None
    body: Matcher = None
    assistant: Matcher = Field(
        default=None, description="fields of the assistant that the request is about"
    )
    thread: Matcher = Field(
        default=None, description="fields of the thread that the request is about"
    )
    message: Matcher = Field(
        default=None, description="the text of the newest message of the user in the thread"
    )
    messages: Matcher = Field(
        default=None, description="how many messages the thread has, such as {gte: 3}"
    )


_Action = Annotated[Any, GetPydanticSchema(lambda _, handler: handler(ActionModel))]
"""An `ActionModel`: a type checker cannot use a class that is created at run time as a type."""


def _as_list(value: Any) -> Any:
    actions = value if isinstance(value, list) else [value]
    return [{} if action == "default" else action for action in actions]


class StubModel(Closed):
    """Which requests a stub matches, and what happens to them."""

    name: Annotated[str, Field(min_length=1)] | None = None
    when: When = Field(default_factory=When)
    then: Annotated[list[_Action], BeforeValidator(_as_list), Field(min_length=1)]
    times: Annotated[int, Field(ge=1)] | None = Field(
        default=None, description="the number of requests it answers; then it is skipped"
    )
    probability: Annotated[float, Field(ge=0, le=1)] | None = Field(
        default=None, description="the share of matching requests that it answers, from 0 to 1"
    )
    priority: int = Field(default=0, description="stubs of a higher priority are tried first")
    optional: bool = Field(default=False, description="strictness lets it stay unused")


_Objects = Annotated[Any, GetPydanticSchema(lambda _, handler: handler(ObjectsModel))]
"""An `ObjectsModel`, as above."""


class FixtureDocument(Closed):
    """A fixture file."""

    schema_: str | None = Field(default=None, alias="$schema")
    version: Literal[1] = 1
    env: bool = Field(
        default=False,
        description="whether ${NAME} and ${NAME:-default} are variables of the environment",
    )
    objects: _Objects = Field(default_factory=ObjectsModel)
    stubs: list[StubModel] = Field(default_factory=list)
