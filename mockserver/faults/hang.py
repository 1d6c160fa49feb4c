"""No answer at all, and the connection stays open."""

from mockserver.faults.transport import TransportFault, never
from mockserver.http.connection import Connection, Reply


async def deliver(connection: Connection, reply: Reply) -> None:
    """Hold until the client goes or the server stops."""
    await connection.hold()


FAULT = TransportFault(
    "hang",
    "nothing, until its own read timeout: APITimeoutError; retried twice",
    deliver,
    reaches_client=never,
)
