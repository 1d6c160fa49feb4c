"""A client that keeps its connection."""

import json
from collections.abc import Iterator
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from tests.support import Api
from tests.verification.clients import CREATE, Send, count_header


@pytest.fixture
def create_on_one_line(api: Api) -> Iterator[Send]:
    """Create as `create` does, but on one connection that is kept."""
    connection = HTTPConnection(urlsplit(api.url).netloc, timeout=30)

    def send(count: int | None = None) -> int:
        headers = {"Authorization": f"Bearer {api.key}", "OpenAI-Beta": "assistants=v2"}
        headers |= {"Content-Type": "application/json", **count_header(count)}
        connection.request("POST", "/v1/assistants", json.dumps(CREATE), headers)
        with connection.getresponse() as response:
            response.read()
            return response.status

    yield send
    connection.close()
