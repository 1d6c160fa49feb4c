"""A client for tests: one call a request, over a real socket, and nothing hidden."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Reply:
    """An answer as it came over the wire."""

    status: int
    headers: Message
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> Any:
        """The inner object of an error, once its envelope is what it has to be."""
        document = self.json
        assert list(document) == ["error"]
        assert list(document["error"]) == ["message", "type", "param", "code"]
        return document["error"]


@dataclass(frozen=True)
class Api:
    """A server and a key for it. `headers` go along with every request."""

    url: str
    key: str | None = "sk-test"
    headers: Mapping[str, str | None] | None = None

    def request(
        self,
        method: str,
        path: str,
        body: object = None,
        headers: Mapping[str, str | None] | None = None,
    ) -> Reply:
        """Send one request; `body` is bytes, or else is sent as JSON. A None header is left out."""
        given = {
            "Authorization": None if self.key is None else f"Bearer {self.key}",
            "OpenAI-Beta": "assistants=v2",
            "Content-Type": "application/json",
            **(self.headers or {}),
            **(headers or {}),
        }
        content = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        connection = HTTPConnection(urlsplit(self.url).netloc, timeout=30)
        try:
            connection.request(
                method, path, content, {k: v for k, v in given.items() if v is not None}
            )
            answer = connection.getresponse()
            return Reply(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def get(self, path: str, **more: Any) -> Reply:
        return self.request("GET", path, **more)

    def post(self, path: str, body: object = None, **more: Any) -> Reply:
        return self.request("POST", path, body, **more)

    def delete(self, path: str, **more: Any) -> Reply:
        return self.request("DELETE", path, **more)

    def create(self, **fields: Any) -> Any:
        """Create an assistant of gpt-4o, or of the model given; gives the object."""
        reply = self.post("/v1/assistants", {"model": "gpt-4o", **fields})
        assert reply.status == 200, reply.body
        return reply.json


def until(holds: Callable[[], object]) -> None:
    """Ask again and again until it holds."""
    end = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < end, "it never held"
        time.sleep(0.02)
