"""A server beside a program, and what goes over its socket byte by byte."""

import contextlib
import socket
import threading
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass
from http.client import parse_headers
from typing import BinaryIO
from urllib.parse import urlsplit

import pytest

from mockserver import BackgroundServer, Settings
from mockserver.server.process import CannotListenError, run
from tests.support import Api, Reply

HEAD = (
    "Host: localhost\r\nAuthorization: Bearer {key}\r\nOpenAI-Beta: assistants=v2\r\n"
    "Content-Type: application/json\r\n"
)
BODY = b'{"model": "gpt-4o"}'


# ── A server beside a program ────────────────────────────────────────────────────


def answers(server: BackgroundServer) -> bool:
    return Api(server.url).get("/v1/models").status == 200


def test_a_server_runs_for_the_length_of_a_with_block() -> None:
    with BackgroundServer() as server:
        assert answers(server)
        assert server.base_url == f"{server.url}/v1"

    with pytest.raises(ConnectionRefusedError):
        answers(server)


def test_a_server_can_be_started_and_stopped_by_hand() -> None:
    server = BackgroundServer().start()
    try:
        assert answers(server)
    finally:
        server.stop()


def test_a_server_stops_when_its_block_fails() -> None:
    with pytest.raises(ZeroDivisionError), BackgroundServer() as server:
        _ = 1 / 0

    with pytest.raises(ConnectionRefusedError):
        answers(server)


def test_two_servers_run_at_once() -> None:
    with BackgroundServer() as one, BackgroundServer() as other:
        assert one.url != other.url
        assert answers(one)
        assert answers(other)


def test_a_server_can_be_stopped_twice() -> None:
    with BackgroundServer() as server:
        server.stop()


def test_a_port_can_be_used_again_at_once() -> None:
    with BackgroundServer() as server:
        assert answers(server)
        port = urlsplit(server.url).port
        assert port is not None
    with BackgroundServer(Settings(port=port, log="none")) as again:
        assert again.url == server.url
        assert answers(again)


def test_a_taken_port_is_an_error_that_says_what_to_do() -> None:
    with BackgroundServer() as server:
        port = urlsplit(server.url).port
        assert port is not None
        second = BackgroundServer(Settings(port=port, log="none"))
        with pytest.raises(CannotListenError) as caught:
            second.start()
        second.stop()

        assert str(caught.value).startswith(f"cannot listen on 127.0.0.1:{port}: ")
        assert "--port 0" in str(caught.value)
        assert answers(server)


def test_an_address_of_another_machine_is_an_error() -> None:
    with pytest.raises(CannotListenError, match=r"cannot listen on 192\.0\.2\.1:"):
        BackgroundServer(Settings(host="192.0.2.1", port=0)).start()


def test_a_server_stops_while_clients_hang() -> None:
    with BackgroundServer() as server:
        address = urlsplit(server.url)
        idle, half = (socket.create_connection((address.hostname, address.port)) for _ in range(2))
        idle.sendall(b"GET /v1/models HTTP/1.1\r\nHost: localhost\r\n\r\n")
        idle.recv(1)
        half.sendall(
            b"POST /v1/assistants HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{"
        )
        server.stop()

        with idle, half:
            idle.settimeout(30)
            while idle.recv(4096):
                pass
            assert ended(half)


def ended(client: socket.socket) -> bool:
    client.settimeout(30)
    try:
        return client.recv(1) == b""
    except ConnectionResetError:
        return True


# ── Over the socket ──────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Connection:
    """A socket to write on, and its other side to read answers from."""

    socket: socket.socket
    stream: BinaryIO
    key: str

    def send(self, request_line: str, *headers: str, body: bytes = b"") -> None:
        given = "".join(f"{header}\r\n" for header in headers)
        head = f"{request_line}\r\n{HEAD.format(key=self.key)}{given}\r\n"
        self.socket.sendall(head.encode() + body)

    def read(self, *, has_body: bool = True) -> Reply:
        """Read one answer, and nothing beyond it."""
        version, status, _ = self.stream.readline().decode().split(" ", 2)
        assert version == "HTTP/1.1"
        headers = parse_headers(self.stream)
        body = self.stream.read(int(headers["Content-Length"])) if has_body else b""
        return Reply(int(status), headers, body)

    def has_ended(self) -> bool:
        return self.stream.read(1) == b""


@pytest.fixture
def connection(api: Api) -> Iterator[Connection]:
    address = urlsplit(api.url)
    with (
        socket.create_connection((address.hostname, address.port), timeout=30) as client,
        client.makefile("rb") as stream,
    ):
        yield Connection(client, stream, str(api.key))


