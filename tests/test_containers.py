"""`MockServerContainer`, against a fake engine with the part of Docker's API that it uses.

The engine runs no container: in its place there is a server in this process. The tests check the
helper's requests to the engine, and how it uses the responses.
"""

import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from testcontainers.core.config import ConnectionMode, testcontainers_config

from mockserver import BackgroundServer
from mockserver.containers import MockServerContainer
from tests.readme import block

CONTAINER = "c0ffee" * 10


class Engine(BaseHTTPRequestHandler):
    """The part of Docker's API that a start, an inspection and a removal need."""

    port = 0
    calls: list[tuple[str, str, Any]]

    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length) or b"null")
        path = re.sub(r"^/v[\d.]+", "", self.path).partition("?")[0]
        self.calls.append((self.command, path, body))
        ports = {"4010/tcp": [{"HostIp": "0.0.0.0", "HostPort": str(self.port)}]}  # noqa: S104
        state = {"Status": "running", "Running": True}
        inspected = {
            "Id": CONTAINER,
            "Name": "/mock",
            "State": state,
            "Config": {"Image": "mockserver"},
            "NetworkSettings": {"Ports": ports, "Networks": {}},
            "HostConfig": {"NetworkMode": "bridge"},
        }
        value: Any = {
            ("GET", "/version"): {"ApiVersion": "1.44", "MinAPIVersion": "1.24"},
            ("GET", "/info"): {"OperatingSystem": "test", "ServerVersion": "1"},
            ("POST", "/containers/create"): {"Id": CONTAINER, "Warnings": []},
            ("GET", f"/containers/{CONTAINER}/json"): inspected,
        }.get((self.command, path), {})
        content = json.dumps(value).encode()
        self.send_response(201 if path.endswith("/create") else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_DELETE = do_HEAD = _answer  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@pytest.fixture
def engine(
    server: BackgroundServer, monkeypatch: pytest.MonkeyPatch
) -> Iterator[list[tuple[str, str, Any]]]:
    calls: list[tuple[str, str, Any]] = []
    handler = type("Lent", (Engine,), {"port": int(server.url.rpartition(":")[2]), "calls": calls})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        monkeypatch.setenv("DOCKER_HOST", f"tcp://127.0.0.1:{running.server_port}")
        monkeypatch.setattr(testcontainers_config, "ryuk_disabled", True)
        mode = ConnectionMode.docker_host
        monkeypatch.setattr(testcontainers_config, "connection_mode_override", mode)
        yield calls
        running.shutdown()


def test_it_is_started_waited_for_used_and_removed(engine: list[tuple[str, str, Any]]) -> None:
    with MockServerContainer("mockserver").with_env("MOCKSERVER_SEED", "7") as container:
        mock = container.client()
        mock.fault("overloaded", on="createAssistant")
        mock.assert_not_called("createAssistant")
        assert container.base_url == f"{mock.url}/v1"
        mock.close()

    [requested] = [body for _, path, body in engine if path == "/containers/create"]
    assert requested["Image"].removesuffix(":latest") == "mockserver"
    assert requested["ExposedPorts"] == {"4010/tcp": {}}
    assert "MOCKSERVER_SEED=7" in requested["Env"]
    calls = [(method, path) for method, path, _ in engine]
    assert ("POST", f"/containers/{CONTAINER}/start") in calls
    assert ("DELETE", f"/containers/{CONTAINER}") in calls


def test_the_container_that_the_readme_shows_is_used(engine: list[tuple[str, str, Any]]) -> None:
    code = block("python", "from mockserver.containers")

    exec(compile(code, "README.md", "exec"), {})  # noqa: S102
    assert any(path.endswith("/start") for _, path, _ in engine)
