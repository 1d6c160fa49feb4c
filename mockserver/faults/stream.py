"""The type of stream faults: a name, and a function that changes the events of a stream."""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from mockserver.faults.options import FaultOption, number, text
from mockserver.http.response import Response
from mockserver.http.sse import Event, Stream

DEFAULT_EVENTS = 5
"""After how many events a fault strikes that says neither a number nor an event."""

PLACE = (
    number("after_events", f"how many events go out before it strikes; {DEFAULT_EVENTS}", None),
    text("at", "the name of the event that it strikes at, such as thread.message.delta"),
)
"""The options that say where in a stream a fault strikes."""


@dataclass(frozen=True, slots=True)
class StreamFault:
    """A fault of a stream; `effect` is what the client sees.

    `rewrite` takes the events and the options by name, and yields the events that go out. A
    response that is no stream is left as it is.
    """

    name: str
    effect: str
    rewrite: Callable[..., Iterator[Event]]
    options: tuple[FaultOption, ...] = PLACE

    kind: ClassVar[str] = "stream"
    status: ClassVar[None] = None
    source: ClassVar[None] = None
    needs_handler: ClassVar[bool] = True

    def strikes(self, response: Response) -> bool:
        """Return whether a response is a stream."""
        return not isinstance(response.body, bytes)

    def spoil(self, response: Response, options: Mapping[str, Any]) -> None:
        """Replace the events of a response."""
        if not isinstance(response.body, bytes):
            response.body = self.applied(response.body, options)

    def applied(self, stream: Stream, options: Mapping[str, Any]) -> Stream:
        """Yield the events of a stream as the fault leaves them."""
        with contextlib.closing(stream):
            yield from self.rewrite(stream, **options)

    def error_body(self, response: Response) -> Any:
        """Return an empty object to merge a stub's `body` into: it is the whole body."""
        return {}


def is_place(event: Event, sent: int, after_events: int | None, at: str | None) -> bool:
    """Return whether a fault strikes in front of an event, `sent` events having gone out."""
    if event.is_pause:
        return False
    if at is not None and after_events is None:
        return event.name == at
    enough = sent >= (DEFAULT_EVENTS if after_events is None else after_events)
    return enough and at in (None, event.name)


def until(events: Stream, after_events: int | None, at: str | None) -> Iterator[tuple[Event, bool]]:
    """Yield each event, with whether a fault strikes at it: at one event, once."""
    sent, has_struck = 0, False
    for event in events:
        strikes = not has_struck and is_place(event, sent, after_events, at)
        has_struck = has_struck or strikes
        yield event, strikes
        sent += not event.is_pause