def test_a_client_that_waits_gets_its_interim_answer_first(connection: Connection) -> None:
    connection.send(
        "POST /v1/assistants HTTP/1.1", "Expect: 100-continue", f"Content-Length: {len(BODY)}"
    )
    assert connection.stream.readline() == b"HTTP/1.1 100 Continue\r\n"
    assert connection.stream.readline() == b"\r\n"

    connection.socket.sendall(BODY)
    assert connection.read().json["model"] == "gpt-4o"


def test_a_client_that_does_not_wait_need_not_be_told_to_go_on(connection: Connection) -> None:
    connection.send(
        "POST /v1/assistants HTTP/1.1",
        "Expect: 100-Continue",
        f"Content-Length: {len(BODY)}",
        body=BODY,
    )

    assert connection.read().status == 200


@pytest.mark.parametrize("more", [(), ("Connection: keep-alive",)])
def test_http_1_0_gets_no_interim_answer(connection: Connection, more: tuple[str, ...]) -> None:
    connection.send(
        "POST /v1/assistants HTTP/1.0",
        "Expect: 100-continue",
        f"Content-Length: {len(BODY)}",
        *more,
    )
    connection.socket.settimeout(0.3)
    with pytest.raises(TimeoutError):
        connection.socket.recv(1)
    connection.socket.settimeout(30)
    connection.socket.sendall(BODY)

    assert connection.read().json["model"] == "gpt-4o"


@pytest.mark.parametrize("expected", ["something-else", "200-ok, 100-continue"])
def test_what_else_a_client_expects_is_left_alone(connection: Connection, expected: str) -> None:
    connection.send(
        "POST /v1/assistants HTTP/1.1", f"Expect: {expected}", f"Content-Length: {len(BODY)}"
    )
    connection.socket.sendall(BODY)

    assert connection.read().status == 200


def test_http_1_0_closes_after_one_answer(connection: Connection) -> None:
    connection.send("GET /v1/models HTTP/1.0")
    reply = connection.read()

    assert reply.status == 200
    assert reply.headers["Connection"] == "close"
    assert connection.has_ended()


def test_http_1_0_with_keep_alive_goes_on(connection: Connection) -> None:
    for _ in range(2):
        connection.send("GET /v1/models HTTP/1.0", "Connection: keep-alive")
        reply = connection.read()

        assert reply.status == 200
        assert reply.headers["Connection"] == "keep-alive"


def test_http_1_1_goes_on_until_told_to_close(connection: Connection) -> None:
    connection.send("GET /v1/models HTTP/1.1")
    assert connection.read().headers["Connection"] is None

    connection.send("GET /v1/models HTTP/1.1", "Connection: close")
    assert connection.read().headers["Connection"] == "close"
    assert connection.has_ended()


def test_head_is_refused_without_a_body(connection: Connection) -> None:
    connection.send("HEAD /v1/models HTTP/1.1")
    reply = connection.read(has_body=False)
    assert reply.status == 405
    assert reply.headers["Allow"] == "GET"
    assert int(reply.headers["Content-Length"]) > 0

    connection.send("GET /v1/models HTTP/1.1")
    assert connection.read().status == 200


@pytest.mark.parametrize("target", ["http://api.openai.com/v1/models", "http://localhost/models"])
def test_a_request_may_name_its_host_as_a_proxy_gets_it(
    connection: Connection, target: str
) -> None:
    connection.send(f"GET {target} HTTP/1.1")

    assert connection.read().json["object"] == "list"


@pytest.mark.parametrize(
    ("target", "path"),
    [("http://localhost/v2", "/v2"), ("http://localhost/v2/x?y=z", "/v2/x"), ("//v1/models", None)],
)
def test_an_unknown_path_is_named_as_it_came(
    connection: Connection, target: str, path: str | None
) -> None:
    connection.send(f"GET {target} HTTP/1.1")

    assert connection.read().error["message"] == f"Invalid URL (GET {path or target})"


def test_what_is_asked_of_a_proxy_is_named_as_it_came(connection: Connection) -> None:
    connection.send("CONNECT example.com:443 HTTP/1.1")

    assert connection.read().error["message"] == "Invalid URL (CONNECT example.com:443)"


def test_the_query_of_a_full_address_counts(connection: Connection) -> None:
    connection.send("GET http://localhost/v1/assistants?limit=0 HTTP/1.1")

    assert connection.read().error["param"] == "limit"


