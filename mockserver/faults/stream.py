"""The type of stream faults: a name, and a function that changes the events of a stream."""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from mockserver.api.runs.events import EVENTS
from mockserver.faults.options import FaultOption, number, one_of
from mockserver.http.response import Response
from mockserver.http.sse import Event, Stream

DEFAULT_EVENTS = 5
"""After how many events a fault is injected that says neither a number nor an event."""

PLACE = (
    number("after_events", f"how many events go out before it; {DEFAULT_EVENTS}", None),
    one_of(
        "at",
        "the name of the event in front of which it comes, such as thread.message.delta",
        EVENTS,
    ),
)
"""The options that say where in a stream a fault is injected."""


@dataclass(frozen=True, slots=True)
class StreamFault:
    """A fault of a stream; `effect` is what the client sees.

    `rewrite` takes the events and the options by name, and yields the events that go out; what it
    lets by is the same object. `breaks` says that nothing comes behind it. A response that is no
    stream is left as it is.
    """

    name: str
    effect: str
    rewrite: Callable[..., Iterator[Event]]
    options: tuple[FaultOption, ...] = PLACE
    breaks: bool = False

    kind: ClassVar[str] = "stream"
    status: ClassVar[None] = None
    source: ClassVar[None] = None
    needs_handler: ClassVar[bool] = True

    def applies_to(self, response: Response) -> bool:
        """Return whether a response is a stream."""
        return not isinstance(response.body, bytes)

    def spoil(self, response: Response, options: Mapping[str, Any]) -> None:
        """Replace the events of a response."""
        if not isinstance(response.body, bytes):
            response.body = self.applied(response.body, options, response.inject)

    def applied(
        self, stream: Stream, options: Mapping[str, Any], inject: Callable[[str], None]
    ) -> Stream:
        """Yield the events of a stream as the fault leaves them; call `inject` where it is."""
        passed: Event | None = None

        def as_they_come() -> Stream:
            nonlocal passed
            for event in stream:
                passed = event
                yield event

        is_done = False
        with contextlib.closing(stream):
            for event in self.rewrite(as_they_come(), **options):
                if event is not passed and not is_done:
                    is_done = True
                    inject(self.name)
                yield event

    def error_body(self, response: Response) -> Any:
        """Return an empty object to merge a stub's `body` into: it is the whole body."""
        return {}


def is_place(event: Event, sent: int, after_events: int | None, at: str | None) -> bool:
    """Return whether a fault is injected in front of an event, `sent` events having gone out."""
    if event.is_pause:
        return False
    if at is not None and after_events is None:
        return event.name == at
    enough = sent >= (DEFAULT_EVENTS if after_events is None else after_events)
    return enough and at in (None, event.name)


def until(events: Stream, after_events: int | None, at: str | None) -> Iterator[tuple[Event, bool]]:
    """Yield each event, with whether a fault is injected there: at one event, once."""
    sent, is_done = 0, False
    for event in events:
        is_here = not is_done and is_place(event, sent, after_events, at)
        is_done = is_done or is_here
        yield event, is_here
        sent += not event.is_pause
