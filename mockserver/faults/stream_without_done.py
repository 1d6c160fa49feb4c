"""The stream ends without its `done` event."""

from collections.abc import Iterator

from mockserver.faults.stream import StreamFault
from mockserver.http.sse import Event, Stream


def rewrite(events: Stream) -> Iterator[Event]:
    """Yield all events but the last."""
    return (event for event in events if event.name != "done")


FAULT = StreamFault(
    "stream_without_done", "every event but `done`, and a proper end: no SDK raises", rewrite, ()
)
