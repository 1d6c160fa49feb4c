"""A handle on a server, and a client with its key."""

from collections.abc import Iterator
from typing import Any

import pytest

from mockserver import BackgroundServer, MockServer
from tests.support import Api


@pytest.fixture
def mock(server: BackgroundServer) -> Iterator[MockServer]:
    with MockServer(server.url) as mock:
        yield mock
        mock.forget()


@pytest.fixture
def mine(mock: MockServer) -> Api:
    """A client with the key of `mock`."""
    return Api(mock.url, mock.api_key)


def create(api: Api, **fields: Any) -> int:
    return api.post("/v1/assistants", {"model": "gpt-4o", **fields}).status
