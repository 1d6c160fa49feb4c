"""The connection is reset, as when a process dies or a firewall steps in."""

from mockserver.faults.options import number
from mockserver.faults.transport import TransportFault, never
from mockserver.http.connection import Connection, Reply


async def deliver(connection: Connection, reply: Reply, *, after_bytes: int) -> None:
    """Send so many bytes of the response, then an RST; a stream is pulled only so far."""
    left = after_bytes
    for delay, data in reply.pieces():
        if not left:
            break
        await connection.pause(delay)
        await connection.send(data[:left])
        left -= len(data[:left])
    await connection.reset()


FAULT = TransportFault(
    "connection_reset",
    "an RST: APIConnectionError; retried twice",
    deliver,
    (number("after_bytes", "how much of the response goes out first, in bytes", 0),),
    reaches_client=never,
)
