"""The event loops of this process that serve: code that blocks one of them waits for itself."""

import asyncio
from weakref import WeakKeyDictionary

_servers: WeakKeyDictionary[asyncio.AbstractEventLoop, int] = WeakKeyDictionary()
"""How many servers run in a loop."""


def enter() -> None:
    """Note that the running loop serves."""
    loop = asyncio.get_running_loop()
    _servers[loop] = _servers.get(loop, 0) + 1


def leave() -> None:
    """Note that a server in the running loop has stopped."""
    loop = asyncio.get_running_loop()
    _servers[loop] = max(_servers.get(loop, 0) - 1, 0)


def is_running_here() -> bool:
    """Return whether the calling code runs inside a loop that serves."""
    try:
        return bool(_servers.get(asyncio.get_running_loop()))
    except RuntimeError:
        return False
