"""The rate limiter: so many requests a period, counted for each namespace."""

import math
from dataclasses import dataclass, field

from mockserver import durations
from mockserver.state.clock import Clock
from mockserver.stubs.stub import Limit, Stub


@dataclass(frozen=True, slots=True)
class Quota:
    """What is left of a period: `reset` is how long it still takes, in seconds."""

    limit: Limit
    used: int
    reset: float
    refused: bool

    @property
    def left(self) -> int:
        """How many requests still have room."""
        return max(self.limit.requests - self.used, 0)

    @property
    def headers(self) -> dict[str, str]:
        """Give the headers as the real service writes them where it does [recorded]."""
        headers = {
            "x-ratelimit-limit-requests": str(self.limit.requests),
            "x-ratelimit-remaining-requests": str(self.left),
            "x-ratelimit-reset-requests": self.wait,
        }
        if self.refused:
            headers["retry-after"] = str(math.ceil(self.reset))
        return headers

    @property
    def wait(self) -> str:
        """How long it takes until the next period, as the real service writes it."""
        return durations.as_go(self.reset)

    @property
    def unit(self) -> str:
        """Name the limit in the real service's words, where it has such a one."""
        known = {60.0: "requests per min (RPM)", 86400.0: "requests per day (RPD)"}
        return known.get(self.limit.per, f"requests per {self.limit.per:.12g}s")


@dataclass(slots=True)
class _Window:
    began: float
    used: int = 0


@dataclass(slots=True)
class Limiter:
    """The periods under way in one namespace."""

    clock: Clock
    _windows: dict[tuple[Stub, Limit, str | None], _Window] = field(default_factory=dict)

    def take(self, stub: Stub, limit: Limit, operation: str | None) -> Quota:
        """Count a request.

        A period begins with its first request, and ends when so much wall time has
        gone or the clock has been moved so far: a client that waits gets through.
        """
        now = self.clock.elapsed()
        key = (stub, limit, operation if limit.by == "operation" else None)
        window = self._windows.get(key)
        if window is None or not 0 <= now - window.began < limit.per:
            window = self._windows[key] = _Window(now)
        refused = window.used >= limit.requests
        if not refused:
            window.used += 1
        return Quota(limit, window.used, window.began + limit.per - now, refused)
