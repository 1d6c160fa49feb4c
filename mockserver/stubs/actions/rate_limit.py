"""`rate_limit`: so many requests a period; those within it go on, the others get a 429."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field

from mockserver import durations
from mockserver.api.shared.errors import ApiError
from mockserver.expressions.templates import Context
from mockserver.faults.catalogue import RATE_LIMIT
from mockserver.faults.error_fault import NO_MODEL
from mockserver.stubs.actions.action import Action, CommonFields, Writing
from mockserver.stubs.delay import Duration
from mockserver.stubs.rate_limiter import Limit, LimitState
from mockserver.stubs.shape import ActionFields, Closed


class RateLimitShape(Closed):
    """So many requests a period; those within it go on, the others get a 429."""

    requests: Annotated[int, Field(ge=0)]
    per: Duration
    by: Literal["all", "operation"] = Field(
        default="all", description="one count for all that match, or one for each operation"
    )


class Fields(ActionFields):
    """What a fixture says of it."""

    rate_limit: RateLimitShape | None = None


class _Written(Fields, CommonFields):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit(Action):
    """Counts a request; the stub registry lets it go on while the period has room."""

    limit: Limit


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimitExceeded(Action):
    """Refuses a request that the period has no room for."""

    state: LimitState

    @property
    def fault_name(self) -> str:
        """The name that the retry log has for it."""
        return RATE_LIMIT

    def respond(self, context: Context) -> None:
        """Refuse, with the true numbers.

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
    """Return the key that makes an action a rate limit."""
    return ["rate_limit"] if "rate_limit" in keys else []


def build(fields: _Written, writing: Writing) -> Action:
    """Return a rate limit."""
    place, shape = (*writing.place, "rate_limit"), fields.rate_limit
    if fields.model_fields_set & {"status", "headers", "delay"}:
        remedy = "put the rest into a stub of its own"
        writing.report(writing.place, "rate_limit stands alone", remedy)
    if shape is None:
        return Action()
    seconds = durations.seconds(shape.per)
    if seconds == 0:
        writing.report((*place, "per"), "a period of no length", "give it one")
    return RateLimit(limit=Limit(shape.requests, seconds, shape.by))
