"""The normal response, after a delay."""

from mockserver.faults.options import number
from mockserver.faults.transport import TransportFault
from mockserver.http.connection import Connection, Reply


async def deliver(connection: Connection, reply: Reply, *, ms: float) -> None:
    """Wait `ms` milliseconds, then send the response."""
    await connection.pause(ms / 1000)
    await connection.send_reply(reply)


FAULT = TransportFault(
    "latency",
    "the normal response, delayed; a read timeout if that is shorter than the delay",
    deliver,
    (number("ms", "the delay, in milliseconds", 1000, whole=False),),
    needs_handler=True,
)
