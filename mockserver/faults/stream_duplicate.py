"""An event of the stream comes twice."""

from collections.abc import Iterator

from mockserver.faults.stream import StreamFault, until
from mockserver.http.sse import Event, Stream


def rewrite(events: Stream, *, after_events: int | None, at: str | None) -> Iterator[Event]:
    """Yield all events, the one at the place twice."""
    for event, is_here in until(events, after_events, at):
        yield event
        if is_here:
            yield event._replace(delay=0.0)


FAULT = StreamFault(
    "stream_duplicate",
    "one event twice: text doubles; only Node, since 7.x, raises for a message created twice",
    rewrite,
)
