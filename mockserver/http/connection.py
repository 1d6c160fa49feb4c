"""The socket under an answer, for those who have to break it."""

import asyncio
import contextlib
import math
import select
import socket
import struct
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from itertools import repeat

from mockserver.server.serving_loops import GRACE

LOOK = 0.25
"""How often a held connection is looked at, in seconds: nothing tells when a client goes."""

PATIENCE = 10.0
"""How long a client may take nothing of what is due before a reset, in seconds."""

_NO_LINGERING = struct.pack("ii", 1, 0)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer in bytes. `head` gives status line and headers for a length of body."""

    head: Callable[[int], bytes]
    body: bytes

    def whole(self) -> bytes:
        """Give the answer as it should be."""
        return self.head(len(self.body)) + self.body


class Connection:
    """A client's connection. What was written to it before goes out before anything else."""

    def __init__(self, transport: asyncio.Transport, is_stopping: Callable[[], bool]) -> None:
        self._transport = transport
        self._is_stopping = is_stopping

    async def send(self, data: bytes) -> None:
        """Write, and return when the kernel has taken it.

        Raises:
            ConnectionError: the client has gone, or the server stops.
        """
        self._transport.write(data)
        for moment in _moments():
            if not self._transport.get_write_buffer_size():
                return
            await self.pause(moment)

    async def pause(self, seconds: float) -> None:
        """Wait, no longer than there is somebody to wait for.

        Raises:
            ConnectionError: the client has gone, or the server stops before it is over.
        """
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while True:
            left = end - loop.time()
            if self._has_gone() or (self._is_stopping() and left > GRACE):
                raise ConnectionResetError("nobody is left to answer")
            if left <= 0:
                return
            await asyncio.sleep(min(left, LOOK))

    async def hold(self) -> None:
        """Say nothing more until the client goes or the server stops; then close."""
        with contextlib.suppress(ConnectionError):
            await self.pause(math.inf)
        self.close()

    def close(self) -> None:
        """Close after what was written: a FIN."""
        self._transport.close()

    async def reset(self) -> None:
        """Reset: an RST. What was written has reached the client by then.

        An abort alone would be a FIN; a reset at once would take back what the kernel
        has not delivered yet.
        """
        with contextlib.suppress(ConnectionError):
            await self.send(b"")
            await self._delivered()
        line = self._transport.get_extra_info("socket")
        if line is not None:
            with contextlib.suppress(OSError):
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGERING)
        self._transport.abort()

    def _has_gone(self) -> bool:
        """Tell whether the client has closed, also where that stands behind what is not read."""
        if self._transport.is_closing():
            return True
        line = self._transport.get_extra_info("socket")
        if line is None or not hasattr(select, "POLLRDHUP"):
            return False
        asked = select.poll()
        asked.register(line.fileno(), select.POLLRDHUP)
        return bool(asked.poll(0))

    async def _delivered(self) -> None:
        """Wait until the client has everything, as long as it takes more and more of it."""
        left, waited = self._undelivered(), 0.0
        for moment in _moments():
            if not left or waited > PATIENCE:
                return
            await self.pause(moment)
            before, left = left, self._undelivered()
            waited = 0.0 if left < before else waited + moment

    def _undelivered(self) -> int:
        """Count the bytes that the client has not acknowledged, where the system tells."""
        try:
            from fcntl import ioctl
            from termios import TIOCOUTQ

            line = self._transport.get_extra_info("socket")
            (count,) = struct.unpack("i", ioctl(line.fileno(), TIOCOUTQ, b"\0" * 4))
        except (ImportError, AttributeError, OSError):
            return 0
        return int(count)


def _moments() -> Iterator[float]:
    """Give ever longer times to wait for what is probably near, in seconds."""
    for power in range(6):
        yield 0.001 * 2**power
    yield from repeat(0.05)


Delivery = Callable[[Connection, Reply], Awaitable[None]]
"""A way to put an answer on the wire other than whole and at once."""
