"""The connection is reset, as when a process dies or a firewall steps in."""

from mockserver.faults.options import number
from mockserver.faults.transport import TransportFault, never
from mockserver.http.connection import Connection, Reply


async def deliver(connection: Connection, reply: Reply, *, after_bytes: int) -> None:
    """Send so many bytes of the answer, then an RST."""
    await connection.send(reply.whole()[:after_bytes])
    await connection.reset()


FAULT = TransportFault(
    "connection_reset",
    "an RST: APIConnectionError; retried twice",
    deliver,
    (number("after_bytes", "how much of the answer goes out first, in bytes", 0),),
    arrives=never,
)
