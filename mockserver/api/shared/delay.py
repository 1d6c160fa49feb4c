"""A length of time as people write it, and one that is drawn: fixed, from a range, or a curve."""

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, WithJsonSchema

from mockserver import durations
from mockserver.api.shared.validation import Strict

_NORMAL = NormalDist()


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


class DelayRange(Strict):
    """A length of time sampled uniformly from a range."""

    min: Duration
    max: Duration


class DelayCurve(Strict):
    """A length of time sampled log-normally, by its median and its 99th percentile."""

    median: Duration
    p99: Duration


DelayShape = Duration | DelayRange | DelayCurve


@dataclass(frozen=True, slots=True)
class Delay:
    """The delay of a response, in seconds: uniform from `low` to `high`.

    If it is log-normal, `low` is the median and `high` the 99th percentile.
    """

    low: float
    high: float
    log_normal: bool = False

    @classmethod
    def of(cls, shape: Any) -> "Delay":
        """Return the delay of a valid shape, or of its plain data."""
        plain = shape.model_dump() if isinstance(shape, BaseModel) else shape
        lengths = [*plain.values()] if isinstance(plain, dict) else [plain, plain]
        low, high = map(durations.seconds, lengths)
        return cls(low, high, log_normal=isinstance(plain, dict) and "median" in plain)

    @property
    def problem(self) -> tuple[str, str] | None:
        """What is wrong with its lengths, and the remedy; None where nothing is."""
        lower, upper = ("median", "p99") if self.log_normal else ("min", "max")
        if self.low > self.high:
            return f"{lower} is greater than {upper}", "swap them"
        if self.log_normal and self.low == 0:
            return "median is 0", "use a median greater than 0"
        return None

    def sample(self, share: float) -> float:
        """Return a delay in seconds; `share` is its rank in the distribution, from 0 to 1."""
        if not self.log_normal:
            return self.low + (self.high - self.low) * share
        share = min(max(share, 1e-9), 1 - 1e-9)
        sigma = math.log(self.high / self.low) / _NORMAL.inv_cdf(0.99)
        return self.low * math.exp(sigma * _NORMAL.inv_cdf(share))
