"""The right response, its body trickling."""

import asyncio

from mockserver.faults.options import number
from mockserver.faults.transport import TransportFault
from mockserver.http.connection import Connection, Reply

TICK = 0.05
"""How long bytes are saved up at high rates, in seconds."""


async def deliver(connection: Connection, reply: Reply, *, bytes_per_second: int) -> None:
    """Send the head at once, then the body at its rate, by the clock and not by the piece."""
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
    "the right answer, its body byte by byte; most read timeouts never strike",
    deliver,
    (number("bytes_per_second", "how many bytes of the body a second", 100, least=1),),
    needs_handler=True,
)
