"""The lines of the stream end in CRLF, as some proxies make them."""

from collections.abc import Iterator

from mockserver.faults.stream import StreamFault
from mockserver.http.sse import Event, Stream, encode


def rewrite(events: Stream) -> Iterator[Event]:
    """Yield all events in the other framing, which the standard allows."""
    for event in events:
        yield event if event.is_pause else event._replace(raw=encode(event, b"\r\n"))


FAULT = StreamFault(
    "stream_crlf",
    "lines that end in CRLF, which is allowed: a client that splits at LF LF sees no event",
    rewrite,
    (),
)
