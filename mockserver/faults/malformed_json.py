"""A body that is whole, but no JSON."""

from mockserver.faults.transport import TransportFault
from mockserver.http.connection import Connection, Reply


async def deliver(connection: Connection, reply: Reply) -> None:
    """Cut the JSON off, and announce the length that it then has."""
    body = reply.content()
    cut = Reply(reply.head, body[: len(body) * 2 // 3])
    await connection.send(cut.whole())


FAULT = TransportFault(
    "malformed_json",
    "its status, and JSON that breaks off: JSONDecodeError; not retried",
    deliver,
)
