"""A namespace's own time, in whole seconds since 1970."""

import time

from mockserver.settings import ClockMode

EPOCH = 1735689600
"""2025-01-01T00:00:00Z: where the clock of every namespace starts."""


class Clock:
    """Time that tests can rely on.

    `tick` starts at `EPOCH` and moves one second for each object created,
    `frozen` never moves by itself, `real` is the wall clock. `advanced` is how far it
    was moved on demand.
    """

    def __init__(self, mode: ClockMode) -> None:
        self.mode: ClockMode = mode
        self.start = int(time.time()) if mode == "real" else EPOCH
        self.moved = 0
        self.advanced = 0

    def now(self) -> int:
        """Give the present second."""
        return self.moved + (int(time.time()) if self.mode == "real" else EPOCH)

    def elapsed(self) -> float:
        """Give a steady time, in seconds, that passes by itself and when this clock is moved."""
        return time.monotonic() + self.advanced

    def advance(self, seconds: int) -> None:
        """Move by so many seconds; back, where they are negative."""
        self.moved += seconds
        self.advanced += seconds

    def reach(self, second: int) -> None:
        """Go on from a second that lies ahead: new objects are newer than those put back."""
        if self.mode == "tick":
            self.moved += max(second - self.now(), 0)

    def object_created(self) -> None:
        """Move on by what the creation of one object takes."""
        if self.mode == "tick":
            self.moved += 1
