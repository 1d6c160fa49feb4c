"""Sizes as people write them, in bytes."""

import pytest

from mockserver.sizes import LARGEST, as_text, byte_count


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("0", 0),
        (1000, 1000),
        ("1000", 1000),
        ("64MiB", 64 * 1024**2),
        ("64 mib", 64 * 1024**2),
        ("64M", 64 * 1024**2),
        ("1GB", 10**9),
        ("2kB", 2000),
        ("7B", 7),
        ("1PiB", None),
        ("1024TiB", LARGEST),
        ("1025TiB", None),
        ("-1", None),
        (-1, None),
        (True, None),
        ("1.5GiB", None),
        ("MiB", None),
        ("", None),
        (None, None),
    ],
)
def test_a_size_is_read(text: object, size: int | None) -> None:
    if size is None:
        with pytest.raises(ValueError, match="not a size"):
            byte_count(text)
    else:
        assert byte_count(text) == size


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 bytes"), (1, "1 bytes"), (1025, "1025 bytes"), (2048, "2 KiB"), (64 * 2**20, "64 MiB")],
)
def test_a_size_is_written(size: int, text: str) -> None:
    assert as_text(size) == text
