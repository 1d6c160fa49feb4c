"""The variables that lead a client to the server."""

import os
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from mockserver.client.mock_server import MockServer

AZURE_API_VERSION = "2024-05-01-preview"
"""The first of Azure's versions with v2 of the Assistants API."""


def set_environment(patch: pytest.MonkeyPatch, mock: "MockServer") -> None:
    """Point the variables that official clients read at a server, past any proxy."""
    patch.setenv("OPENAI_BASE_URL", mock.base_url)
    patch.setenv("OPENAI_API_KEY", mock.api_key)
    patch.setenv("AZURE_OPENAI_ENDPOINT", mock.url)
    patch.setenv("AZURE_OPENAI_API_KEY", mock.api_key)
    patch.setenv("OPENAI_API_VERSION", AZURE_API_VERSION)
    for name, value in _past_proxies(urlsplit(mock.url).hostname or "").items():
        patch.setenv(name, value)


def _past_proxies(host: str) -> dict[str, str]:
    """Return the variables that keep requests to a host from a proxy of the environment.

    Clients read one or the other, so that each has to have all that either says.
    """
    names = ("no_proxy", "NO_PROXY")
    given = [host.strip() for name in names for host in os.environ.get(name, "").split(",")]
    value = "*" if "*" in given else ",".join(dict.fromkeys(filter(None, [*given, host])))
    return dict.fromkeys(names, value)
