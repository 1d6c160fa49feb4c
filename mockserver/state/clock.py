"""The clock of a namespace, in whole seconds since 1970."""

from mockserver import real_time
from mockserver.settings import ClockMode

EPOCH = 1735689600
"""2025-01-01T00:00:00Z, at which the clock of every namespace starts, in seconds since 1970."""


class Clock:
    """A clock that tests can predict.

    In mode `tick` it starts at `EPOCH` and moves one second for each object created. In mode
    `frozen` it never moves by itself. In mode `real` it is the wall clock. `moved` is how far it is
    from its start or from the wall clock, and `advanced` how far it was moved forward on demand,
    in seconds.
    """

    def __init__(self, mode: ClockMode) -> None:
        self.mode: ClockMode = mode
        self.start = int(real_time.wall()) if mode == "real" else EPOCH
        self.moved = 0
        self.advanced = 0

    def now(self) -> int:
        """Return the current time, in seconds since 1970."""
        return self.moved + (int(real_time.wall()) if self.mode == "real" else EPOCH)

    def stopped(self, second: int) -> "Clock":
        """Return a clock that has started with this one, and stands still at `second`."""
        clock = Clock("frozen")
        clock.start, clock.moved = self.start, second - EPOCH
        return clock

    def elapsed(self) -> float:
        """Return a monotonic time, in seconds, that also moves when this clock is moved."""
        return real_time.monotonic() + self.advanced

    def advance(self, seconds: int) -> None:
        """Move the clock by `seconds`, which may be negative."""
        self.moved += seconds
        self.advanced += max(seconds, 0)  # a wait that was over is not to be waited for again

    def reach(self, second: int) -> None:
        """Move a ticking clock forward to `second`, so that new objects are the newest."""
        if self.mode == "tick":
            self.moved += max(second - self.now(), 0)

    def object_created(self) -> None:
        """Move a ticking clock by one second, for one object created."""
        if self.mode == "tick":
            self.moved += 1
