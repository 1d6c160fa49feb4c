"""An event comes in the stream that no client knows."""

from collections.abc import Iterator

from mockserver.faults.options import text
from mockserver.faults.stream import PLACE, StreamFault, until
from mockserver.http.sse import Event, Stream


def rewrite(
    events: Stream, *, after_events: int | None, at: str | None, event: str
) -> Iterator[Event]:
    """Yield all events, an unknown one in front of that at the place."""
    for one, is_here in until(events, after_events, at):
        if is_here:
            yield Event(event, b'{"object":"unknown"}')
        yield one


FAULT = StreamFault(
    "stream_unknown_event",
    "an event with an unknown name between the others: the SDKs pass it by",
    rewrite,
    (*PLACE, text("event", "the name of the event", "thread.run.paused")),
)
