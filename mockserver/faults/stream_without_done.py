"""The stream ends without its `done` event."""

from collections.abc import Iterator

from mockserver.faults.stream import StreamFault
from mockserver.http.sse import Event, Stream, pause


def rewrite(events: Stream) -> Iterator[Event]:
    """Yield all events but the last."""
    for event in events:
        yield pause(0) if event.name == "done" else event


FAULT = StreamFault(
    "stream_without_done", "every event but `done`, and a proper end: no SDK raises", rewrite, ()
)
