"""The normal response, with a body that is sent slowly."""

import asyncio

from mockserver.faults.options import number
from mockserver.faults.transport import TransportFault
from mockserver.http.connection import Connection, Reply

TICK = 0.05
"""The time between two pieces at high rates, in seconds."""


async def deliver(connection: Connection, reply: Reply, *, bytes_per_second: int) -> None:
    """Send the head at once, then the body at `bytes_per_second`.

    Each piece is due at a time counted from the start, so that delays do not add up.
    """
    body = memoryview(reply.content())
    await connection.send(reply.head(len(body)))
    loop = asyncio.get_running_loop()
    begin, sent = loop.time(), 0
    piece = max(int(bytes_per_second * TICK), 1)
    while sent < len(body):
        upto = min(sent + piece, len(body))
        await connection.pause(begin + upto / bytes_per_second - loop.time())
        await connection.send(bytes(body[sent:upto]))
        sent = upto


FAULT = TransportFault(
    "slow_body",
    "the normal response, with a slow body; most read timeouts never expire",
    deliver,
    (number("bytes_per_second", "the bytes of the body to send per second", 100, least=1),),
    needs_handler=True,
)
