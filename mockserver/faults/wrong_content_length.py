"""The Content-Length is not the body's."""

from mockserver.faults.options import number
from mockserver.faults.transport import TransportFault
from mockserver.http.connection import Connection, Reply


async def deliver(connection: Connection, reply: Reply, *, by: int) -> None:
    """Announce more than comes, and hold; or less, and leave the rest in the connection."""
    body = reply.content()
    await connection.send(reply.head(max(len(body) + by, 0)) + body)
    if by > 0:
        await connection.hold()


FAULT = TransportFault(
    "wrong_content_length",
    "by > 0: it waits for bytes that never come, until its read timeout; "
    "by < 0: JSON that is cut off, and rubbish before the connection's next answer",
    deliver,
    (
        number(
            "by", "how much more is announced than sent, in bytes; or less", 16, least=-1_000_000
        ),
    ),
)
