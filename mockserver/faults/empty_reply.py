"""The connection is closed without a word."""

from mockserver.faults.transport import TransportFault, never
from mockserver.http.connection import Connection, Reply


async def deliver(connection: Connection, reply: Reply) -> None:
    """Send a FIN, and nothing before it."""
    connection.close()


FAULT = TransportFault(
    "empty_reply",
    "a FIN and not one byte: APIConnectionError; retried twice",
    deliver,
    reaches_client=never,
)
