"""The connection is reset, as by a process that dies or a firewall."""

from mockserver.faults.options import number
from mockserver.faults.transport import TransportFault, never
from mockserver.http.connection import Connection, Reply


async def deliver(connection: Connection, reply: Reply, *, after_bytes: int) -> None:
    """Send the first `after_bytes` bytes of the response, then an RST.

    A stream is read only as far as those bytes require.
    """
    left = after_bytes
    for piece in reply.pieces():
        if not left:
            break
        await connection.pause(piece.delay)
        await connection.send(piece.data[:left])
        left -= len(piece.data[:left])
    reply.close()
    await connection.reset()


FAULT = TransportFault(
    "connection_reset",
    "an RST: APIConnectionError; retried twice",
    deliver,
    (number("after_bytes", "the length of the response to send before the RST, in bytes", 0),),
    reaches_client=never,
)
