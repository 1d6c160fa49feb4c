"""The connection under a response, for those who have to break it."""

import asyncio
import contextlib
import math
import select
import socket
import struct
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from itertools import repeat, takewhile
from typing import NamedTuple

from mockserver.http import sse
from mockserver.http.sse import End, Event, Stream

GRACE_SECONDS = 0.25
"""How long a response under way may still take once the server stops."""

LIVENESS_CHECK_SECONDS = 0.25
"""How often a held connection is checked: no event says when a client goes."""

SHUTDOWN_SECONDS = GRACE_SECONDS + LIVENESS_CHECK_SECONDS + 0.1
"""How long a stop takes at the most: each held connection has been checked by then."""

RESET_PATIENCE_SECONDS = 10.0
"""How long a client may take nothing of what is due before it is reset all the same."""

BATCH_BYTES = 32 * 1024
"""How much of a stream goes out in one write, before the other streams have their turn."""

EVENT_BYTES = 256
"""What an event counts in that beside its own bytes, since it has to be made."""

_NO_LINGERING = struct.pack("ii", 1, 0)

LAST_CHUNK = b"0\r\n\r\n"


class Piece(NamedTuple):
    """A piece of a reply, with the seconds to wait before it; behind it, a stream may break off."""

    data: bytes
    delay: float = 0.0
    end: End | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """A response as bytes.

    `head` returns the status line and the headers for a length of body; for None, those of a body
    whose length nobody knows yet. A stream goes out in chunks, or where `chunked` is false
    (HTTP/1.0) until the connection is closed.
    """

    head: Callable[[int | None], bytes]
    body: bytes | Stream
    chunked: bool = True

    def whole(self) -> bytes:
        """Return head and body as they should be; a stream is pulled to its end."""
        content = self.content()
        return self.head(len(content)) + content

    def content(self) -> bytes:
        """Return the body; a stream is pulled as far as it goes at once, without its delays."""
        if isinstance(self.body, bytes):
            return self.body
        with contextlib.closing(self.body) as events:
            return b"".join(map(sse.encode, takewhile(lambda event: not event.is_pause, events)))

    def close(self) -> None:
        """Ask a stream for nothing more."""
        if not isinstance(self.body, bytes):
            self.body.close()

    def pieces(self) -> Iterator[Piece]:
        """Yield what goes out, piece by piece.

        The next event is pulled from a stream when the piece before it has been taken.
        """
        if isinstance(self.body, bytes):
            yield Piece(self.whole())
            return
        yield Piece(self.head(None))
        for event in self.body:
            yield Piece(self._on_the_wire(event), event.delay, event.end)
            if event.end is not None:
                return
        if self.chunked:
            yield Piece(LAST_CHUNK)

    def batches(self) -> Iterator[Piece]:
        """Yield what goes out, all that is due at once in one piece, up to a size.

        A write costs more than the making of an event; the first event goes out at once. What
        begins the next piece is pulled before this one is taken, and nobody sees that: nothing else
        runs in between.
        """
        if isinstance(self.body, bytes):
            yield Piece(self.whole())
            return
        batch, delay, left = [self.head(None)], 0.0, 1
        for event in self.body:
            if event.delay or left <= 0:
                yield Piece(b"".join(batch), delay)
                batch, delay, left = [], event.delay, BATCH_BYTES
            data = self._on_the_wire(event)
            batch.append(data)
            left -= len(data) + EVENT_BYTES
            if event.end is not None:
                yield Piece(b"".join(batch), delay, event.end)
                return
        if self.chunked:
            batch.append(LAST_CHUNK)
        yield Piece(b"".join(batch), delay)

    def _on_the_wire(self, event: Event) -> bytes:
        data = sse.encode(event)
        return b"%x\r\n%b\r\n" % (len(data), data) if data and self.chunked else data


