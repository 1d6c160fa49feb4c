"""Ids have the real service's formats and depend on the request alone."""

import re
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.state import ids
from mockserver.state.clock import EPOCH

SHAPES = {
    "assistant": r"asst_[0-9A-Za-z]{24}",
    "thread": r"thread_[0-9A-Za-z]{24}",
    "message": r"msg_[0-9A-Za-z]{24}",
    "run": r"run_[0-9A-Za-z]{24}",
    "run_step": r"step_[0-9A-Za-z]{24}",
    "tool_call": r"call_[0-9A-Za-z]{24}",
    "file": r"file-[0-9A-Za-z]{22}",
    "foundry_file": r"assistant-[0-9A-Za-z]{22}",
    "upload": r"upload_[0-9a-f]{32}",
    "upload_part": r"part_[0-9a-f]{32}",
    "file_batch": r"vsfb_ibj_[0-9a-f]{32}",
    "vector_store": r"vs_[0-9a-f]{32}",
}


@pytest.mark.parametrize("kind", ids.FORMATS)
def test_an_id_has_the_format_of_its_kind(kind: str) -> None:
    assert re.fullmatch(SHAPES[kind], ids.FORMATS[kind](ids.digest(b"a request"), EPOCH))


@pytest.mark.parametrize("kind", ids.FORMATS)
def test_the_same_source_gives_the_same_id(kind: str) -> None:
    make, source = ids.FORMATS[kind], ids.digest(b"a request")

    assert make(source, EPOCH) == make(source, EPOCH)


@pytest.mark.parametrize("kind", ids.FORMATS)
def test_another_source_gives_another_id(kind: str) -> None:
    make = ids.FORMATS[kind]

    assert make(ids.digest(b"one"), EPOCH) != make(ids.digest(b"another"), EPOCH)


@pytest.mark.parametrize(("started", "digits"), [(EPOCH, "67748580"), (1, "00000001")])
def test_the_id_of_a_vector_store_begins_with_the_time_in_hex(started: int, digits: str) -> None:
    new_id = ids.FORMATS["vector_store"](ids.digest(b"a request"), started)

    assert new_id.startswith(f"vs_{digits}")


def test_a_request_id_is_32_hexadecimal_digits() -> None:
    assert re.fullmatch(r"req_[0-9a-f]{32}", ids.request_id(ids.digest(b"a request")))


@given(st.binary(min_size=32, max_size=32))
def test_the_processing_time_is_realistic(source: bytes) -> None:
    assert 100 <= ids.processing_ms(source) <= 355


@pytest.mark.parametrize("size", [16, 32])
def test_a_digest_has_the_requested_size(size: Literal[16, 32]) -> None:
    assert len(ids.digest(b"a", b"b", size=size)) == size


def test_a_digest_depends_on_how_its_parts_are_divided() -> None:
    assert ids.digest(b"ab", b"c") != ids.digest(b"a", b"bc")
