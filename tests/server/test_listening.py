"""A server listens on one port, in every family of addresses that its host has."""

import errno
import socket
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest

from mockserver import BackgroundServer, Settings
from mockserver.server import listening
from mockserver.server.process import CannotListenError


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as one:
            one.bind(("::1", 0))
    except OSError:
        return False
    return True


def status(host: str, port: int) -> int:
    connection = HTTPConnection(host, port, timeout=30)
    try:
        connection.request("GET", "/_mock/live")
        return connection.getresponse().status
    finally:
        connection.close()


def port_of(server: BackgroundServer) -> int:
    port = urlsplit(server.url).port
    assert port
    return port


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")
def test_a_free_port_is_the_same_in_both_families() -> None:
    with BackgroundServer(Settings(host="localhost", port=0, log="none")) as server:
        port = port_of(server)

        assert server.url == f"http://localhost:{port}"
        assert [status(host, port) for host in ("127.0.0.1", "::1")] == [200, 200]


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")
def test_a_port_that_is_given_is_taken_in_both_families() -> None:
    with BackgroundServer(Settings(host="localhost", port=0, log="none")) as free:
        port = port_of(free)
    with BackgroundServer(Settings(host="localhost", port=port, log="none")):
        assert [status(host, port) for host in ("127.0.0.1", "::1")] == [200, 200]


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")
def test_a_port_that_is_taken_in_one_family_is_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        server = BackgroundServer(Settings(host="localhost", port=port, log="none"))
        with pytest.raises(CannotListenError, match=rf"cannot listen on localhost:{port}: "):
            server.start()

    with socket.create_server(("::1", port), family=socket.AF_INET6):
        pass  # it was let go


@pytest.mark.parametrize("number", [errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT])
@pytest.mark.parametrize("missing", [socket.AF_INET, socket.AF_INET6])
def test_a_family_that_the_machine_does_not_have_is_left_out(
    number: int, missing: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    if missing == socket.AF_INET and not has_ipv6():
        pytest.skip("this machine has no IPv6")
    without(missing, number, monkeypatch)

    with BackgroundServer(Settings(host="localhost", port=0, log="none")) as server:
        there = "127.0.0.1" if missing == socket.AF_INET6 else "::1"
        assert status(there, port_of(server)) == 200


@pytest.mark.parametrize("host", ["LocalHost", "127.0.0.1"])
def test_a_host_is_asked_for_as_it_was_given(host: str) -> None:
    with BackgroundServer(Settings(host=host, port=0, log="none")) as server:
        assert server.url.startswith(f"http://{host}:")
        assert status("127.0.0.1", port_of(server)) == 200


def without(missing: int, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the machine refuse one family of addresses, with an error number."""
    listen_on = listening._listen_on

    def refuse(family: int, address: tuple[Any, ...]) -> socket.socket:
        if family == missing:
            raise OSError(number, "no such family")
        return listen_on(family, address)

    monkeypatch.setattr(listening, "_listen_on", refuse)


def test_a_free_port_that_is_taken_in_the_other_family_is_left_for_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    listen_on = listening._listen_on
    refused: list[int] = []

    def refuse(family: int, address: tuple[Any, ...]) -> socket.socket:
        if address[1] and len(refused) < 3:
            refused.append(address[1])
            raise OSError(errno.EADDRINUSE, "in use")
        return listen_on(socket.AF_INET, ("127.0.0.1", 0))

    monkeypatch.setattr(listening, "_listen_on", refuse)
    with BackgroundServer(Settings(host="localhost", port=0, log="none")) as server:
        assert status("127.0.0.1", port_of(server)) == 200
    assert len(refused) == 3


def test_free_ports_are_not_tried_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(family: int, address: tuple[Any, ...]) -> socket.socket:
        raise OSError(errno.EADDRINUSE, "in use")

    monkeypatch.setattr(listening, "_listen_on", refuse)
    with pytest.raises(CannotListenError, match="cannot listen on localhost:0: "):
        BackgroundServer(Settings(host="localhost", port=0, log="none")).start()


def test_a_host_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(CannotListenError, match=r"cannot listen on no\.such\.invalid:"):
        BackgroundServer(Settings(host="no.such.invalid", port=0)).start()
