"""Time that no test stops: freezegun and time-machine patch what most code asks for it."""

import contextlib
import sys
import time

if sys.platform == "win32":
    # In a tuple, since freezegun replaces the attributes of modules.
    _functions = (time.monotonic, time.time)

    def monotonic() -> float:
        """Return a time that only ever moves forward, in seconds."""
        return _functions[0]()

    def wall() -> float:
        """Return the time of the wall clock, in seconds since 1970."""
        return _functions[1]()

else:

    def monotonic() -> float:
        """Return a time that only ever moves forward, in seconds."""
        return time.clock_gettime(time.CLOCK_MONOTONIC)

    def wall() -> float:
        """Return the time of the wall clock, in seconds since 1970."""
        machine = sys.modules.get("time_machine")
        if machine is not None:
            # It patches this function as well, and offers the original while it travels.
            with contextlib.suppress(ValueError):
                return float(machine.escape_hatch.time.clock_gettime(time.CLOCK_REALTIME))
        return time.clock_gettime(time.CLOCK_REALTIME)
