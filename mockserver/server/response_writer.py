"""An answer on its way to the socket, byte for byte as it was decided."""

import time
from collections.abc import Callable
from email.utils import formatdate
from functools import lru_cache, partial
from http import HTTPStatus

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter

from mockserver.http.connection import Connection, Reply
from mockserver.pipeline.exchange import Answer
from mockserver.server.write_batcher import Outbox

UNMEASURED = (204, 304)
"""Statuses whose answers have neither a body nor a length."""

BODILESS = (*UNMEASURED, 205)
"""Statuses whose answers have no body, whatever a stub says: a client would not read it."""


class WireResponse(web.StreamResponse):
    """Writes head and body in one piece, the headers in the order that the answer has them.

    aiohttp's own response would do, at a third of the server's speed: it builds,
    completes and copies a header map that here is final from the start.
    """

    def __init__(
        self,
        answer: Answer,
        outbox: Outbox,
        *,
        last: bool = False,
        is_stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        """`last`: nothing can be read from this connection any more."""
        super().__init__(status=answer.status)
        self._answer = answer
        self._outbox = outbox
        self._last = last
        self._is_stopping = is_stopping
        self._stays_open = False

    @property
    def keep_alive(self) -> bool:
        """Whether the connection is open for another request; asked by aiohttp."""
        return self._stays_open

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        """Write the whole answer; called by aiohttp.

        Raises:
            ConnectionResetError: the client has gone.
        """
        transport = request.transport
        if transport is None:
            raise ConnectionResetError("the client has gone")
        self._stays_open = request.keep_alive and not self._last
        if self._stays_open:
            connection = "" if request.version.minor else "Connection: keep-alive\r\n"
        else:
            connection = "Connection: close\r\n"
        answer = self._answer
        if answer.status in BODILESS:
            answer.body = b""
        if answer.delay or answer.delivery is not None:
            reply = Reply(partial(self._head, connection=connection), answer.body)
            if request.method == "HEAD":
                reply = Reply(lambda _: self._head(len(answer.body), connection), b"")
            self._outbox.send()
            await self._deliver(Connection(transport, self._is_stopping), reply)
            self._stays_open = self._stays_open and not transport.is_closing()
        else:
            if transport.get_write_buffer_size():  # the client reads more slowly than we write
                await request.writer.drain()
            head = self._head(len(answer.body), connection)
            self._outbox.add(transport, head if request.method == "HEAD" else head + answer.body)
            if not self._stays_open:
                self._outbox.send()
        if self._last:
            request.protocol.force_close()
        return None

    async def _deliver(self, connection: Connection, reply: Reply) -> None:
        """Answer late, or in the way that a fault delivers."""
        answer = self._answer
        if answer.delay:
            await connection.pause(answer.delay)
        if answer.begun is not None:
            answer.begun()
        if answer.delivery is not None:
            await answer.delivery(connection, reply)
        else:
            await connection.send(reply.whole())
        if answer.delivered is not None:
            answer.delivered()

    def _head(self, length: int, connection: str) -> bytes:
        answer = self._answer
        headers = "".join([f"{name}: {value}\r\n" for name, value in answer.headers.items()])
        if answer.status not in UNMEASURED:
            headers += f"Content-Length: {length}\r\n"
        return (
            f"{_status_line(answer.status)}{headers}"
            f"Date: {_date(int(time.time()))}\r\nServer: mockserver\r\n{connection}\r\n"
        ).encode("latin-1")

    async def write_eof(self, data: bytes = b"") -> None:
        """Do nothing: all is written."""


@lru_cache
def _status_line(status: int) -> str:
    try:
        reason = HTTPStatus(status).phrase
    except ValueError:
        reason = ""
    return f"HTTP/1.1 {status} {reason}\r\n"


@lru_cache(maxsize=1)
def _date(second: int) -> str:
    return formatdate(second, usegmt=True)
