"""The normal response, with a body that is sent slowly."""

import asyncio

from mockserver.faults.options import number
from mockserver.faults.transport import TransportFault
from mockserver.http.connection import Connection, Piece, Reply

TICK = 0.05
"""The time between two pieces at high rates, in seconds."""


async def deliver(connection: Connection, reply: Reply, *, bytes_per_second: int) -> None:
    """Send the head at once, then the body at `bytes_per_second`; a stream as it comes.

    Each piece is due at a time counted from the start, so that delays do not add up.
    """
    loop = asyncio.get_running_loop()
    size = max(int(bytes_per_second * TICK), 1)
    if isinstance(reply.body, bytes):
        pieces = iter([Piece(reply.head(len(reply.body))), Piece(reply.body)])
    else:
        pieces = reply.pieces()
    await connection.send(next(pieces).data)
    begin, sent = loop.time(), 0
    for piece in pieces:
        await connection.pause(piece.delay)
        begin += piece.delay
        for at in range(0, len(piece.data), size):
            part = piece.data[at : at + size]
            sent += len(part)
            await connection.pause(begin + sent / bytes_per_second - loop.time())
            await connection.send(part)
        if piece.end is not None:
            reply.close()
            await connection.break_off(piece.end)
            return
    if not reply.chunked:
        connection.close()


FAULT = TransportFault(
    "slow_body",
    "the normal response, with a slow body; most read timeouts never expire",
    deliver,
    (number("bytes_per_second", "the bytes of the body to send per second", 100, least=1),),
    needs_handler=True,
)
