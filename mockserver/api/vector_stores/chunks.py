"""The chunks of a text, which are what a search finds.

A token counts as four bytes of UTF-8, as in the usage of runs. A chunk ends at the end of a word,
unless the word is very long.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

BYTES_PER_TOKEN = 4
DEFAULT_SIZE, DEFAULT_OVERLAP = 800, 400
"""The size of a chunk and of its overlap with the next, in tokens [recorded]."""

CHUNK_BYTES = 1024
"""What the index of a chunk takes beside the file: one of 21 bytes used 1,045 [recorded]."""

_PIECE = re.compile(r"\S{1,90}\s{0,10}|\s{1,100}")
"""A word with the space behind it: at most 100 signs, so that it fits the smallest chunk."""


class Chunking(NamedTuple):
    """The size of chunks and of their overlap, in tokens."""

    size: int = DEFAULT_SIZE
    overlap: int = DEFAULT_OVERLAP


def chunks(text: str, chunking: Chunking) -> Iterator[str]:
    """Yield the chunks of a text; an empty text is one."""
    most, back = (count * BYTES_PER_TOKEN for count in chunking)
    pieces = _PIECE.findall(text) or [""]
    if text.isascii():
        sizes = [*map(len, pieces)]
    else:
        sizes = [len(piece.encode("utf-8", "replace")) for piece in pieces]
    first = 0
    while True:
        last, size = first, 0
        while last < len(pieces) and (last == first or size + sizes[last] <= most):
            size += sizes[last]
            last += 1
        yield "".join(pieces[first:last])
        if last == len(pieces):
            return
        overlap, begin = 0, last
        while begin > first + 1 and overlap + sizes[begin - 1] <= back:
            begin -= 1
            overlap += sizes[begin]
        first = begin


def usage_bytes(size: int, count: int) -> int:
    """Return how many bytes a file of a size takes in a store, in `count` chunks [inferred]."""
    return size + CHUNK_BYTES * count
