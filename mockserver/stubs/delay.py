"""The delay of a response: its shape in a fixture, and how it is sampled."""

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

from mockserver import durations
from mockserver.api.shared.lengths import Duration
from mockserver.problems import Place, Report
from mockserver.stubs.shape import Closed

_NORMAL = NormalDist()


class DelayRange(Closed):
    """A length of time sampled uniformly from a range."""

    min: Duration
    max: Duration


class DelayCurve(Closed):
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

    def sample(self, share: float) -> float:
        """Return a delay in seconds; `share` is its rank in the distribution, from 0 to 1."""
        if not self.log_normal:
            return self.low + (self.high - self.low) * share
        share = min(max(share, 1e-9), 1 - 1e-9)
        sigma = math.log(self.high / self.low) / _NORMAL.inv_cdf(0.99)
        return self.low * math.exp(sigma * _NORMAL.inv_cdf(share))


def compile_delay(shape: Any, place: Place, report: Report) -> Delay | None:
    """Return the delay of a shape in a fixture; None if there is no shape."""
    if shape is None:
        return None
    if isinstance(shape, DelayRange):
        delay = Delay(durations.seconds(shape.min), durations.seconds(shape.max))
    elif isinstance(shape, DelayCurve):
        low, high = durations.seconds(shape.median), durations.seconds(shape.p99)
        delay = Delay(low, high, log_normal=True)
    else:
        delay = Delay(durations.seconds(shape), durations.seconds(shape))
    if delay.low > delay.high:
        lower, upper = ("median", "p99") if delay.log_normal else ("min", "max")
        report(place, f"{lower} is greater than {upper}", "swap them")
    elif delay.log_normal and delay.low == 0:
        report(place, "median is 0", "use a median greater than 0")
    return delay
