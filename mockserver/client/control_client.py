"""A line to a server's control API: one connection, kept open."""

import json
import os
import threading
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

from mockserver.server import serving_loops

TIMEOUT = 10.0
"""How long a call may take, in seconds: one takes about a millisecond."""

TIMEOUT_IN_A_SERVING_LOOP = 1.0
"""The same for a call from inside a loop that serves: it may be waiting for itself."""


class MockServerError(Exception):
    """A call was refused, with every problem and its remedy, or did not get there."""


class ControlLine:
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
    ) -> dict[str, Any]:
        """Call `/_mock/PATH` for a key; gives the object that is answered.

        `body` is bytes, or a value to write as JSON; `accept` is a status that is no
        refusal, beside 200.

        Raises:
            MockServerError: the call was refused, or did not get there.
        """
        if self._process != os.getpid():  # a fork shares the socket, and would read others' answers
            self._lock, self._process = threading.Lock(), os.getpid()
            self.close()
        content = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {key}", "Content-Type": content_type}
        with self._lock:
            status, answer = self._exchange(method, f"/_mock/{path}", content, headers)
        try:
            value = json.loads(answer)
        except ValueError:
            value = None
        if not isinstance(value, dict):
            raise MockServerError(
                f"{self.url} answers {method} /_mock/{path} like no mockserver: "
                "something else listens there, mend the address"
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

    def _exchange(
        self, method: str, path: str, content: bytes | None, headers: dict[str, str]
    ) -> tuple[int, bytes]:
        """Send one request, again where a connection that was kept open has gone stale."""
        timeout = TIMEOUT
        if serving_here := serving_loops.in_this_loop():
            timeout = TIMEOUT_IN_A_SERVING_LOOP
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
                answer = connection.getresponse()
                return answer.status, answer.read()
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
                    raise MockServerError(
                        f"no mockserver answers at {self.url} ({reason}): start one with "
                        "`mockserver`, or mend the address"
                    ) from error


def address(url: str) -> str:
    """Give the address of a server; that of its API, with `/v1`, is taken too.

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
    told = f"{file}{where}{problem.get('what', problem)}: {problem.get('remedy', '')}"
    return told.rstrip(": ")
