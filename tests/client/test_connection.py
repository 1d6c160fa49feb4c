"""`MockServer`: addresses, keys, connections and event loops."""

import os
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from aiohttp.test_utils import TestServer

from mockserver import BackgroundServer, MockServer, MockServerError, Settings, create_app
from mockserver.server import serving_loops
from tests.client.conftest import create
from tests.support import Api


@pytest.mark.parametrize(
    "url", ["localhost:4010", "ftp://x", "", "http://h:abc", "http://h:99999", "http://h/x"]
)
def test_an_invalid_address_is_refused(url: str) -> None:
    with pytest.raises(MockServerError, match="not a server address"):
        MockServer(url)


def test_the_address_of_the_api_is_accepted(server: BackgroundServer) -> None:
    with MockServer(f"{server.url}/v1/") as mock:
        assert (mock.url, mock.base_url) == (server.url, server.base_url)
        assert mock.counts() == {}


def test_a_malformed_key_is_refused(server: BackgroundServer) -> None:
    for key in ("a\tb", "a\nb", "ä"):
        with pytest.raises(MockServerError, match="not an API key: use visible ASCII"):
            MockServer(server.url, key)


def test_an_unreachable_server_is_reported_with_the_remedy() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}"

    with pytest.raises(MockServerError, match=f"no mockserver answers at {url} .*: start one"):
        MockServer(url).counts()


def test_another_kind_of_server_is_reported() -> None:
    class Other(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"hello")

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Other) as other:
        threading.Thread(target=other.handle_request, daemon=True).start()
        mock = MockServer(f"http://127.0.0.1:{other.server_port}")
        with pytest.raises(MockServerError, match="it is not a mockserver"):
            mock.counts()
        mock.close()


def test_the_end_of_a_block_warns_soon_about_a_silent_server() -> None:
    begin = time.monotonic()
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        pytest.warns(UserWarning, match="not verified: no mockserver answers"),
        MockServer(f"http://127.0.0.1:{silent.getsockname()[1]}"),
    ):
        pass

    assert time.monotonic() - begin < 5


def test_a_stale_connection_is_replaced() -> None:
    with MockServer.start() as first:
        mock = MockServer(first.url)
        port = int(mock.url.rpartition(":")[2])
        mock.counts()
    with BackgroundServer(Settings(port=port, log="none")):
        assert mock.counts() == {}
    mock.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_process_has_its_own_connection(mock: MockServer) -> None:
    mock.counts()
    child = os.fork()
    if child == 0:
        other = mock.another("sk-of-the-child")
        alike = all(other.counts() == {} for _ in range(50))
        os._exit(0 if alike else 1)
    Api(mock.url, mock.api_key).get("/v1/models")
    alike = all(mock.counts() == {"listModels": 1} for _ in range(50))

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert alike


def test_all_calls_go_over_one_connection() -> None:
    connections = []

    class Counted(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            connections.append(self)
            super().setup()

        def do_GET(self) -> None:
            body = b'{"counts": {}, "level": "ignore"}'
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Counted) as counting:
        threading.Thread(target=counting.handle_request, daemon=True).start()
        with MockServer(f"http://127.0.0.1:{counting.server_port}") as mock:
            for _ in range(10):
                mock.another().counts()

    assert len(connections) == 1


async def test_a_handle_can_be_used_in_an_async_test(mock: MockServer, mine: Api) -> None:
    create(mine)
    mock.assert_called("createAssistant")


async def test_a_server_in_the_same_event_loop_is_reported_without_a_hang() -> None:
    begin = time.monotonic()
    async with TestServer(create_app()) as server:
        with pytest.raises(MockServerError, match="blocks the event loop"):
            MockServer(str(server.make_url(""))).counts()

    assert time.monotonic() - begin < 3


async def test_a_loop_that_has_stopped_serving_can_be_used(mock: MockServer) -> None:
    async with TestServer(create_app()):
        assert serving_loops.is_running_here()

    assert not serving_loops.is_running_here()
    assert mock.counts() == {}


async def test_another_server_can_be_used_while_this_loop_serves(mock: MockServer) -> None:
    async with TestServer(create_app()):
        assert mock.counts() == {}
