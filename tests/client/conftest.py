"""A handle on a server, and a client with its key."""

from collections.abc import Iterator
from typing import Any

import pytest
from openai import OpenAI

from mockserver import BackgroundServer, MockServer
from tests.client.weather_app import TOOLS, WeatherApp
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


@pytest.fixture
def app(mock: MockServer) -> Iterator[WeatherApp]:
    """An app with the key of `mock`."""
    with OpenAI(base_url=mock.base_url, api_key=mock.api_key) as client:
        yield WeatherApp(client, TOOLS)
