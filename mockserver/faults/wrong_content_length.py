"""The Content-Length does not match the body."""

from mockserver.faults.options import number
from mockserver.faults.transport import TransportFault
from mockserver.http.connection import Connection, Reply


async def deliver(connection: Connection, reply: Reply, *, by: int) -> None:
    """Send the body with a Content-Length that is off by `by` bytes.

    If it is too large, the connection is held open. If it is too small, the rest of the body
    stays in the connection.
    """
    body = reply.content()
    await connection.send(reply.head(max(len(body) + by, 0)) + body)
    if by > 0:
        await connection.hold()


FAULT = TransportFault(
    "wrong_content_length",
    "by > 0: it waits for bytes that never come, until its read timeout; "
    "by < 0: truncated JSON, and stray bytes before the connection's next response",
    deliver,
    (number("by", "the excess of Content-Length over the body, in bytes", 16, least=-1_000_000),),
)
