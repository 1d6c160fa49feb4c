"""Ids in the real service's formats, derived from what was asked.

An id is a function of the seed and the request, never a counter or a random
number, so it does not depend on what else the server is doing. To add a format,
add a line to `FORMATS`.
"""

from collections.abc import Callable
from hashlib import blake2b

_ALPHABET = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_TO_ALPHANUMERIC = bytes(_ALPHABET[i % 62] for i in range(256))

Format = Callable[[bytes, int], str]
"""Makes an id of a 32-byte digest and the clock's start, in seconds."""


def digest(*parts: bytes, size: int = 32) -> bytes:
    """Hash `parts`; all but the last hold no newline."""
    return blake2b(b"\n".join(parts), digest_size=size).digest()


def _alphanumeric(prefix: str, length: int) -> Format:
    def make(source: bytes, started: int) -> str:
        return prefix + source[:length].translate(_TO_ALPHANUMERIC).decode()

    return make


def _hex_with_time(prefix: str) -> Format:
    """Eight digits of time and 24 more, as `vs_`, `upload_` and `part_` have been since 2025."""

    def make(source: bytes, started: int) -> str:
        return f"{prefix}{started:08x}{source[:12].hex()}"

    return make


FORMATS: dict[str, Format] = {
    "assistant": _alphanumeric("asst_", 24),
    "vector_store": _hex_with_time("vs_"),
}
"""Object kind to the format of its ids [recorded]."""


def request_id(source: bytes) -> str:
    """Give an `x-request-id` in the real service's format [recorded]."""
    return "req_" + source[:16].hex()


def processing_ms(source: bytes) -> int:
    """Give an `openai-processing-ms` of a believable size: 100 to 355."""
    return 100 + source[-1]
