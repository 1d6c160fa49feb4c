"""One server for all tests, a key of its own for each: they share it and never meet."""

import contextlib
import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from mockserver import BackgroundServer, Settings
from tests.support import Api

pytest_plugins = ["pytester"]

Start = Callable[..., Api]


@pytest.fixture(scope="session", autouse=True)
def no_certificates(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Load no authorities: nothing here speaks TLS, and they cost each SDK client 20 ms."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("SSL_CERT_FILE", raising=False)
        patch.setenv("SSL_CERT_DIR", str(tmp_path_factory.mktemp("no-certificates")))
        yield


@pytest.fixture(scope="session")
def server() -> Iterator[BackgroundServer]:
    with BackgroundServer(Settings(port=0, log="none", namespaces=10_000)) as running:
        yield running


@pytest.fixture
def key() -> str:
    return f"sk-{os.urandom(12).hex()}"


@pytest.fixture
def api(server: BackgroundServer, key: str) -> Api:
    return Api(server.url, key)


@pytest.fixture
def start() -> Iterator[Start]:
    """Start further servers: `start(clock="frozen")`."""
    with contextlib.ExitStack() as stack:

        def run(**settings: Any) -> Api:
            chosen = Settings(**{"port": 0, "log": "none", **settings})
            return Api(stack.enter_context(BackgroundServer(chosen)).url)

        yield run
