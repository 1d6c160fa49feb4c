"""The stream ends with an `error` event."""

from collections.abc import Iterator

from mockserver.faults.options import switch, text
from mockserver.faults.stream import PLACE, StreamFault, until
from mockserver.http import json_codec
from mockserver.http.sse import Event, Stream


def rewrite(
    events: Stream,
    *,
    after_events: int | None,
    at: str | None,
    flat: bool | None,
    message: str,
    code: str,
) -> Iterator[Event]:
    """Yield the events before the place, then an error; the stream ends there.

    The error is nested, as the Python SDK wants it to raise; the published schema has it flat.
    """
    for event, is_here in until(events, after_events, at):
        if is_here:
            error = {"message": message, "type": "server_error", "param": None, "code": code}
            data = error if flat else {"error": error}
            yield Event("error", json_codec.compact(data), event.delay)
            return
        yield event


FAULT = StreamFault(
    "stream_error",
    "an error event, then the end: APIError; with flat: true only Node's SDK raises",
    rewrite,
    (
        *PLACE,
        switch("flat", "true for an error that is not nested in `error`"),
        text("message", "the message", "The server had an error while processing your request."),
        text("code", "the code", "server_error"),
    ),
    breaks=True,
)