def test_a_body_may_come_in_chunks(connection: Connection) -> None:
    connection.send(
        "POST /v1/assistants HTTP/1.1",
        "Transfer-Encoding: chunked",
        body=b"5\r\n%b\r\n%x\r\n%b\r\n0\r\n\r\n" % (BODY[:5], len(BODY) - 5, BODY[5:]),
    )

    assert connection.read().json["model"] == "gpt-4o"


def test_a_body_may_come_byte_by_byte(connection: Connection) -> None:
    connection.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.send("POST /v1/assistants HTTP/1.1", f"Content-Length: {len(BODY)}")
    for at in range(len(BODY)):
        connection.socket.sendall(BODY[at : at + 1])

    assert connection.read().json["model"] == "gpt-4o"


def test_requests_sent_at_once_are_answered_in_their_order(connection: Connection) -> None:
    names = ("gpt-4o", "gpt-4o-mini", "no-such-model", "gpt-4o")
    for name in names:
        connection.send(f"GET /v1/models/{name} HTTP/1.1")
    replies = [connection.read() for _ in names]

    assert [reply.status for reply in replies] == [200, 200, 404, 200]
    assert [reply.json.get("id") for reply in replies] == ["gpt-4o", "gpt-4o-mini", None, "gpt-4o"]


def test_requests_with_bodies_sent_at_once_are_answered_in_their_order(
    connection: Connection,
) -> None:
    for name in ("one", "two"):
        body = b'{"model": "gpt-4o", "name": "%b"}' % name.encode()
        connection.send("POST /v1/assistants HTTP/1.1", f"Content-Length: {len(body)}", body=body)

    assert [connection.read().json["name"] for _ in range(2)] == ["one", "two"]


def test_a_refused_request_leaves_its_connection_open(connection: Connection) -> None:
    for body in (b"{", b"[]", BODY):
        connection.send("POST /v1/assistants HTTP/1.1", f"Content-Length: {len(body)}", body=body)

    assert [connection.read().status for _ in range(3)] == [400, 400, 200]


def test_a_client_that_goes_away_harms_nobody(connection: Connection, api: Api) -> None:
    connection.send("POST /v1/assistants HTTP/1.1", "Content-Length: 100", body=b"{")
    connection.socket.shutdown(socket.SHUT_RDWR)

    assert api.get("/v1/models").status == 200


def test_many_connections_are_served_at_once(api: Api) -> None:
    address = urlsplit(api.url)
    with contextlib.ExitStack() as stack:
        clients = [
            stack.enter_context(
                socket.create_connection((address.hostname, address.port), timeout=30)
            )
            for _ in range(50)
        ]
        head = HEAD.format(key=api.key)
        for client in clients:
            client.sendall(f"GET /v1/models HTTP/1.1\r\n{head}\r\n".encode())
        for client in clients:
            assert client.recv(15) == b"HTTP/1.1 200 OK"


def test_a_server_that_never_started_can_be_stopped() -> None:
    server = BackgroundServer()
    server.stop()

    with server:
        assert answers(server)


def test_a_server_that_has_no_loop_yet_can_be_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow(main: Coroutine[None, None, None]) -> None:
        begun.set()
        go_on.wait()
        run(main)

    monkeypatch.setattr("mockserver.server.background.run", slow)
    server = BackgroundServer()
    starting = threading.Thread(target=server.start)
    stopping = threading.Thread(target=server.stop)
    starting.start()
    begun.wait()
    stopping.start()
    go_on.set()

    stopping.join(10)
    assert not stopping.is_alive()


def test_a_start_that_is_interrupted_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    server = BackgroundServer()

    class Interrupted(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            super().wait(timeout)
            raise KeyboardInterrupt

    monkeypatch.setattr(server, "_ready", Interrupted())
    with pytest.raises(KeyboardInterrupt), server:
        raise AssertionError("it never comes to this")

    with pytest.raises(ConnectionRefusedError):
        answers(server)


def test_a_client_that_leaves_in_the_middle_of_its_body_costs_no_traceback(
    connection: Connection, api: Api, capfd: pytest.CaptureFixture[str]
) -> None:
    connection.send("POST /v1/assistants HTTP/1.1", "Content-Length: 1000", body=b'{"mod')
    connection.socket.close()

    assert api.create()
    assert capfd.readouterr().err == ""


def test_a_body_that_stops_coming_is_given_up(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mockserver.server.body_reader.BODY_TIMEOUT_SECONDS", 0.1)
    connection.send("POST /v1/assistants HTTP/1.1", "Content-Length: 1000", body=b'{"mod')

    assert connection.read().status == 408
    assert connection.has_ended()
