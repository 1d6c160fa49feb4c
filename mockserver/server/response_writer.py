"""A response on its way to the socket, byte for byte as it was decided."""

from collections.abc import Callable
from email.utils import formatdate
from functools import lru_cache, partial
from http import HTTPStatus

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter

from mockserver.http.connection import Connection, Reply
from mockserver.http.response import Response
from mockserver.server.write_batcher import WriteBatcher

WITHOUT_LENGTH = (204, 304)
"""Statuses whose responses have neither a body nor a length."""

WITHOUT_BODY = (*WITHOUT_LENGTH, 205)
"""Statuses whose responses have no body, whatever a stub says: a client would not read it."""


class ResponseWriter(web.StreamResponse):
    """Writes head and body in one piece, the headers in the order that the response has them.

    aiohttp's own response would do, at a third of the server's speed: it builds, completes and
    copies a header map that here is final from the start.
    """

    def __init__(
        self,
        response: Response,
        batcher: WriteBatcher,
        *,
        last: bool = False,
        is_stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        """`last`: nothing can be read from this connection any more."""
        super().__init__(status=response.status)
        self._response = response
        self._batcher = batcher
        self._last = last
        self._is_stopping = is_stopping
        self._stays_open = False
        self._chunked = True

    @property
    def keep_alive(self) -> bool:
        """Whether the connection is open for another request; read by aiohttp."""
        return self._stays_open

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        """Write the whole response; called by aiohttp.

        Raises:
            ConnectionResetError: the client has gone.
        """
        transport = request.transport
        response, has_1_1 = self._response, bool(request.version.minor)
        if transport is None:
            for note in response.on_complete:
                note(False)
            raise ConnectionResetError("the client has gone")
        if response.status in WITHOUT_BODY:
            response.body = b""
        body = response.body
        # A stream has no length: before HTTP/1.1 its end is the end of the connection.
        self._chunked = has_1_1 or type(body) is bytes
        self._stays_open = request.keep_alive and not self._last and self._chunked
        if not self._stays_open:
            connection = "Connection: close\r\n"
        else:
            connection = "" if has_1_1 else "Connection: keep-alive\r\n"
        if not response.takes_time and not response.on_complete and type(body) is bytes:
            if transport.get_write_buffer_size():  # the client reads more slowly than we write
                await request.writer.drain()
            head = self._head(len(body), connection)
            self._batcher.add(transport, head if request.method == "HEAD" else head + body)
            if not self._stays_open:
                self._batcher.flush()
        else:
            self._batcher.flush()
            reply = self._reply(connection, body_wanted=request.method != "HEAD")
            await self._deliver(Connection(transport, self._is_stopping), reply)
            self._stays_open = self._stays_open and not transport.is_closing()
        if self._last:
            request.protocol.force_close()
        return None

    def _reply(self, connection: str, *, body_wanted: bool) -> Reply:
        """Return the response as a fault may deliver it."""
        body = self._response.body
        if body_wanted:
            return Reply(partial(self._head, connection=connection), body, chunked=self._chunked)
        length = len(body) if isinstance(body, bytes) else None
        return Reply(lambda _: self._head(length, connection), b"")

    async def _deliver(self, connection: Connection, reply: Reply) -> None:
        """Send what takes time: late, as a stream, or in the way that a fault delivers."""
        response, completed = self._response, False
        try:
            if response.delay:
                await connection.pause(response.delay)
            if response.on_start is not None:
                response.on_start()
            if response.delivery is None:
                completed = await connection.send_reply(reply)
            else:
                await response.delivery(connection, reply)
                completed = response.only_delays
        finally:
            if not isinstance(response.body, bytes):
                response.body.close()
            for note in response.on_complete:
                note(completed)

    def _head(self, length: int | None, connection: str) -> bytes:
        response = self._response
        lines = [f"{name}: {value}\r\n" for name, value in response.headers.items()]
        if response.repeated:
            for name, values in response.repeated.items():
                lines += [f"{name}: {value}\r\n" for value in values]
        if length is None:
            framing = "Transfer-Encoding: chunked\r\n" if self._chunked else ""
        else:
            framing = "" if response.status in WITHOUT_LENGTH else f"Content-Length: {length}\r\n"
        status, date = _status_line(response.status), _date(self._batcher.second())
        return f"{status}{''.join(lines)}{framing}{date}{connection}\r\n".encode("latin-1")

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
    """Return the headers that every response ends with."""
    return f"Date: {formatdate(second, usegmt=True)}\r\nServer: mockserver\r\n"
