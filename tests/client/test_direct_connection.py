"""The connection of a handle, where something forbids sockets to the process."""

import contextlib
import socket
import threading
from typing import Any, NoReturn

import pytest

from mockserver import MockServer, MockServerError
from tests.support import Api


def refuse(*arguments: Any, **named: Any) -> NoReturn:
    raise RuntimeError("no network here")


@pytest.mark.parametrize("name", ["connect", "send", "sendall", "recv_into"])
def test_a_handle_is_not_kept_from_its_server(
    mock: MockServer, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(socket.socket, name, refuse, raising=False)
    monkeypatch.setattr(socket, "create_connection", refuse)
    with pytest.raises(RuntimeError):
        Api(mock.url).get("/v1/models")

    assert MockServer(mock.url).counts() == {}


def test_what_does_keep_it_is_named_with_the_remedy(
    mock: MockServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("http.client.HTTPConnection.request", refuse)

    with pytest.raises(MockServerError, match=r"RuntimeError: no network here: .* allow 127\.0\.0"):
        mock.counts()
    monkeypatch.undo()
    assert mock.counts() == {}


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_name_of_several_addresses_is_tried_until_one_answers(
    mock: MockServer, host: str
) -> None:
    assert MockServer(mock.url.replace("127.0.0.1", host)).counts() == {}


def test_a_body_that_is_cut_off_is_reported() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            with contextlib.suppress(OSError):  # the test has ended
                while True:
                    line = server.accept()[0]
                    line.recv(1000)
                    line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\n{")
                    line.close()

        threading.Thread(target=answer, daemon=True).start()
        with pytest.raises(MockServerError, match="no mockserver answers"):
            MockServer(f"http://127.0.0.1:{server.getsockname()[1]}").counts()
