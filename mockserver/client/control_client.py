"""A client of a server's control API that keeps one connection open."""

import json
import os
import threading
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

from mockserver.client.direct_connection import DirectConnection, read_body
from mockserver.server import serving_loops

__tracebackhide__ = True

TIMEOUT_SECONDS = 10.0
"""How long a call may take. A typical call takes about a millisecond."""

SHORT_TIMEOUT_SECONDS = 1.0
"""How long a call may take that can do without a response, and one from inside an event loop that
serves: it may be waiting for itself."""


class MockServerError(Exception):
    """The server refused a call, or could not be reached.

    After a refusal the message has every problem with its remedy.
    """


class ServerSilentError(MockServerError):
    """The server accepted the connection, but did not respond in time."""


class ControlClient:
    """Calls the control API of one server, for any key, from any thread."""

    def __init__(self, url: str) -> None:
        """Remember the server; nothing is sent yet. `url` is the server's address.

        Raises:
            MockServerError: `url` is not an address.
        """
        self._connection: HTTPConnection | None = None
        self.url = address(url)
        self._lock = threading.Lock()
        self._process = os.getpid()

    def call(
        self,
        key: str | None,
        method: str,
        path: str,
        body: object = None,
        content_type: str = "application/json",
        accept: int = 200,
        timeout: float | None = None,
    ) -> dict[str, Any]:
        """Call `/_mock/PATH` for a key, or without one, and return the object of the response.

        `body` is bytes, or a value to send as JSON. `accept` is a status that counts as a success,
        besides 200. `timeout` is in seconds.

        Raises:
            MockServerError: the server refused the call, or could not be reached.
        """
        if self._process != os.getpid():  # after a fork two processes share the socket
            self._lock, self._process = threading.Lock(), os.getpid()
            self.close()
        content = body if isinstance(body, bytes) or body is None else _encoded(body)
        headers = {"Content-Type": content_type}
        if key is not None:
            headers["Authorization"] = f"Bearer {key}"
        with self._lock:
            status, received = self._send(method, f"/_mock/{path}", content, headers, timeout)
        try:
            value = json.loads(received)
        except ValueError:
            value = None
        if not isinstance(value, dict):
            raise MockServerError(
                f"{self.url} sent an unexpected response to {method} /_mock/{path}: "
                "it is not a mockserver, correct the address"
            )
        if status not in (200, accept):
            raise MockServerError("\n".join(map(_problem, value.get("errors", [value]))))
        return value

    def close(self) -> None:
        """Close the connection. The next call opens a new one."""
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
        """Send one request and return the status and the body of its response.

        A request on a kept connection that has gone stale is sent again on a new one.
        """
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
                return response.status, read_body(response)
            except (OSError, HTTPException) as error:
                connection.close()
                self._connection = None
                if isinstance(error, TimeoutError) and serving_here:
                    raise MockServerError(
                        f"no response from {self.url}: this call blocks the event loop that the "
                        "server runs in: call /_mock with an async client, or use a server in a "
                        "thread of its own (MockServer.start, the fixture mockserver)"
                    ) from None
                if fresh or isinstance(error, TimeoutError):
                    reason = getattr(error, "strerror", None) or str(error)
                    silent = isinstance(error, TimeoutError)
                    raise (ServerSilentError if silent else MockServerError)(
                        f"no mockserver answers at {self.url} ({reason}): start one with "
                        "`mockserver`, or correct the address"
                    ) from None
            except Exception as error:  # noqa: BLE001  what keeps tests off the network raises anything
                connection.close()
                self._connection = None
                raise MockServerError(
                    f"no call reaches {self.url}, {type(error).__name__}: {error}: "
                    f"whatever forbids sockets here has to allow {urlsplit(self.url).hostname}"
                ) from None


def _encoded(body: object) -> bytes:
    """Return a value as JSON.

    Raises:
        MockServerError: JSON cannot say it.
    """

    def plain(value: object) -> object:
        if isinstance(value, Mapping):
            return dict(value)
        raise TypeError(f"{value!r} is a {type(value).__name__}")

    try:
        return json.dumps(body, default=plain).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise MockServerError(
            f"no JSON: {error}: use strings, numbers, True, False, None, lists and dictionaries"
        ) from None


def address(url: str) -> str:
    """Return the address of a server, such as `http://127.0.0.1:4010`.

    `url` may also be the address of its API, which ends with `/v1`.

    Raises:
        MockServerError: `url` is not an address.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise MockServerError(f"not a server address: {url!r}: expected http://HOST:PORT")
    if parts.path.rstrip("/") not in ("", "/v1") or parts.query:
        raise MockServerError(
            f"not a server address: {url!r} has a path: expected http://HOST:PORT"
        )
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}:{port}" if port else f"{parts.scheme}://{host}"


def _connect(url: str) -> HTTPConnection:
    parts = urlsplit(url)
    assert parts.hostname is not None  # noqa: S101  address() has checked it
    kind = HTTPSConnection if parts.scheme == "https" else DirectConnection
    return kind(parts.hostname, parts.port)


def _problem(problem: Mapping[str, Any]) -> str:
    source, line, place = problem.get("source"), problem.get("line"), problem.get("place")
    file = f"{source}:{line}: " if line and source != "the body" else ""
    where = f"{place}: " if place else ""
    text = f"{file}{where}{problem.get('what', problem)}: {problem.get('remedy', '')}"
    return text.rstrip(": ")
