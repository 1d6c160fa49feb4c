"""Collects the responses of one turn of the event loop, and writes them together."""

import asyncio

from mockserver import real_time


class WriteBatcher:
    """Hands responses to the kernel at the end of the turn in which they were made.

    A client that waits on another core sleeps; waking it costs as much as making its response. So
    it is woken once for all that is ready, and not once for each.
    """

    def __init__(self) -> None:
        self._waiting: list[tuple[asyncio.Transport, bytes]] = []
        self._second = 0

    def second(self) -> int:
        """Return the wall clock's time, in whole seconds, read once for all that waits."""
        if not self._waiting:
            self._second = int(real_time.wall())
        return self._second

    def add(self, transport: asyncio.Transport, data: bytes) -> None:
        """Add a response that need not go out before this turn is over."""
        if not self._waiting:
            asyncio.get_running_loop().call_soon(self.flush)
        self._waiting.append((transport, data))

    def flush(self) -> None:
        """Write all that waits; to be called before anything else is written, to keep the order."""
        waiting, self._waiting = self._waiting, []
        for transport, data in waiting:
            if not transport.is_closing():
                transport.write(data)
