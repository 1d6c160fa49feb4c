"""Clients as a user creates them: with an address and a key, and defaults for the rest."""

from collections.abc import AsyncIterator, Iterator

import pytest
from openai import AsyncAzureOpenAI, AsyncOpenAI, AzureOpenAI, OpenAI

from mockserver import BackgroundServer

API_VERSION = "2024-05-01-preview"


@pytest.fixture
def client(server: BackgroundServer, key: str) -> Iterator[OpenAI]:
    with OpenAI(base_url=server.base_url, api_key=key) as client:
        yield client


@pytest.fixture
async def async_client(server: BackgroundServer, key: str) -> AsyncIterator[AsyncOpenAI]:
    async with AsyncOpenAI(base_url=server.base_url, api_key=key) as client:
        yield client


@pytest.fixture
def azure(server: BackgroundServer, key: str) -> Iterator[AzureOpenAI]:
    with AzureOpenAI(azure_endpoint=server.url, api_version=API_VERSION, api_key=key) as client:
        yield client


@pytest.fixture
async def async_azure(server: BackgroundServer, key: str) -> AsyncIterator[AsyncAzureOpenAI]:
    async with AsyncAzureOpenAI(
        azure_endpoint=server.url, api_version=API_VERSION, api_key=key
    ) as client:
        yield client
