"""The connection is closed without a word."""

from mockserver.connection import Connection, Reply
from mockserver.faults.transport import TransportFault, never


async def deliver(connection: Connection, reply: Reply) -> None:
    """Send a FIN, and nothing before it."""
    connection.close()


FAULT = TransportFault(
    "empty_reply",
    "a FIN and not one byte: APIConnectionError; retried twice",
    deliver,
    arrives=never,
)
