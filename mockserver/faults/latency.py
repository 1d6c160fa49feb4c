"""The normal response, after a delay."""

import contextlib
from dataclasses import replace

from mockserver.faults.options import number
from mockserver.faults.transport import TransportFault
from mockserver.http.connection import Connection, Reply
from mockserver.http.sse import Stream


async def deliver(connection: Connection, reply: Reply, *, ms: float, between_ms: float) -> None:
    """Wait `ms` milliseconds, then send the response; a stream with a pause before each event."""
    await connection.pause(ms / 1000)
    if between_ms and not isinstance(reply.body, bytes):
        reply = replace(reply, body=_slowed(reply.body, between_ms / 1000))
    await connection.send_reply(reply)


def _slowed(events: Stream, seconds: float) -> Stream:
    with contextlib.closing(events):
        for event in events:
            yield event if event.is_pause else event._replace(delay=event.delay + seconds)


FAULT = TransportFault(
    "latency",
    "the normal response, delayed; a read timeout if that is shorter than the delay",
    deliver,
    (
        number("ms", "the delay, in milliseconds", 1000, whole=False),
        number(
            "between_ms", "the delay of each event of a stream, in milliseconds", 0, whole=False
        ),
    ),
    needs_handler=True,
)
