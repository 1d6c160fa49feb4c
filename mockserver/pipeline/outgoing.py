"""A stream on its way out: what was sent, where a fault was injected, how far its run was told."""

import contextlib
from dataclasses import dataclass, field

from mockserver.api.runs.events import STOPS
from mockserver.http import sse
from mockserver.http.sse import Stream


@dataclass(slots=True)
class Outgoing:
    """What went out of a stream.

    `sent` are its bytes, of which no more are kept than `limit` and one event. `events` counts
    those that were sent. `fault` is the name of the fault that was injected, before the event
    `fault_at`, counted from 0. `is_told` says that an event went out, whole, that says where the
    run stands now. `is_cut` says that the stream was broken off.
    """

    limit: int
    sent: bytearray = field(default_factory=bytearray)
    events: int = 0
    fault: str | None = None
    fault_at: int | None = None
    is_told: bool = False
    is_cut: bool = False

    def inject(self, fault: str) -> None:
        """Note that a fault is injected here; only the first is kept."""
        if self.fault is None:
            self.fault, self.fault_at = fault, self.events

    def follow(self, stream: Stream, own: Stream) -> Stream:
        """Return the events of a stream, and note what goes out; `own` is that of the handler.

        To close it ends both, also where no event was pulled.
        """
        following = self._follow(stream, own)
        next(following)  # up to here it has begun, so that closing it ends it
        return following

    def _follow(self, stream: Stream, own: Stream) -> Stream:
        sent, limit = self.sent, self.limit
        with contextlib.closing(own), contextlib.closing(stream):
            yield sse.pause(0)
            for event in stream:
                if event.raw != b"":
                    self.events += 1
                    if len(sent) <= limit:
                        sent += sse.encode(event)
                if event.end is not None:
                    self.is_cut = True
                elif event.name in STOPS:
                    self.is_told = True
                yield event
