"""A client on a raw socket, which records the bytes received and how the connection ends."""

import json
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from urllib.parse import urlsplit

Ending = str
"""`FIN`, `RST`, or `open` if nothing more was received within the timeout."""


def request_bytes(
    key: str,
    body: object = None,
    headers: Mapping[str, str] | None = None,
    line: str = "POST /v1/assistants",
) -> bytes:
    content = b"" if body is None else json.dumps(body).encode()
    given = {
        "Host": "localhost",
        "Authorization": f"Bearer {key}",
        "OpenAI-Beta": "assistants=v2",
        "Content-Type": "application/json",
        "Content-Length": str(len(content)),
        **(headers or {}),
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in given.items())
    return f"{line} HTTP/1.1\r\n{head}\r\n".encode() + content


@dataclass
class Seen:
    """All bytes received, how the connection ended, and after how many seconds."""

    received: bytes
    ending: Ending
    took: float

    @property
    def status(self) -> int | None:
        if not self.received.startswith(b"HTTP/1.1 "):
            return None
        return int(self.received[9:12])

    @property
    def body(self) -> bytes:
        return self.received.partition(b"\r\n\r\n")[2]

    @property
    def announced(self) -> int:
        head = self.received.partition(b"\r\n\r\n")[0].decode().lower()
        return int(head.partition("content-length: ")[2].partition("\r\n")[0])


class Line:
    """A new connection to a server."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.socket = socket.create_connection((parts.hostname, parts.port or 80), 10)

    def __enter__(self) -> "Line":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def see(self, timeout: float = 0.6) -> Seen:
        """Return what is received until the connection ends, or for `timeout` seconds is silent."""
        begin, received = time.monotonic(), b""
        self.socket.settimeout(timeout)
        while True:
            try:
                piece = self.socket.recv(65536)
            except TimeoutError:
                ending = "open"
                break
            except ConnectionResetError:
                ending = "RST"
                break
            if not piece:
                ending = "FIN"
                break
            received += piece
        return Seen(received, ending, time.monotonic() - begin)


def ask(url: str, key: str, fault: str, **more: object) -> Seen:
    """Return what is received for a create with a fault in its header, on a new connection."""
    body = more.get("body", {"model": "gpt-4o"})
    with Line(url) as line:
        line.send(request_bytes(key, body, {"X-Mock-Fault": fault}))
        return line.see()
