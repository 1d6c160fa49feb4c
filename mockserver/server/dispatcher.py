"""Takes a request off the wire, has it answered, and puts the response back."""

import re
import weakref
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from aiohttp import HttpVersion11, web
from aiohttp.http_exceptions import HttpProcessingError
from multidict import CIMultiDict, istr

from mockserver.api.shared.errors import ApiError
from mockserver.api.shared.operation import BODY_LIMIT, Reader
from mockserver.api.shared.routing import Route, Router
from mockserver.control.control_api import PREFIX, STATE, ControlApi
from mockserver.http.request import Request
from mockserver.http.response import Response
from mockserver.messages import Tell
from mockserver.pipeline.cors import Cors
from mockserver.pipeline.pipeline import Pipeline
from mockserver.server import index_page
from mockserver.server.body_reader import Body, decoded, read_whole
from mockserver.server.multipart import read_multipart
from mockserver.server.response_writer import ResponseWriter
from mockserver.server.write_batcher import WriteBatcher

CLIENT_GONE = Response(400, b"")
"""The response to a client that has gone: aiohttp finds the connection closed, and no more."""

UNREADABLE = ("not_json", "request_timeout", "multipart_unreadable")
"""The errors of a body after which nothing more can be read from a connection."""

READERS: dict[Reader, Callable[[web.BaseRequest, int], Awaitable[Body]]] = {
    "whole": read_whole,
    "multipart": read_multipart,
}
"""The function for each way to read a body that an operation may name."""

FORM_OVERHEAD = 2**20
"""How many bytes a form may have beside its files."""

CONTENT_ENCODING = istr("Content-Encoding")

_QUOTED = re.compile(r":? *(b['\"]|bytearray\(|(?<=: )['\"]|(?<=line )['\"]).*")
"""What a message of aiohttp quotes of a request, and what follows it."""


class Dispatcher:
    """A handler for `web.Server` and for `web.Application` alike."""

    def __init__(
        self,
        router: Router,
        pipeline: Pipeline,
        control: ControlApi,
        cors: Cors | None,
        tell: Tell,
        files_limit: int,
    ) -> None:
        """`files_limit` is how much the files of a key may have, in bytes."""
        self._router = router
        self._pipeline = pipeline
        self._control = control
        self._cors = cors
        self._tell = tell
        self._files_limit = files_limit
        self._batcher = WriteBatcher()
        self._stopping = False

    async def __call__(self, message: web.BaseRequest) -> web.StreamResponse:
        """Answer one request. Routing comes first: the operation says how its body is read."""
        path, _, query = message.raw_path.partition("?")
        if "://" in path[:8]:  # the absolute form, as a proxy gets it
            path = urlsplit(path).path or "/"
        method = message.method
        is_control = (path + "/").startswith(PREFIX)
        route = None if is_control else self._find_route(method, path)
        payload = message.content
        is_whole = route is None or route.reader == "whole"
        if is_whole and payload.is_eof() and payload.exception() is None:  # as a rule
            body, body_error, form = payload.read_nowait(), None, None
            limit = self._limit(path, route) if route is None else route.body_limit
            if len(body) > limit:
                body, body_error = b"", "body_too_large"
            elif body and CONTENT_ENCODING in message.headers:
                body, body_error, form = decoded(message, body, limit)
        else:
            try:
                body, body_error, form = await self._read_body(message, path, route)
            except ConnectionError as gone:
                # The stream keeps it: with a traceback, all that was read would wait for the
                # garbage collector.
                gone.__traceback__ = None
                return self._respond(CLIENT_GONE)
        transport = message.transport
        line = None if transport is None else weakref.ref(transport)
        request = Request(method, path, query, message.headers, body, body_error, line, form)
        response = self._control.answer(request) if route is None else self._ask(request, route)
        return self._respond(response, last=body_error in UNREADABLE)

    def refuse(self, message: web.BaseRequest, error: BaseException | None) -> ResponseWriter:
        """Answer what is no HTTP in the API's envelope, and what a bug stopped with its 500.

        What the real service says there, or what stands in front of it, is not recorded: status and
        words are inferred. Where not even the request line could be read, method and path are `-`.
        """
        method, path = message.method, message.raw_path.partition("?")[0]
        failure = error if isinstance(error, Exception) else RuntimeError(f"failed: {error!r}")
        if isinstance(error, HttpProcessingError):
            method = path = "-"
            # The first line, as far as it does not quote the request: it may have a key.
            why = _QUOTED.sub("", error.message.partition("\n")[0]).strip(" :.")
            self._tell("warning", f"mockserver: a client sent invalid HTTP: {why}")
            failure = ApiError("invalid_http", why=why)
        request = Request(method, path, "", CIMultiDict())
        response = self._pipeline.answer(request, Route.failed(method, path, failure))
        return self._respond(response, last=True)

    def stop(self) -> None:
        """Send what is ready, and let go of every connection that a fault holds."""
        self._batcher.flush()
        self._stopping = True

    def _find_route(self, method: str, path: str) -> Route:
        """Return the route; where the router fails, one that makes the pipeline answer for it."""
        try:
            return self._router.find(method, path)
        except Exception as failure:  # noqa: BLE001  the pipeline raises and journals it
            return Route.failed(method, path, failure)

    def _ask(self, request: Request, route: Route) -> Response:
        if index_page.is_asked_for(request):
            return index_page.response(request)
        preflight = self._cors.answer_preflight(request) if self._cors is not None else None
        return preflight or self._pipeline.answer(request, route)

    def _limit(self, path: str, route: Route | None) -> int:
        """Return how large a body may be once it is decoded, in bytes."""
        if route is not None:
            limit = route.body_limit
            return (
                limit if route.reader == "whole" else min(limit, self._files_limit) + FORM_OVERHEAD
            )
        if path == PREFIX + STATE:  # which has the files, in base64
            return BODY_LIMIT + self._files_limit * 4 // 3
        return BODY_LIMIT

    async def _read_body(self, message: web.BaseRequest, path: str, route: Route | None) -> Body:
        expected = message.headers.get("Expect", "").lower()
        # A client of HTTP/1.0 would take it for the response [RFC 9110, 10.1.1].
        if expected == "100-continue" and message.version >= HttpVersion11:
            self._batcher.flush()
            await message.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            message.writer.output_size = 0
        reader = READERS["whole" if route is None else route.reader]
        return await reader(message, self._limit(path, route))

    def _respond(self, response: Response, *, last: bool = False) -> ResponseWriter:
        return ResponseWriter(response, self._batcher, last=last, is_stopping=self._is_stopping)

    def _is_stopping(self) -> bool:
        return self._stopping
