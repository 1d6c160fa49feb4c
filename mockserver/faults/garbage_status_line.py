"""Bytes that are not HTTP, as from a port that speaks another protocol."""

from mockserver.faults.transport import TransportFault, never
from mockserver.http.connection import Connection, Reply

GARBAGE = b"\x15\x03\x03\x00\x02\x02\x46 no HTTP here \xff\xfe\r\n\r\n"
"""A TLS alert, then arbitrary bytes."""


async def deliver(connection: Connection, reply: Reply) -> None:
    """Send `GARBAGE`, then a FIN."""
    await connection.send(GARBAGE)
    connection.close()


FAULT = TransportFault(
    "garbage_status_line",
    "bytes that are not HTTP: APIConnectionError; retried twice",
    deliver,
    reaches_client=never,
)
