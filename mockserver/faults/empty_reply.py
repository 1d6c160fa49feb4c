"""The connection is closed before any byte of the response."""

from mockserver.faults.transport import TransportFault, never
from mockserver.http.connection import Connection, Reply


async def deliver(connection: Connection, reply: Reply) -> None:
    """Send a FIN and nothing before it."""
    connection.close()


FAULT = TransportFault(
    "empty_reply",
    "a FIN before any byte: APIConnectionError; retried twice",
    deliver,
    reaches_client=never,
)
