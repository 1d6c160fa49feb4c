"""Reads the body of a request from its socket: bounded, and never longer than it is waited for."""

import asyncio
import zlib
from typing import NamedTuple

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from mockserver.http.form import Form

BODY_TIMEOUT_SECONDS = 30.0
"""How long the next part of a body may take."""

DRAIN_FACTOR = 4
"""How much of a body that is too large is read and dropped, in multiples of the limit, so that the
client reads its 413 and not a broken pipe; beyond it the connection is closed."""

_GZIP_BITS = 16 + zlib.MAX_WBITS
_WINDOW_BITS = {"gzip": _GZIP_BITS, "x-gzip": _GZIP_BITS, "deflate": zlib.MAX_WBITS}
"""The parameter of zlib for each value of `Content-Encoding` that is decoded."""


class Body(NamedTuple):
    """A body; of a form its JSON and the form itself.

    `error` names the error of the catalogue that a body has earned which could not be read.
    """

    content: bytes = b""
    error: str | None = None
    form: Form | None = None


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
        # Chunked, but not so that it can be read: nor can what follows.
        return Body(error="not_json")
    except TimeoutError:
        return Body(error="request_timeout")
    if read > limit:
        return Body(error="body_too_large")
    return decoded(request, b"".join(chunks), limit)


def decoded(request: web.BaseRequest, body: bytes, limit: int) -> Body:
    """Decode a body as its `Content-Encoding` says, at most `limit` bytes of it.

    Only what the standard library decodes is known, so that all machines answer alike. Others, such
    as `br` and `zstd`, earn a 415 [inferred]; what does not match its encoding is no JSON.
    """
    encoding = request.headers.get("Content-Encoding", "").strip().lower()
    if not body or encoding in ("", "identity"):
        return Body(body)
    decoder = decoder_for(encoding, body)
    if decoder is None:
        return Body(error="unsupported_encoding")
    try:
        plain = decoder.decompress(body, limit + 1)
    except zlib.error:
        return Body(error="not_json")
    if len(plain) > limit:
        return Body(error="body_too_large")
    is_whole = decoder.eof and not decoder.unused_data
    return Body(plain) if is_whole else Body(error="not_json")


def decoder_for(encoding: str, begin: bytes) -> "zlib._Decompress | None":
    """Return the decoder of a body that begins with `begin`; None of an unknown encoding."""
    if encoding not in _WINDOW_BITS:
        return None
    # Many clients say deflate and leave out the header of zlib, which begins with an 8.
    has_header = encoding != "deflate" or not begin or begin[0] & 0x0F == 8
    return zlib.decompressobj(_WINDOW_BITS[encoding] if has_header else -zlib.MAX_WBITS)
