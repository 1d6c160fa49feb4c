"""`mockserver healthcheck` says in its exit status whether a server is ready."""

import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from mockserver import BackgroundServer, Settings


def check(*flags: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mockserver", "healthcheck", *flags],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        env={**os.environ, **variables},
    )


def port_of(server: BackgroundServer) -> str:
    return server.url.rpartition(":")[2]


def test_a_server_that_is_ready_is_well(server: BackgroundServer) -> None:
    by_flag = check("--port", port_of(server))
    by_variable = check(MOCKSERVER_PORT=port_of(server))

    assert (by_flag.returncode, by_flag.stdout, by_flag.stderr) == (0, "", "")
    assert by_variable.returncode == 0


@pytest.mark.parametrize("host", ["0.0.0.0", "localhost"])  # noqa: S104
def test_a_server_on_all_addresses_is_asked_on_this_one(
    server: BackgroundServer, host: str
) -> None:
    assert check("--port", port_of(server), MOCKSERVER_HOST=host).returncode == 0


def test_nobody_there_is_reported_with_the_address() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    done = check("--port", str(port))

    assert done.returncode == 1
    assert done.stderr == f"mockserver: nothing answers at 127.0.0.1:{port}: Connection refused\n"


@pytest.mark.slow
def test_a_server_that_says_nothing_is_not_waited_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        begin = time.monotonic()
        done = check("--port", str(silent.getsockname()[1]))

    assert done.returncode == 1
    assert "timed out" in done.stderr
    assert time.monotonic() - begin < 10


def test_something_that_is_no_http_is_not_well() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:

        def answer() -> None:
            line, _ = other.accept()
            with line:
                line.recv(1000)
                line.sendall(b"SSH-2.0\r\n")

        threading.Thread(target=answer, daemon=True).start()
        assert check("--port", str(other.getsockname()[1])).returncode == 1


def test_a_server_that_is_not_ready_says_why(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("stubs: []")
    settings = Settings(port=0, log="none", watch=True, fixtures=(str(file),))
    with BackgroundServer(settings) as server:
        file.write_text("nope: 1")
        deadline = time.monotonic() + 10
        while (done := check("--port", port_of(server))).returncode == 0:
            assert time.monotonic() < deadline
            time.sleep(0.1)

    assert done.returncode == 1
    assert done.stderr.startswith("mockserver: not ready: {")
    assert "unknown key 'nope'" in done.stderr


def test_a_flag_that_is_wrong_is_refused() -> None:
    done = check("--port", "x")

    assert done.returncode == 2
    assert "--port" in done.stderr


def test_it_loads_nothing_heavy() -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; from mockserver.cli import main; main(['healthcheck', '--port', '1']); "
            "print({'aiohttp', 'pydantic', 'yaml', 'orjson'} & sys.modules.keys())",
        ],
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == "set()\n"
