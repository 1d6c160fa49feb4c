"""The event loops of this process that serve: who blocks one of them waits for himself."""

import asyncio
from weakref import WeakSet

loops: WeakSet[asyncio.AbstractEventLoop] = WeakSet()
"""Loops that a server was started in."""


def note() -> None:
    """Note that the running loop serves."""
    loops.add(asyncio.get_running_loop())


def is_this_thread() -> bool:
    """Tell whether the calling code runs inside a loop that serves."""
    try:
        return asyncio.get_running_loop() in loops
    except RuntimeError:
        return False
