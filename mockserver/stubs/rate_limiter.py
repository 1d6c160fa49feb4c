"""The rate limiter: a number of requests per period, counted for each namespace."""

import math
from collections.abc import Hashable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any, Literal

from mockserver import durations
from mockserver.state.clock import Clock


@dataclass(frozen=True, slots=True)
class Limit:
    """A number of requests per period of `per` seconds, in total or for each operation."""

    requests: int
    per: float
    by: Literal["all", "operation"] = "all"


@dataclass(frozen=True, slots=True)
class LimitState:
    """The state of a limit; `reset` is the time to the end of its period, in seconds."""

    limit: Limit
    used: int
    reset: float
    exceeded: bool

    @property
    def remaining(self) -> int:
        """The number of requests that the period still allows."""
        return max(self.limit.requests - self.used, 0)

    @property
    def headers(self) -> dict[str, str]:
        """The headers, in the form of the real service's [recorded]."""
        headers = {
            "x-ratelimit-limit-requests": str(self.limit.requests),
            "x-ratelimit-remaining-requests": str(self.remaining),
            "x-ratelimit-reset-requests": self.wait,
        }
        if self.exceeded:
            headers["retry-after"] = str(math.ceil(self.reset))
        return headers

    @property
    def wait(self) -> str:
        """The time to the end of the period, in the form of the real service's, such as `1m12s`."""
        return durations.as_go(self.reset)

    @property
    def unit(self) -> str:
        """The unit of the limit, in the real service's words where it has such a limit."""
        known = {60.0: "requests per min (RPM)", 86400.0: "requests per day (RPD)"}
        return known.get(self.limit.per, f"requests per {self.limit.per:.12g}s")


@dataclass(slots=True)
class _Window:
    began: float
    used: int = 0


@dataclass(slots=True)
class RateLimiter:
    """The current periods of the limits in one namespace."""

    clock: Clock
    _windows: dict[tuple[Hashable, Limit, str | None], _Window] = field(default_factory=dict)

    def renew(self, renewed: Mapping[Any, Hashable], gone: AbstractSet[Any]) -> None:
        """Move the periods of some counters to others; forget those of the ones that are gone."""
        self._windows = {
            (renewed.get(counter, counter), limit, operation): window
            for (counter, limit, operation), window in self._windows.items()
            if counter not in gone
        }

    def take(self, counter: Hashable, limit: Limit, operation: str | None) -> LimitState:
        """Count a request and return the state of its limit.

        Each `counter` counts separately. A period begins with its first request. It ends when its
        length has passed in wall time or by moving the clock, so a client that waits gets through.
        """
        now = self.clock.elapsed()
        key = (counter, limit, operation if limit.by == "operation" else None)
        window = self._windows.get(key)
        if window is None or not 0 <= now - window.began < limit.per:
            window = self._windows[key] = _Window(now)
        exceeded = window.used >= limit.requests
        if not exceeded:
            window.used += 1
        return LimitState(limit, window.used, window.began + limit.per - now, exceeded)
