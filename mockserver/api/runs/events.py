"""The events of a stream: their names and their data.

The data of an event has the keys of a record, in its order [recorded]; plain responses show less.
"""

from collections.abc import Callable, Iterator
from io import StringIO
from itertools import chain
from typing import Any

from mockserver.api.runs.deltas import said
from mockserver.api.runs.records import event_run, plain_step
from mockserver.api.shared.results import Object
from mockserver.http import json_codec
from mockserver.http.sse import Event

DONE = Event("done", b"[DONE]")
"""The last event of every stream."""

_STATUSES = {
    "thread.run": (
        *("created", "queued", "in_progress", "requires_action", "completed", "incomplete"),
        *("failed", "cancelling", "cancelled", "expired"),
    ),
    "thread.run.step": (
        *("created", "in_progress", "delta", "completed", "failed", "cancelled", "expired"),
    ),
    "thread.message": ("created", "in_progress", "delta", "completed", "incomplete"),
}
EVENTS = (
    "thread.created",
    *(f"{kind}.{status}" for kind, statuses in _STATUSES.items() for status in statuses),
    "done",
)
"""The names of all events that a run can have [spec]."""

STOPS = frozenset(
    f"thread.run.{status}"
    for status in ("requires_action", "completed", "incomplete", "failed", "cancelled", "expired")
)
"""The events behind which only `done` comes: who has heard one knows where the run stands."""

Deltas = Callable[[], Iterator[Object]]
"""Returns the deltas of an object, one after the other: their number may be large."""

Pauses = Iterator[float]
"""The seconds before each delta."""


class Listener:
    """Hears what becomes of a run, in the order of the events. This one pays no heed: for polls."""

    def run(self, run: Object, status: str = "") -> None:
        """Hear that a run has its status, or one that only an event has."""

    def step(self, step: Object, name: str) -> None:
        """Hear that a step was created, or has another status."""

    def message(self, message: Object, name: str) -> None:
        """Hear that a message was created, or has another status."""

    def deltas(self, kind: str, object_id: str, deltas: Deltas, pauses: Pauses) -> None:
        """Hear that the content of a step or a message comes in pieces."""

    def fault(self, name: str, options: Object) -> None:
        """Hear that a fault is injected here."""


class Recorder(Listener):
    """Keeps the events of a run until they are taken.

    The data of an event is what it was when it was heard. `with_contents` shows the contents of
    search results.
    """

    def __init__(self, *, with_contents: bool) -> None:
        self.told = ""
        """The status of the run that was heard last."""
        self.said = StringIO()
        """What was taken of the text of the message that was heard last."""
        self._with_contents = with_contents
        self._events: list[Iterator[Event]] = []

    def take(self) -> Iterator[Event]:
        """Return the events so far, and forget them."""
        taken, self._events = self._events, []
        return chain.from_iterable(taken)

    def add(self, name: str, value: Object) -> None:
        """Add an event with some object."""
        self._events.append(iter((Event(name, json_codec.compact(value)),)))

    def run(self, run: Object, status: str = "") -> None:
        """Add the event of a run's status."""
        self.told = str(run.get("status"))
        self.add(f"thread.run.{status or self.told}", event_run(run))

    def step(self, step: Object, name: str) -> None:
        """Add an event of a step."""
        shown = step if self._with_contents else plain_step(step)
        self.add(f"thread.run.step.{name}", shown)

    def message(self, message: Object, name: str) -> None:
        """Add an event of a message."""
        self.add(f"thread.message.{name}", message)

    def deltas(self, kind: str, object_id: str, deltas: Deltas, pauses: Pauses) -> None:
        """Add an event for each delta; each is made when it is sent."""
        name = f"thread.{kind}.delta"

        def events() -> Iterator[Event]:
            self.said = StringIO()
            for at, delta in enumerate(deltas()):
                value = {"id": object_id, "object": name, "delta": delta}
                delay = next(pauses, 0.0) if at else 0.0
                yield Event(name, json_codec.compact(value), delay)
                if kind == "message":
                    self.said.write(said(delta))

        self._events.append(events())

    def fault(self, name: str, options: Object) -> None:
        """Mark the place of a fault; it is not sent."""
        self._events.append(iter((Event(None, b"", raw=b"", fault=(name, options)),)))


def begun_step(step: Object) -> Object:
    """Return a step as the events show it that tell its beginning: without its calls [recorded]."""
    details: Any = step["step_details"]
    if details["type"] != "tool_calls":
        return step
    return step | {"step_details": {"type": "tool_calls", "tool_calls": []}}
