"""Reads the form of a multipart body from its socket, piece by piece: a file is in memory once."""

import asyncio
import hashlib
import io
import zlib
from collections.abc import AsyncIterator
from email.message import Message
from email.utils import collapse_rfc2231_value
from typing import Any, cast

from aiohttp import BodyPartReader, MultipartReader, StreamReader, web
from aiohttp.http_exceptions import HttpProcessingError

from mockserver.http.form import Field, FilePart, Form
from mockserver.http.response import JSON
from mockserver.server.body_reader import (
    BODY_TIMEOUT_SECONDS,
    DRAIN_FACTOR,
    Body,
    decoder_for,
    read_whole,
)

PIECE = 2**18
"""How many bytes of a file are taken at a time."""

TEXT_PIECE = 2**12
"""The same of a text: what is taken beyond its end has to be put back."""

MAX_LINE = 16_384
"""The longest line of a part's header, in bytes."""

MAX_TEXT = 65_536
"""The longest value of a field that is no file, in bytes."""

MAX_PARTS = 1000

MULTIPART = "multipart/form-data"


_NO_FORM = (
    *(web.RequestPayloadError, HttpProcessingError, ValueError, zlib.error),
    AssertionError,  # of aiohttp before 3.14, where a body ends early
)
"""What is raised for a body that ends early, or that is not what its Content-Type says."""


class _UnusableError(Exception):
    """The body cannot be used; the argument names the error of the catalogue."""


async def read_multipart(request: web.BaseRequest, limit: int) -> Body:
    """Read a form; `limit` is the size of the whole body once it is decoded, in bytes.

    A body that does not say its boundary is a form without fields, as it is to the real service
    [recorded for images].

    Raises:
        ConnectionError: the client has gone.
    """
    if request.content_type != MULTIPART:
        error = (await read_whole(request, limit)).error
        return Body(error="request_timeout" if error == "request_timeout" else "not_multipart")
    source = _Source(request, limit)
    try:
        fields = [field async for field in _fields(request, source)]
        error = None
    except TimeoutError:
        return Body(error="request_timeout")
    except _UnusableError as unusable:
        error = str(unusable)
    except _NO_FORM as broken:
        broken.__traceback__ = None  # the stream may keep it, and with it what was read
        error = "multipart_unreadable"
    try:
        await source.drop_rest()
    except TimeoutError:
        return Body(error="request_timeout")
    except (web.RequestPayloadError, HttpProcessingError):
        return Body(error="multipart_unreadable")
    if error is not None:
        return Body(error=error)
    form = Form(fields)
    return Body(form.encoded(), form=form)


async def _fields(request: web.BaseRequest, source: "_Source") -> AsyncIterator[Field]:
    """Yield the fields of a body in their order.

    Raises:
        ValueError: the body is no form.
    """
    head = Message()
    head["Content-Type"] = request.headers["Content-Type"]
    boundary = head.get_boundary()
    if not boundary:
        return
    # Of form-data, aiohttp would look at the first field itself, and warn of a name that it cannot
    # read: where warnings are errors that is an exception.
    headers = {"Content-Type": f'multipart/mixed; boundary="{boundary}"'}
    # The reader asks a stream for no more than `_Source` has.
    reader = _Reader(headers, cast("StreamReader", source))
    for _ in range(MAX_PARTS):
        part = await reader.next()
        if part is None:
            return
        if not isinstance(part, BodyPartReader):
            raise ValueError("a form inside a form")
        yield await _field(part)
    raise ValueError("too many parts")


async def _field(part: BodyPartReader) -> Field:
    names = _disposition(part.headers.get("Content-Disposition", ""))
    if "name" not in names:
        raise ValueError("a part without a name")
    content_type = _readable(part.headers.get("Content-Type", ""))
    is_file = "filename" in names or not _is_text(content_type)
    content, digest = io.BytesIO(), hashlib.sha256()
    while not part.at_eof():
        piece = await part.read_chunk(PIECE if is_file else TEXT_PIECE)
        content.write(piece)
        if is_file:
            digest.update(piece)
        elif content.tell() > MAX_TEXT:
            raise ValueError("a text that is too long")
    # Of a buffer that is exactly full, the bytes are handed over without a copy.
    value = content.getvalue()
    if not is_file:
        return names["name"], value.decode("utf-8", "replace")
    filename = names.get("filename", "")
    return names["name"], FilePart(filename, content_type, value, digest.hexdigest())


