"""Chunks: they cover the text, overlap as was said, and are no larger than was said."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.api.vector_stores.chunks import BYTES_PER_TOKEN, Chunking, chunks, usage_bytes

texts = st.one_of(
    st.text(max_size=3000),
    st.lists(st.sampled_from(["word", "你好", "é" * 300, " ", "\n\n", " " * 500])).map("".join),
    st.integers(0, 5000).map(lambda count: "word " * count),
)


@st.composite
def chunkings(draw: st.DrawFn) -> Chunking:
    """What a request may ask for."""
    size = draw(st.integers(100, 4096))
    return Chunking(size, draw(st.integers(0, size // 2)))


@given(texts, chunkings())
def test_chunks_cover_the_text_in_its_order(text: str, chunking: Chunking) -> None:
    covered = 0
    for chunk in chunks(text, chunking):
        begin = text.rfind(chunk, 0, covered + len(chunk))
        assert 0 <= begin <= covered
        covered = max(covered, begin + len(chunk))
    assert covered == len(text)


@given(texts, chunkings())
def test_no_chunk_is_larger_than_was_said(text: str, chunking: Chunking) -> None:
    sizes = [len(chunk.encode()) for chunk in chunks(text, chunking)]

    assert max(sizes) <= chunking.size * BYTES_PER_TOKEN
    # A word that did not fit any more is what is missing.
    assert all(size > chunking.size * BYTES_PER_TOKEN - 400 for size in sizes[:-1])


@given(texts, st.integers(100, 4096))
def test_chunks_without_overlap_are_the_text(text: str, size: int) -> None:
    assert "".join(chunks(text, Chunking(size, 0))) == text


@pytest.mark.parametrize(("size", "overlap"), [(100, 50), (800, 400), (1000, 1), (4096, 2048)])
def test_chunks_overlap_by_as_much_as_was_said(size: int, overlap: int) -> None:
    words = (f"{number % 1000:03d} " for number in range(9_000))  # of four bytes: a token
    text = "".join(words)

    made = list(chunks(text, Chunking(size, overlap)))

    assert len(made) > 1
    for one, following in pairwise(made):
        assert following.startswith(one[-overlap * BYTES_PER_TOKEN :])
        assert len(one) == size * BYTES_PER_TOKEN


def test_an_empty_text_is_one_chunk() -> None:
    assert list(chunks("", Chunking())) == [""]


def test_a_small_file_takes_as_much_as_was_recorded() -> None:
    assert usage_bytes(21, 1) == 1045
