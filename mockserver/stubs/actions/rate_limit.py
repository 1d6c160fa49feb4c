"""`rate_limit`: a number of requests per period; those that exceed it get a 429."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field

from mockserver import durations
from mockserver.api.shared.delay import Duration
from mockserver.api.shared.errors import ApiError
from mockserver.expressions.templates import Context
from mockserver.faults.catalogue import RATE_LIMIT
from mockserver.faults.error_fault import NO_MODEL
from mockserver.stubs.actions.action import Action, CommonFields, Writing
from mockserver.stubs.rate_limiter import Limit, LimitState
from mockserver.stubs.shape import Closed


class RateLimitShape(Closed):
    """A number of requests per period. Those within it go on to the next stub, others get a 429."""

    requests: Annotated[int, Field(ge=0)]
    per: Duration
    by: Literal["all", "operation"] = Field(
        default="all", description="one count for all matching requests, or one for each operation"
    )


class Fields(CommonFields):
    """The keys of this action in a fixture."""

    rate_limit: RateLimitShape | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit(Action):
    """Marks a stub as a rate limit; the stub registry counts the requests."""

    limit: Limit


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimitExceeded(Action):
    """Refuses a request that exceeds a rate limit; `state` is the state of that limit."""

    state: LimitState

    @property
    def fault_name(self) -> str:
        """The name of the fault in the retry log."""
        return RATE_LIMIT

    def respond(self, context: Context) -> None:
        """Refuse the request with a 429 whose message has the numbers of the limit.

        Raises:
            ApiError: always.
        """
        body: Any = None if context.request is None else context.request.body
        model = body.get("model") if isinstance(body, dict) else None
        raise ApiError(
            "rate_limit_exceeded",
            model=model if isinstance(model, str) and model else NO_MODEL,
            unit=self.state.unit,
            limit=self.state.limit.requests,
            used=self.state.used,
            wait=self.state.wait,
        )


def claims(keys: AbstractSet[str]) -> list[str]:
    """Return `rate_limit` if it is among the keys of an action."""
    return ["rate_limit"] if "rate_limit" in keys else []


def build(fields: Fields, writing: Writing) -> Action:
    """Return the compiled rate limit; problems with it are reported."""
    place, shape = (*writing.place, "rate_limit"), fields.rate_limit
    if fields.model_fields_set & {"status", "headers", "delay"}:
        what = "rate_limit cannot be combined with status, headers or delay"
        writing.report(writing.place, what, "move those to another stub")
    if shape is None:
        return Action()
    seconds = durations.seconds(shape.per)
    if seconds == 0:
        writing.report((*place, "per"), "the period is 0", "use a period greater than 0")
    return RateLimit(limit=Limit(shape.requests, seconds, shape.by))
