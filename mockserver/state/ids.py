"""Ids in the real service's formats, derived from requests.

An id is a function of the seed and the request, never a counter or a random number. So it does not
depend on other requests. To add a format, add a line to `FORMATS`.
"""

from collections.abc import Callable, Iterator
from hashlib import blake2b
from itertools import count
from typing import Literal
from uuid import UUID

_ALPHABET = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_TO_ALPHANUMERIC = bytes(_ALPHABET[i % 62] for i in range(256))

Format = Callable[[bytes, int], str]
"""Takes a 32-byte digest and the clock's start, in seconds; returns an id."""


_HASHERS = {size: blake2b(digest_size=size) for size in (8, 16, 32)}
"""A hasher for each size of a digest: copying one is faster than creating one."""


def digest(*parts: bytes, size: Literal[8, 16, 32] = 32) -> bytes:
    """Return a hash of `size` bytes; only the last part may have newlines."""
    hasher = _HASHERS[size].copy()
    hasher.update(b"\n".join(parts))
    return hasher.digest()


def _alphanumeric(prefix: str, length: int) -> Format:
    def make(source: bytes, started: int) -> str:
        return prefix + source[:length].translate(_TO_ALPHANUMERIC).decode()

    return make


def _hex(prefix: str) -> Format:
    """Return a format of 32 hexadecimal digits."""

    def make(source: bytes, started: int) -> str:
        return f"{prefix}{source[:16].hex()}"

    return make


def _hex_with_time(prefix: str) -> Format:
    """Return a format of 8 hexadecimal digits of time and 24 others.

    Ids that begin with `vs_`, `upload_` or `part_` have had it since 2025.
    """

    def make(source: bytes, started: int) -> str:
        return f"{prefix}{started:08x}{source[:12].hex()}"

    return make


def shares(*source: bytes) -> Iterator[float]:
    """Yield numbers from 0 to 1 that derive from a source, without end."""
    for nth in count():
        yield int.from_bytes(digest(b"%d" % nth, *source, size=8)[1:]) / 2**56


FORMATS: dict[str, Format] = {
    "assistant": _alphanumeric("asst_", 24),
    "thread": _alphanumeric("thread_", 24),
    "message": _alphanumeric("msg_", 24),
    "run": _alphanumeric("run_", 24),
    "run_step": _alphanumeric("step_", 24),
    "tool_call": _alphanumeric("call_", 24),
    "file": _alphanumeric("file-", 22),
    "foundry_file": _alphanumeric("assistant-", 22),
    "upload": _hex_with_time("upload_"),
    "upload_part": _hex_with_time("part_"),
    "vector_store": _hex_with_time("vs_"),
    "file_batch": _hex("vsfb_ibj_"),
}
"""The format of ids, by kind of object [recorded]."""


def request_id(source: bytes) -> str:
    """Return an `x-request-id` in the real service's format [recorded]."""
    return "req_" + source[:16].hex()


def uuid(source: bytes) -> str:
    """Return an `x-request-id` in Azure's format [recorded]."""
    return str(UUID(bytes=source[:16], version=4))


def processing_ms(source: bytes) -> int:
    """Return an `openai-processing-ms` of a realistic size: 100 to 355."""
    return 100 + source[-1]
