"""What is noted of a stream on its way out."""

from mockserver.http.sse import Event, Stream, pause
from mockserver.pipeline.outgoing import Outgoing


def stream(*events: Event, closed: list[str]) -> Stream:
    try:
        yield pause(0)
        yield from events
    finally:
        closed.append("closed")


def begun(*events: Event, closed: list[str] | None = None) -> Stream:
    """Return a stream that has begun, as that of a run."""
    made = stream(*events, closed=[] if closed is None else closed)
    next(made)
    return made


def stream_of(own: Stream) -> Stream:
    """Return a stream around another that has not begun."""
    yield from own


def test_all_that_is_sent_is_kept_and_counted() -> None:
    outgoing, own = Outgoing(1000), begun(Event("a", b"1"), pause(0.1), Event("b", b"2"))

    assert [event.name for event in outgoing.follow(own, own)] == ["a", None, "b"]
    assert bytes(outgoing.sent) == b"event: a\ndata: 1\n\nevent: b\ndata: 2\n\n"
    assert (outgoing.events, outgoing.is_told, outgoing.is_cut) == (2, False, False)


def test_no_more_is_kept_than_the_limit_and_one_event() -> None:
    outgoing, own = Outgoing(10), begun(*[Event("a", b"1")] * 5)

    assert len(list(outgoing.follow(own, own))) == outgoing.events == 5
    assert bytes(outgoing.sent) == b"event: a\ndata: 1\n\n"


def test_a_run_is_told_by_a_whole_event_that_says_where_it_stands() -> None:
    for name, end, told in (
        ("thread.run.completed", None, True),
        ("thread.run.requires_action", None, True),
        ("thread.run.in_progress", None, False),
        ("thread.run.completed", "fin", False),
    ):
        outgoing = Outgoing(1000)
        own = begun(Event(name, b"{}", end="fin" if end else None))
        assert len(list(outgoing.follow(own, own))) == 1
        assert (outgoing.is_told, outgoing.is_cut) == (told, end is not None)


def test_the_first_fault_that_is_injected_is_kept_with_its_place() -> None:
    outgoing, own = Outgoing(1000), begun(Event("a", b"1"), Event("b", b"2"))
    following = outgoing.follow(own, own)
    next(following)
    outgoing.inject("stream_crlf")
    next(following)
    outgoing.inject("stream_cut")

    assert (outgoing.fault, outgoing.fault_at) == ("stream_crlf", 1)


def test_to_close_what_goes_out_closes_all_behind_it_also_before_the_first_event() -> None:
    closed: list[str] = []
    own = begun(Event("a", b"1"), closed=closed)

    Outgoing(1000).follow(stream_of(own), own).close()

    assert closed == ["closed"]