def _is_text(content_type: str) -> bool:
    """Return whether a part without a filename is a text: azure-ai-agents names no file."""
    media_type = content_type.partition(";")[0].strip().lower()
    return not media_type or media_type.startswith("text/") or media_type == JSON


def _disposition(header: str) -> dict[str, str]:
    """Return the parameters of a part's `Content-Disposition`: `name`, and of a file `filename`.

    `filename*` wins over `filename` [RFC 6266, 4.3].
    """
    message = Message()
    message["Content-Disposition"] = _readable(header)
    parameters = message.get_params([], "content-disposition")
    return {name.lower(): collapse_rfc2231_value(value) for name, value in parameters}


def _readable(header: str) -> str:
    """Return a header in which bytes that are not UTF-8 are read as Latin-1."""
    raw = header.encode("utf-8", "surrogateescape")
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


class _Part(BodyPartReader):
    """A part of a form: it ends with its boundary, whatever length it says [RFC 7578, 4.8]."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **{**options, "subtype": "form-data"})


class _Reader(MultipartReader):
    part_reader_cls = _Part


class _Source:
    """A body as aiohttp's multipart reader reads it: decoded, counted, and never waited for long.

    aiohttp's own stream would do for a body that is not encoded; but to push bytes back into it is
    deprecated, though its multipart reader does so.
    """

    def __init__(self, request: web.BaseRequest, limit: int) -> None:
        self._stream = request.content
        self._encoding = request.headers.get("Content-Encoding", "").strip().lower()
        self._decoder: zlib._Decompress | None = None
        self._limit = limit
        self._taken = 0
        self._came = 0
        self._bytes = b""
        self._at = 0
        self._is_over = False

    def at_eof(self) -> bool:
        """Return whether all of the body was read."""
        return self._is_over and self._at == len(self._bytes)

    async def read(self, size: int) -> bytes:
        """Return at most `size` bytes, and none at the end alone."""
        if self._at == len(self._bytes) and not await self._more():
            return b""
        taken = self._bytes[self._at : self._at + size]
        self._at += len(taken)
        return taken

    async def readline(self, *, max_line_length: int | None = None) -> bytes:
        """Return the next line with its end, or what there is at the end of the body.

        Raises:
            ValueError: the line is too long.
        """
        while (end := self._bytes.find(b"\n", self._at, self._at + MAX_LINE)) < 0:
            if len(self._bytes) - self._at >= MAX_LINE:
                raise ValueError("a line that is too long")
            if not await self._more():
                end = len(self._bytes) - 1
                break
        line = self._bytes[self._at : end + 1]
        self._at = end + 1
        return line

    def unread_data(self, data: bytes) -> None:
        """Put bytes back, to be read next."""
        self._bytes = data + self._bytes[self._at :]
        self._at = 0

    async def drop_rest(self) -> None:
        """Read what is left of the body, so that the client reads its response, and not forever."""
        self._bytes, self._at = b"", 0
        while self._came <= DRAIN_FACTOR * self._limit and await self._piece():
            pass

    async def _more(self) -> bool:
        """Add to the bytes at hand; return whether there was more."""
        while not self._is_over:
            piece = self._decoded(await self._pending())
            if piece:
                self._taken += len(piece)
                if self._taken > self._limit:
                    raise _UnusableError("body_too_large")
                self._bytes = self._bytes[self._at :] + piece
                self._at = 0
                return True
        return False

    async def _pending(self) -> bytes:
        """Return what is to be decoded next."""
        if self._decoder is not None and self._decoder.unconsumed_tail:
            return self._decoder.unconsumed_tail
        return await self._piece()

    async def _piece(self) -> bytes:
        async with asyncio.timeout(BODY_TIMEOUT_SECONDS):
            piece = await self._stream.readany()
        self._came += len(piece)
        return piece

    def _decoded(self, piece: bytes) -> bytes:
        if self._encoding in ("", "identity"):
            self._is_over = not piece
            return piece
        if self._decoder is None:
            self._decoder = decoder_for(self._encoding, piece)
            if self._decoder is None:
                raise _UnusableError("unsupported_encoding")
        plain = self._decoder.decompress(piece, PIECE)
        self._is_over = not piece and not plain
        if self._decoder.unused_data or (self._is_over and not self._decoder.eof):
            raise ValueError("not encoded as it says")
        return plain
