"""The stream falls silent, and the connection stays open."""

from collections.abc import Iterator

from mockserver.faults.stream import StreamFault, until
from mockserver.http.sse import Event, Stream


def rewrite(events: Stream, *, after_events: int | None, at: str | None) -> Iterator[Event]:
    """Yield the events before the place; then say nothing more."""
    for event, is_here in until(events, after_events, at):
        if is_here:
            yield Event(None, b"", event.delay, raw=b"", end="stall")
            return
        yield event


FAULT = StreamFault(
    "stream_stall",
    "silence inside the stream, the connection open: a read timeout; Node's SDK waits on",
    rewrite,
    breaks=True,
)
