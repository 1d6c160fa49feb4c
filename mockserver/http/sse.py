"""Server-sent events: what a stream yields, and its bytes on the wire."""

from collections.abc import Generator
from functools import lru_cache
from typing import Any, Literal, NamedTuple

End = Literal["fin", "rst", "stall"]
"""How a stream breaks off: it is closed, reset, or says nothing more."""


class Event(NamedTuple):
    """One server-sent event; `delay` is how long the writer waits before it, in seconds.

    `raw` are the bytes that go out in place of its own, where a fault has changed them. `end` says
    that the stream breaks off behind it, and how. `fault` marks the place of a fault, with its
    options.
    """

    name: str | None
    data: bytes
    delay: float = 0.0
    raw: bytes | None = None
    end: End | None = None
    fault: tuple[str, dict[str, Any]] | None = None

    @property
    def is_pause(self) -> bool:
        """Whether it only lets time go by: a stream waits for something, and looks again."""
        return self.raw == b"" and self.end is None and self.fault is None


Stream = Generator[Event, None, None]
"""The body of a response that streams. The response writer pulls one event after the other, so
what the generator does between two events happens when the earlier one is out."""

CONTENT_TYPE = "text/event-stream; charset=utf-8"


def pause(seconds: float) -> Event:
    """Return an event that is not sent: the stream is asked again after some seconds."""
    return Event(None, b"", seconds, raw=b"")


def encode(event: Event, newline: bytes = b"\n") -> bytes:
    """Return an event as it goes over the wire: `event:`, `data:`, and a blank line [recorded].

    A line break inside the data begins a further `data:` line, as the standard wants it.
    """
    if event.raw is not None:
        return event.raw
    data = event.data
    if b"\n" in data:
        data = data.replace(b"\n", newline + b"data: ")
    return b"".join((_before_data(event.name, newline), data, newline, newline))


@lru_cache
def _before_data(name: str | None, newline: bytes) -> bytes:
    return b"data: " if name is None else b"event: %b%bdata: " % (name.encode(), newline)
