"""No response, on a connection that stays open."""

from mockserver.faults.transport import TransportFault, never
from mockserver.http.connection import Connection, Reply


async def deliver(connection: Connection, reply: Reply) -> None:
    """Hold the connection open until the client closes it or the server stops."""
    reply.close()
    await connection.hold()


FAULT = TransportFault(
    "hang",
    "no response until the client's read timeout: APITimeoutError; retried twice",
    deliver,
    reaches_client=never,
)
