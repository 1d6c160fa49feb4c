"""The connection is closed inside the body."""

from mockserver.faults.options import number
from mockserver.faults.transport import TransportFault
from mockserver.http.connection import Connection, Reply


async def deliver(connection: Connection, reply: Reply, *, after_bytes: int | None) -> None:
    """Announce the whole body, send a part of it, then a FIN."""
    body = reply.content()
    most = max(len(body) - 1, 0)
    part = len(body) // 2 if after_bytes is None else min(after_bytes, most)
    await connection.send(reply.head(len(body)) + body[:part])
    connection.close()


FAULT = TransportFault(
    "truncated_body",
    "a FIN inside the body: APIConnectionError; retried twice",
    deliver,
    (number("after_bytes", "how much of the body goes out, in bytes; else half", None),),
)
