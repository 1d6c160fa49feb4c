"""The right response, late."""

from mockserver.faults.options import number
from mockserver.faults.transport import TransportFault
from mockserver.http.connection import Connection, Reply


async def deliver(connection: Connection, reply: Reply, *, ms: float) -> None:
    """Wait, then answer."""
    await connection.pause(ms / 1000)
    await connection.send_reply(reply)


FAULT = TransportFault(
    "latency",
    "the right answer, late; a read timeout where the client is less patient",
    deliver,
    (number("ms", "how late, in milliseconds", 1000, whole=False),),
    needs_handler=True,
)
