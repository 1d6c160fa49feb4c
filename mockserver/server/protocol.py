"""aiohttp's server, with the API's own words for what is no HTTP."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from aiohttp import web
from aiohttp.http import RawRequestMessage
from aiohttp.http_exceptions import HttpProcessingError

from mockserver.messages import Tell
from mockserver.server.dispatcher import Dispatcher

HTTP_OPTIONS: dict[str, Any] = {"auto_decompress": False}
"""The options of aiohttp's protocol. It would decompress as far as the installed libraries let it,
and `server/body_reader.py` does so everywhere alike."""

Refuse = Callable[[web.BaseRequest, BaseException | None], web.StreamResponse]


class HttpServer(web.Server):
    """A server whose connections have what they cannot read refused by the dispatcher."""

    def __init__(self, dispatcher: Dispatcher, tell: Tell) -> None:
        super().__init__(dispatcher.__call__)
        self._refuse = dispatcher.refuse
        self._log = _log(tell)

    def __call__(self) -> web.RequestHandler:
        """Return the protocol of a new connection."""
        return _Protocol(self, self._refuse, self._log)


class _Protocol(web.RequestHandler):
    __slots__ = ("_refuse",)

    def __init__(self, server: HttpServer, refuse: Refuse, log: logging.Logger) -> None:
        loop = asyncio.get_running_loop()
        options: dict[str, Any] = {"access_log": None, "logger": log, **HTTP_OPTIONS}
        super().__init__(server, loop=loop, **options)
        self._refuse = refuse

    def data_received(self, data: bytes) -> None:
        """Fail a body that waits for more where what came is no HTTP; called by the event loop.

        Of a chunk that cannot be read aiohttp only tells the next request, which never comes.
        """
        super().data_received(data)
        if self._messages and not isinstance(self._messages[-1][0], RawRequestMessage):
            self._fail_bodies()

    def _fail_bodies(self) -> None:
        bodies = [body for _, body in self._messages]
        if self._current_request is not None:
            bodies.append(self._current_request.content)
        for body in bodies:
            if not body.is_eof():
                body.set_exception(web.RequestPayloadError("not readable"))

    def resume_reading(self, *args: Any, **options: Any) -> None:
        """Resume reading where it was paused; called by aiohttp for every body that is read.

        Its own method runs the parser once more, which is for nothing where nothing was paused.
        """
        if self._reading_paused:
            super().resume_reading(*args, **options)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Refuse what cannot be read, or could not be handled; called by aiohttp."""
        return self._refuse(request, exc)


class _TellingHandler(logging.Handler):
    """Passes on what aiohttp logs; of invalid HTTP only what is wrong, without a traceback."""

    def __init__(self, tell: Tell) -> None:
        super().__init__(logging.WARNING)
        self._tell = tell

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, HttpProcessingError | web.RequestPayloadError):
            what = str(getattr(error, "message", error)).partition("\n")[0]
            self._tell("warning", f"mockserver: a client sent invalid HTTP: {what}")
        else:
            self._tell("error", self.format(record))


def _log(tell: Tell) -> logging.Logger:
    """Return a logger for aiohttp, one for each server: the global one has one form for all."""
    log = logging.Logger("mockserver.http", logging.WARNING)
    log.addHandler(_TellingHandler(tell))
    return log
