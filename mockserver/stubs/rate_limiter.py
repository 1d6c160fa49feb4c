"""The rate limiter: so many requests a period, counted for each namespace."""

import math
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Literal

from mockserver import durations
from mockserver.state.clock import Clock


@dataclass(frozen=True, slots=True)
class Limit:
    """So many requests a period of `per` seconds, for all that match or for each operation."""

    requests: int
    per: float
    by: Literal["all", "operation"] = "all"


@dataclass(frozen=True, slots=True)
class LimitState:
    """How a limit stands: `reset` is how long its period still takes, in seconds."""

    limit: Limit
    used: int
    reset: float
    exceeded: bool

    @property
    def remaining(self) -> int:
        """How many requests the period still has room for."""
        return max(self.limit.requests - self.used, 0)

    @property
    def headers(self) -> dict[str, str]:
        """The headers, written as the real service writes them where it does [recorded]."""
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
        """How long it takes until the next period, as the real service writes it."""
        return durations.as_go(self.reset)

    @property
    def unit(self) -> str:
        """The limit in the real service's words, where it has such a one."""
        known = {60.0: "requests per min (RPM)", 86400.0: "requests per day (RPD)"}
        return known.get(self.limit.per, f"requests per {self.limit.per:.12g}s")


@dataclass(slots=True)
class _Window:
    began: float
    used: int = 0


@dataclass(slots=True)
class RateLimiter:
    """The periods under way in one namespace."""

    clock: Clock
    _windows: dict[tuple[Hashable, Limit, str | None], _Window] = field(default_factory=dict)

    def take(self, counter: Hashable, limit: Limit, operation: str | None) -> LimitState:
        """Count a request and return how its limit stands.

        Each `counter` counts apart. A period begins with its first request, and ends when so much
        wall time has gone or the clock has been moved so far: a client that waits gets through.
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
