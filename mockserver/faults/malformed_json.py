"""A complete body that is not valid JSON."""

from mockserver.faults.transport import TransportFault
from mockserver.http.connection import Connection, Reply


async def deliver(connection: Connection, reply: Reply) -> None:
    """Send two thirds of the body, with the Content-Length of what is sent."""
    body = reply.content()
    cut = Reply(reply.head, body[: len(body) * 2 // 3])
    await connection.send(cut.whole())


FAULT = TransportFault(
    "malformed_json",
    "the normal status, and JSON that breaks off: JSONDecodeError; not retried",
    deliver,
)
