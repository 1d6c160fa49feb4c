"""The sockets that a server listens on: one port, in every family of addresses that a name has."""

import asyncio
import errno
import socket
import sys
from collections.abc import Sequence
from typing import Any

BACKLOG = 128
"""How many connections may wait to be accepted."""

MAX_PORTS_TRIED = 20
"""How many free ports are tried until one is free in every family of addresses."""

Addresses = Sequence[tuple[int, tuple[Any, ...]]]
"""Addresses with their families, as the `socket` module has them."""

_NO_SUCH_FAMILY = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT)
"""What a system without IPv6 says of the `::1` that its `localhost` has all the same."""


async def listen(host: str, port: int) -> list[socket.socket]:
    """Return listening sockets, all on the same port, for each address of a host.

    Port 0 is one free port: `localhost` has the same for IPv4 and IPv6. An address of a family that
    this machine does not have is left out, as long as another is left.

    Raises:
        OSError: the address is in use, not one of this machine, or there is no such host.
    """
    addresses = await _addresses(host, port)
    for _ in range(MAX_PORTS_TRIED):
        try:
            return _listen_on_all(addresses)
        except OSError as error:
            # A port that is free in one family may be taken in the other: take another one.
            if port or error.errno != errno.EADDRINUSE:
                raise
            failure = error
    raise failure


async def _addresses(host: str, port: int) -> Addresses:
    if host.lower() == "localhost":  # both loopback addresses, whatever the system knows [RFC 6761]
        return [(socket.AF_INET, ("127.0.0.1", port)), (socket.AF_INET6, ("::1", port, 0, 0))]
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE, proto=socket.IPPROTO_TCP
    )
    return list(dict.fromkeys((family, address) for family, _, _, _, address in found))


def _listen_on_all(addresses: Addresses) -> list[socket.socket]:
    opened: list[socket.socket] = []
    missing: OSError | None = None
    try:
        for family, (host, port, *rest) in addresses:
            port = opened[0].getsockname()[1] if opened else port
            try:
                opened.append(_listen_on(family, (host, port, *rest)))
            except OSError as error:
                if error.errno not in _NO_SUCH_FAMILY:
                    raise
                missing = error
        if not opened and missing is not None:
            raise missing
    except BaseException:
        for one in opened:
            one.close()
        raise
    return opened


def _listen_on(family: int, address: tuple[Any, ...]) -> socket.socket:
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        if sys.platform != "win32":  # there it would share the port with another server
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:  # or it would claim the port of IPv4 too
            listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listening.bind(address)
        listening.listen(BACKLOG)
        listening.setblocking(False)
    except BaseException:
        listening.close()
        raise
    return listening
