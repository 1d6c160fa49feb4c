"""What a fixture document may say: the shape that is checked, and published as a JSON Schema."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from mockserver import durations


class Closed(BaseModel):
    """A part of a document: unknown keys and near-miss types are refused."""

    model_config = ConfigDict(extra="forbid", strict=True, populate_by_name=False, defer_build=True)


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


class DelayRange(Closed):
    """A length of time drawn evenly from a range."""

    min: Duration
    max: Duration


class DelayCurve(Closed):
    """A length of time drawn log-normally: half are under `median`, one in a hundred over `p99`."""

    median: Duration
    p99: Duration


Delay = Duration | DelayRange | DelayCurve

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


class RateLimit(Closed):
    """So many requests a period; those within it go on, the others get a 429."""

    requests: Annotated[int, Field(ge=0)]
    per: Duration
    by: Literal["all", "operation"] = Field(
        default="all", description="one count for all that match, or one for each operation"
    )


class Action(Closed):
    """What happens instead of the default answer.

    One of `body` (merged into the default answer), `json` or `text` (the whole
    answer), `fault` or `rate_limit`; with none of them, the default answer.
    """

    model_config = ConfigDict(extra="allow", strict=True, defer_build=True)

    body: dict[str, Any] | None = None
    drop: Annotated[list[str], Field(min_length=1)] | None = None
    json_: Any = Field(default=None, alias="json")
    text: str | None = None
    fault: str | None = None
    strike: Literal["before", "after"] | None = Field(
        default=None, description="of a fault: before the request is handled, or after"
    )
    rate_limit: RateLimit | None = None
    status: Annotated[int, Field(ge=200, le=599)] | None = None
    headers: dict[str, str | int | None] | None = None
    delay: Delay | None = None


def _as_list(value: Any) -> Any:
    actions = value if isinstance(value, list) else [value]
    return [{} if action == "default" else action for action in actions]


class Stub(Closed):
    """One rule: which requests, and what happens to them."""

    name: Annotated[str, Field(min_length=1)] | None = None
    when: When = Field(default_factory=When)
    then: Annotated[list[Action], BeforeValidator(_as_list), Field(min_length=1)]
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
    stubs: list[Stub] = Field(default_factory=list)
