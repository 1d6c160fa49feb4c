"""A connection that guards of the test's process leave alone.

pytest-socket, pytest-recording and blockbuster forbid sockets to the code under test, by replacing
functions of the module `socket`. What a test asks of its mock server is none of that code.
"""

import _socket
import socket
from http.client import HTTPConnection, HTTPResponse, IncompleteRead

__tracebackhide__ = True


class _DirectSocket(socket.socket):
    connect = _socket.socket.connect
    send = _socket.socket.send
    sendall = _socket.socket.sendall
    recv = _socket.socket.recv
    recv_into = _socket.socket.recv_into


class DirectConnection(HTTPConnection):
    """An HTTP connection that uses the functions of the system, not those of `socket`."""

    def connect(self) -> None:
        """Connect to the host.

        Raises:
            OSError: it does not answer.
        """
        if not issubclass(socket.socket, _socket.socket):  # of gevent or eventlet: let it give way
            super().connect()
            return
        failure = OSError("the host has no address")
        found = _socket.getaddrinfo(self.host, self.port, 0, socket.SOCK_STREAM)
        for family, kind, protocol, _, address in found:
            line = _DirectSocket(family, kind, protocol)
            try:
                line.settimeout(self.timeout)
                line.connect(address)
                line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            except OSError as error:
                line.close()
                failure = error
            else:
                self.sock = line
                return
        raise failure


def read_body(response: HTTPResponse) -> bytes:
    """Return the body of a response, read in a way that blockbuster does not forbid.

    Raises:
        HTTPException: the connection ended before the body did.
    """
    if response.length is None:
        return response.read()
    body = memoryview(bytearray(response.length))
    begin = 0
    while begin < len(body):
        count = response.readinto(body[begin:])
        if not count:
            raise IncompleteRead(body[:begin].tobytes(), len(body) - begin)
        begin += count
    return body.tobytes()
