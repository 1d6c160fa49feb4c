"""The connection is closed in the middle of the body."""

from mockserver.faults.options import number
from mockserver.faults.transport import TransportFault
from mockserver.http.connection import Connection, Reply


async def deliver(connection: Connection, reply: Reply, *, after_bytes: int | None) -> None:
    """Send the head of the whole body, a part of the body, then a FIN.

    Without `after_bytes`, half of the body is sent.
    """
    body = reply.content()
    most = max(len(body) - 1, 0)
    part = len(body) // 2 if after_bytes is None else min(after_bytes, most)
    await connection.send(reply.head(len(body)) + body[:part])
    connection.close()


FAULT = TransportFault(
    "truncated_body",
    "a FIN inside the body: APIConnectionError; retried twice",
    deliver,
    (number("after_bytes", "the length of the body sent, in bytes; half if unset", None),),
)