class Connection:
    """A client's connection. What was written to it before goes out before anything else."""

    def __init__(self, transport: asyncio.Transport, is_stopping: Callable[[], bool]) -> None:
        self._transport = transport
        self._is_stopping = is_stopping
        self._stops_since: float | None = None

    async def send(self, data: bytes) -> None:
        """Write, and return when the kernel has taken it.

        Raises:
            ConnectionError: the client has gone, or the server stops.
        """
        self._transport.write(data)
        for seconds in _growing_pauses():
            if not self._transport.get_write_buffer_size():
                return
            await self.pause(seconds)

    async def send_reply(self, reply: Reply) -> bool:
        """Send a reply: a stream event by event, each when it is due.

        Returns whether all of it went out: a fault may break a stream off.

        Raises:
            ConnectionError: the client has gone, or the server stops; a stream ends then at once.
        """
        if isinstance(reply.body, bytes):
            await self.send(reply.whole())
            return True
        has_begun = False
        for piece in reply.batches():
            if has_begun or piece.delay:  # the beginning is for nobody to wait for
                await self.pause(piece.delay)
            has_begun = True
            await self.send(piece.data)
            if piece.end is not None:
                reply.close()  # or what is behind the stream would wait for it, too
                await self.break_off(piece.end)
                return False
            if self._is_stopping():
                raise ConnectionResetError("the server stops")
        if not reply.chunked:
            self.close()
        return True

    async def break_off(self, end: End) -> None:
        """End a response in its middle: with a FIN, an RST, or silence."""
        if end == "rst":
            await self.reset()
        elif end == "stall":
            await self.hold()
        else:
            self.close()

    async def pause(self, seconds: float) -> None:
        """Wait, no longer than there is somebody to wait for.

        Raises:
            ConnectionError: the client has gone, or the server stops before the time is over.
        """
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while True:
            left = end - loop.time()
            if self._has_gone() or self._must_end(left):
                raise ConnectionResetError("nobody is left to answer")
            if left <= 0:
                await asyncio.sleep(0)  # one stream must not hold up the others
                return
            await asyncio.sleep(min(left, LIVENESS_CHECK_SECONDS))

    def _must_end(self, left: float) -> bool:
        """Return whether the server stops, and the grace is over or shorter than what is left."""
        if not self._is_stopping():
            return False
        now = asyncio.get_running_loop().time()
        if self._stops_since is None:
            self._stops_since = now
        return now - self._stops_since + left > GRACE_SECONDS

    async def hold(self) -> None:
        """Send nothing more until the client goes or the server stops; then close."""
        with contextlib.suppress(ConnectionError):
            await self.pause(math.inf)
        self.close()

    def close(self) -> None:
        """Close after what was written: a FIN."""
        self._transport.close()

    async def reset(self) -> None:
        """Reset: an RST. What was written has reached the client by then.

        An abort alone would be a FIN; a reset at once would take back what the kernel has not
        delivered yet.
        """
        with contextlib.suppress(ConnectionError):
            await self.send(b"")
            await self._wait_until_delivered()
        line = self._transport.get_extra_info("socket")
        if line is not None:
            with contextlib.suppress(OSError):
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGERING)
        self._transport.abort()

    def _has_gone(self) -> bool:
        """Return whether the client has closed, even where unread bytes stand before its FIN."""
        if self._transport.is_closing():
            return True
        line = self._transport.get_extra_info("socket")
        if line is None or not hasattr(select, "POLLRDHUP") or not hasattr(select, "poll"):
            return False  # the system has neither, or eventlet has taken `poll` away
        poll = select.poll()
        poll.register(line.fileno(), select.POLLRDHUP)
        return bool(poll.poll(0))

    async def _wait_until_delivered(self) -> None:
        """Wait until the client has everything, as long as it takes more and more of it."""
        left, waited = self._undelivered_bytes(), 0.0
        for seconds in _growing_pauses():
            if not left or waited > RESET_PATIENCE_SECONDS:
                return
            await self.pause(seconds)
            before, left = left, self._undelivered_bytes()
            waited = 0.0 if left < before else waited + seconds

    def _undelivered_bytes(self) -> int:
        """Count the bytes that the client has not acknowledged; 0 where the system does not say."""
        try:
            from fcntl import ioctl
            from termios import TIOCOUTQ

            line = self._transport.get_extra_info("socket")
            (count,) = struct.unpack("i", ioctl(line.fileno(), TIOCOUTQ, b"\0" * 4))
        except (ImportError, AttributeError, OSError):
            return 0
        return int(count)


def _growing_pauses() -> Iterator[float]:
    """Yield ever longer times, in seconds, to wait for what is probably near."""
    for power in range(6):
        yield 0.001 * 2**power
    yield from repeat(0.05)


Delivery = Callable[[Connection, Reply], Awaitable[None]]
"""A way to put a response on the wire other than whole and at once."""
