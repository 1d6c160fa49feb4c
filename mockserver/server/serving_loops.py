"""The event loops of this process that serve: who blocks one of them waits for himself."""

import asyncio
from weakref import WeakKeyDictionary

GRACE = 0.25
"""How long an answer under way may take once a server is told to stop, in seconds."""

_servers: WeakKeyDictionary[asyncio.AbstractEventLoop, int] = WeakKeyDictionary()
"""How many servers run in a loop."""


def begin() -> None:
    """Note that the running loop serves."""
    loop = asyncio.get_running_loop()
    _servers[loop] = _servers.get(loop, 0) + 1


def end() -> None:
    """Note that a server in the running loop has stopped."""
    loop = asyncio.get_running_loop()
    _servers[loop] = max(_servers.get(loop, 0) - 1, 0)


def in_this_loop() -> bool:
    """Tell whether the calling code runs inside a loop that serves."""
    try:
        return bool(_servers.get(asyncio.get_running_loop()))
    except RuntimeError:
        return False
