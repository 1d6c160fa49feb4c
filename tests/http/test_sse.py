"""Server-sent events, byte for byte."""

import pytest

from mockserver.http.connection import BATCH_BYTES, EVENT_BYTES, Piece, Reply
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


# ── What is due at once goes out together ────────────────────────────────────────


def batches(*events: Event) -> list[Piece]:
    return list(Reply(head, (one for one in events)).batches())


def event(text: bytes, delay: float = 0.0) -> Event:
    return Event(None, text, delay)


def chunk(text: bytes) -> bytes:
    data = b"data: %b\n\n" % text
    return b"%x\r\n%b\r\n" % (len(data), data)


def test_the_first_event_goes_out_at_once_and_the_others_together_each_as_a_chunk() -> None:
    assert batches(event(b"a"), event(b"b"), event(b"c")) == [
        Piece(b"chunked;" + chunk(b"a")),
        Piece(chunk(b"b") + chunk(b"c") + b"0\r\n\r\n"),
    ]


def test_an_event_that_waits_holds_back_none_of_those_before_it() -> None:
    assert batches(event(b"a", 0.5), event(b"b"), event(b"c", 0.2), event(b"d")) == [
        Piece(b"chunked;"),
        Piece(chunk(b"a") + chunk(b"b"), delay=0.5),
        Piece(chunk(b"c") + chunk(b"d") + b"0\r\n\r\n", delay=0.2),
    ]


def test_where_a_stream_breaks_off_the_events_before_go_out_and_none_behind() -> None:
    cut = Event(None, b"", raw=b"dat", end="rst")

    assert batches(event(b"a"), event(b"b"), cut, event(b"c"))[1:] == [
        Piece(chunk(b"b") + b"3\r\ndat\r\n", end="rst")
    ]


def test_a_piece_has_a_size_so_that_other_streams_get_their_turn() -> None:
    pieces = batches(*(event(b"x" * 1000) for _ in range(200)))

    assert max(len(piece.data) for piece in pieces) < BATCH_BYTES + 1100
    assert b"".join(piece.data for piece in pieces).count(b"\r\ndata: ") == 200


def test_many_small_events_do_not_go_out_in_one_piece_either() -> None:
    pieces = batches(*(event(b"x") for _ in range(1000)))

    assert max(piece.data.count(b"data") for piece in pieces) <= BATCH_BYTES // EVENT_BYTES


def test_a_body_of_bytes_is_one_batch() -> None:
    assert list(Reply(head, b"body").batches()) == [Piece(b"4;body")]
