"""Answers on their way out, those of one turn of the event loop together."""

import asyncio


class Outbox:
    """Hands answers to the kernel at the end of the turn in which they were made.

    A client that waits on another core sleeps; waking it costs as much as making its
    answer. So it is woken once for all that is ready, and not once for each.
    """

    def __init__(self) -> None:
        self._waiting: list[tuple[asyncio.Transport, bytes]] = []

    def add(self, transport: asyncio.Transport, data: bytes) -> None:
        """Take an answer that need not go out before this turn is over."""
        if not self._waiting:
            asyncio.get_running_loop().call_soon(self.send)
        self._waiting.append((transport, data))

    def send(self) -> None:
        """Send all that waits; before anything else is written, so that order is kept."""
        waiting, self._waiting = self._waiting, []
        for transport, data in waiting:
            if not transport.is_closing():
                transport.write(data)
