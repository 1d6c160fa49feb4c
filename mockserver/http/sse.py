"""Server-sent events: what a stream yields, and its bytes on the wire."""

from collections.abc import Generator
from typing import NamedTuple


class Event(NamedTuple):
    """One server-sent event; `delay` is how long the writer waits before it, in seconds."""

    name: str | None
    data: bytes
    delay: float = 0.0


Stream = Generator[Event, None, None]
"""The body of a response that streams. The response writer pulls one event after the other, so
what the generator does between two events happens when the earlier one is out."""

CONTENT_TYPE = "text/event-stream; charset=utf-8"


def encode(event: Event) -> bytes:
    """Return an event as it goes over the wire: `event:`, `data:`, and a blank line [recorded].

    A line break inside the data begins a further `data:` line, as the standard wants it.
    """
    name = b"" if event.name is None else b"event: %b\n" % event.name.encode()
    lines = b"".join(b"data: %b\n" % line for line in event.data.split(b"\n"))
    return name + lines + b"\n"
