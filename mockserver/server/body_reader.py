"""Reads the body of a request from its socket: bounded, and never longer than it is waited for."""

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from mockserver.api.shared.operation import Reader

BODY_TIMEOUT_SECONDS = 30.0
"""How long the next part of a body may take."""

DRAIN_FACTOR = 4
"""How much of a body that is too large is read and dropped, in multiples of the limit, so that the
client reads its 413 and not a broken pipe; beyond it the connection is closed."""

Body = tuple[bytes, str | None]
"""A body, and the error of the catalogue that one has earned which could not be read."""


async def read_whole(request: web.BaseRequest, limit: int) -> Body:
    """Read a body whole; `limit` is in bytes.

    Raises:
        ConnectionError: the client has gone.
    """
    read = 0
    chunks: list[bytes] = []
    try:
        while chunk := await asyncio.wait_for(request.content.readany(), BODY_TIMEOUT_SECONDS):
            read += len(chunk)
            if read <= limit:
                chunks.append(chunk)
            else:
                chunks.clear()
                if read > DRAIN_FACTOR * limit:
                    break
    except (HttpProcessingError, web.RequestPayloadError):
        # Compressed or chunked, but not so that it can be read: nor can what follows.
        return b"", "not_json"
    except TimeoutError:
        return b"", "request_timeout"
    return (b"".join(chunks), None) if read <= limit else (b"", "body_too_large")


READERS: dict[Reader, Callable[[web.BaseRequest, int], Awaitable[Body]]] = {
    "whole": read_whole,
}
"""The function for each way to read a body that an operation may name."""
