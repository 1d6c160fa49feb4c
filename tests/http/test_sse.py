"""Server-sent events, byte for byte."""

import pytest

from mockserver.http.connection import Piece, Reply
from mockserver.http.sse import Event, Stream, encode


@pytest.mark.parametrize(
    ("event", "encoded"),
    [
        (Event("done", b"[DONE]"), b"event: done\ndata: [DONE]\n\n"),
        (Event(None, b"{}"), b"data: {}\n\n"),
        (Event("e", b""), b"event: e\ndata: \n\n"),
        (Event("e", b"a\nb"), b"event: e\ndata: a\ndata: b\n\n"),
        (Event("e", "é".encode(), delay=1), "event: e\ndata: é\n\n".encode()),
    ],
)
def test_an_event_is_a_name_its_data_and_a_blank_line(event: Event, encoded: bytes) -> None:
    assert encode(event) == encoded


def head(length: int | None) -> bytes:
    return b"chunked;" if length is None else b"%d;" % length


def events(pulled: list[int]) -> Stream:
    for number in range(2):
        pulled.append(number)
        yield Event(None, b"%d" % number, delay=number / 10)


def test_the_pieces_of_a_stream_are_its_head_a_chunk_for_each_event_and_the_end() -> None:
    pieces = list(Reply(head, events([])).pieces())

    assert pieces == [
        Piece(b"chunked;"),
        Piece(b"9\r\ndata: 0\n\n\r\n"),
        Piece(b"9\r\ndata: 1\n\n\r\n", delay=0.1),
        Piece(b"0\r\n\r\n"),
    ]


def test_an_event_is_pulled_when_the_one_before_has_been_taken() -> None:
    pulled: list[int] = []
    pieces = Reply(head, events(pulled)).pieces()

    next(pieces)
    assert pulled == []
    next(pieces)
    assert pulled == [0]


def test_without_chunks_the_events_go_out_as_they_are() -> None:
    pieces = Reply(head, events([]), chunked=False).pieces()

    assert [piece.data for piece in pieces] == [b"chunked;", b"data: 0\n\n", b"data: 1\n\n"]


def test_a_body_of_bytes_is_one_piece() -> None:
    assert list(Reply(head, b"body").pieces()) == [Piece(b"4;body")]


def test_a_fault_may_ask_for_the_whole_of_a_stream() -> None:
    assert Reply(head, events([])).whole() == b"18;data: 0\n\ndata: 1\n\n"
