"""A client of a server's control API: one connection, kept open."""

import json
import os
import threading
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

from mockserver.server import serving_loops

TIMEOUT_SECONDS = 10.0
"""How long a call may take; one takes about a millisecond."""

SHORT_TIMEOUT_SECONDS = 1.0
"""How long a call may take that can do without a response, or that may be waiting for itself: one
from inside an event loop that serves."""


class MockServerError(Exception):
    """A call was refused, with every problem and its remedy, or did not get there."""


class ServerSilentError(MockServerError):
    """The server took the connection, and did not answer in time."""


class ControlClient:
    """Calls the control API of one server, for any key, from any thread."""

    def __init__(self, url: str) -> None:
        """`url` is the server's address.

        Raises:
            MockServerError: it is none.
        """
        self._connection: HTTPConnection | None = None
        self.url = address(url)
        self._lock = threading.Lock()
        self._process = os.getpid()

    def call(
        self,
        key: str,
        method: str,
        path: str,
        body: object = None,
        content_type: str = "application/json",
        accept: int = 200,
        timeout: float | None = None,
    ) -> dict[str, Any]:
        """Call `/_mock/PATH` for a key and return the object of the response.

        `body` is bytes, or a value to write as JSON; `accept` is a status that is no refusal,
        beside 200. `timeout` is in seconds.

        Raises:
            MockServerError: the call was refused, or did not get there.
        """
        if self._process != os.getpid():  # a fork shares the socket, and would read others' answers
            self._lock, self._process = threading.Lock(), os.getpid()
            self.close()
        content = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {key}", "Content-Type": content_type}
        with self._lock:
            status, received = self._send(method, f"/_mock/{path}", content, headers, timeout)
        try:
            value = json.loads(received)
        except ValueError:
            value = None
        if not isinstance(value, dict):
            raise MockServerError(
                f"{self.url} does not answer {method} /_mock/{path} as a mockserver does: "
                "something else listens there, correct the address"
            )
        if status not in (200, accept):
            raise MockServerError("\n".join(map(_problem, value.get("errors", [value]))))
        return value

    def close(self) -> None:
        """Close the connection; another call opens a new one."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def __del__(self) -> None:
        if self._connection is not None:
            self._connection.close()

    def _send(
        self,
        method: str,
        path: str,
        content: bytes | None,
        headers: dict[str, str],
        timeout: float | None,
    ) -> tuple[int, bytes]:
        """Send one request, again where a connection that was kept open has gone stale."""
        serving_here = serving_loops.is_running_here()
        if timeout is None:
            timeout = SHORT_TIMEOUT_SECONDS if serving_here else TIMEOUT_SECONDS
        while True:
            fresh = self._connection is None
            if self._connection is None:
                self._connection = _connect(self.url)
            connection = self._connection
            connection.timeout = timeout
            if connection.sock is not None:
                connection.sock.settimeout(timeout)
            try:
                connection.request(method, path, content, headers)
                response = connection.getresponse()
                return response.status, response.read()
            except (OSError, HTTPException) as error:
                connection.close()
                self._connection = None
                if isinstance(error, TimeoutError) and serving_here:
                    raise MockServerError(
                        f"{self.url} does not answer because this very call holds up the event "
                        "loop that it runs in: call /_mock with an async client instead, or use "
                        "a server in a thread of its own (MockServer.start, the fixture mockserver)"
                    ) from None
                if fresh or isinstance(error, TimeoutError):
                    reason = getattr(error, "strerror", None) or str(error)
                    silent = isinstance(error, TimeoutError)
                    raise (ServerSilentError if silent else MockServerError)(
                        f"no mockserver answers at {self.url} ({reason}): start one with "
                        "`mockserver`, or correct the address"
                    ) from error


def address(url: str) -> str:
    """Return the address of a server; that of its API, with `/v1`, is taken too.

    Raises:
        MockServerError: it is none.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise MockServerError(f"not an address: {url!r}: write http://HOST:PORT")
    if parts.path.rstrip("/") not in ("", "/v1") or parts.query:
        raise MockServerError(f"{url!r} is more than an address: write http://HOST:PORT")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}:{port}" if port else f"{parts.scheme}://{host}"


def _connect(url: str) -> HTTPConnection:
    parts = urlsplit(url)
    assert parts.hostname is not None  # noqa: S101  it is an address
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    return kind(parts.hostname, parts.port)


def _problem(problem: Mapping[str, Any]) -> str:
    source, line, place = problem.get("source"), problem.get("line"), problem.get("place")
    file = f"{source}:{line}: " if line and source != "the body" else ""
    where = f"{place}: " if place else ""
    text = f"{file}{where}{problem.get('what', problem)}: {problem.get('remedy', '')}"
    return text.rstrip(": ")
