"""The connection is closed in the middle of a stream."""

from collections.abc import Iterator
from typing import Literal

from mockserver.faults.options import choice
from mockserver.faults.stream import PLACE, StreamFault, until
from mockserver.http.sse import Event, Stream, encode

MULTIBYTE = 0xC2
"""The least byte that begins a character of several bytes in UTF-8."""


def rewrite(
    events: Stream,
    *,
    after_events: int | None,
    at: str | None,
    how: Literal["fin", "rst"],
    inside: Literal["nothing", "event", "character"],
) -> Iterator[Event]:
    """Yield the events before the place, and a part of the one there; then break off."""
    for event, is_here in until(events, after_events, at):
        if is_here:
            whole = encode(event)
            yield event._replace(raw=whole[: _length(whole, inside)], end=how)
            return
        yield event


def _length(whole: bytes, inside: str) -> int:
    """Return how many bytes of an event go out."""
    if inside == "nothing":
        return 0
    if inside == "character":
        for at, byte in enumerate(whole):
            if byte >= MULTIBYTE:
                return at + 1
    return len(whole) // 2


FAULT = StreamFault(
    "stream_cut",
    "a FIN or an RST inside the stream: RemoteProtocolError or ReadError of httpx, never retried",
    rewrite,
    (
        *PLACE,
        choice("how", "fin or rst", ("fin", "rst")),
        choice(
            "inside",
            "nothing, to cut between two events; event; or character, to cut inside a UTF-8 one",
            ("nothing", "event", "character"),
        ),
    ),
    breaks=True,
)
