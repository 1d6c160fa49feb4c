"""`MockServer`: what a test says to a server, and what it asks of it."""

import asyncio
import os
import re
import socket
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestServer

from mockserver import BackgroundServer, MockServer, MockServerError, Settings, create_app
from mockserver.server import serving_loops
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


def test_a_server_in_a_thread_starts_and_stops_with_its_handle() -> None:
    with MockServer.start(seed=7) as mock:
        assert mock.base_url == f"{mock.url}/v1"
        assert create(Api(mock.url, mock.api_key)) == 200
        mock.assert_called("createAssistant", times=1)

    with pytest.raises(ConnectionRefusedError):
        Api(mock.url).get("/v1/models")


def test_each_handle_has_a_key_of_its_own_unless_it_is_given_one(server: BackgroundServer) -> None:
    one, other = MockServer(server.url), MockServer(f"{server.url}/")

    assert one.api_key != other.api_key
    assert one.url == other.url
    assert MockServer(server.url, "sk-mine").api_key == "sk-mine"
    assert repr(one) == f"<MockServer {server.url}>"


def test_a_stub_shapes_the_answer(mock: MockServer, mine: Api) -> None:
    mock.stub({"body": {"name": "Ada"}}, {"operation": "createAssistant"}, times=1)

    assert [mine.create()["name"] for _ in range(2)] == ["Ada", None]


@pytest.mark.parametrize("name", ["f.yaml", "f.json"])
def test_a_fixture_file_is_loaded_with_its_objects(
    mock: MockServer, mine: Api, tmp_path: Path, name: str
) -> None:
    file = tmp_path / name
    file.write_text('{"objects": {"assistants": [{"id": "asst_a", "model": "gpt-4o"}]}}')
    mock.load(file)

    assert mine.get("/v1/assistants/asst_a").status == 200


def test_a_fault_fails_what_it_is_for(mock: MockServer, mine: Api) -> None:
    mock.fault("overloaded", on="createAssistant", times=1, retry_after=2)
    mock.fault("conflict", on=["list*"], probability=1.0)

    assert [create(mine), create(mine)] == [503, 200]
    assert mine.get("/v1/assistants").status == 409
    assert mock.report()["faults"]["overloaded"]["got_through"] == 1


def test_a_rate_limit_is_given_like_a_fault(mock: MockServer, mine: Api) -> None:
    mock.fault("rate_limit", requests=1, per="1m")

    assert [create(mine), create(mine)] == [200, 429]
    mock.advance("1m")
    assert create(mine) == 200


@pytest.mark.parametrize("by", ["10m", 600, timedelta(minutes=10)])
def test_the_clock_moves(mock: MockServer, mine: Api, by: Any) -> None:
    before = mine.create()["created_at"]
    now = mock.advance(by)

    assert mine.create()["created_at"] == now >= before + 600


def test_requests_tell_what_was_asked_and_answered(mock: MockServer, mine: Api) -> None:
    mock.stub({"fault": "connection_reset"}, {"operation": "listModels"}, name="no models")
    create(mine, name="Ada")
    with pytest.raises(ConnectionResetError):
        mine.get("/v1/models?a=1")
    lost, made = mock.requests()

    assert (made.operation, made.method, made.path) == ("createAssistant", "POST", "/v1/assistants")
    assert (made.body, made.status) == ({"model": "gpt-4o", "name": "Ada"}, 200)
    assert made.response["name"] == "Ada"
    assert made.response_headers is not None
    assert made.headers is not None
    assert mock.api_key not in str(made.headers)
    assert (lost.status, lost.fault, lost.query) == (None, "connection_reset", "a=1")
    assert str(lost) == (
        "GET /v1/models?a=1 -> no answer  listModels  "
        "decided by no models (the body:1): connection_reset"
    )
    assert [one.number for one in mock.requests("createAssistant")] == [made.number]
    assert mock.requests(status=200, limit=1) == [made]


def test_calls_are_counted_beyond_the_journal(start: Any) -> None:
    api = start(journal=2)
    with MockServer(api.url, api.key) as mock:
        for _ in range(5):
            create(api)
        assert len(mock.requests()) == 2
        mock.assert_called("createAssistant", times=5)


def test_what_was_called_is_asserted(mock: MockServer, mine: Api) -> None:
    mock.assert_not_called("createAssistant")
    create(mine)
    mock.assert_called("createAssistant")
    mock.stub("default", {"operation": "createAssistant", "body": {"name": "Ada"}}, name="Ada's")
    create(mine, name="Eve")

    with pytest.raises(AssertionError) as told:
        mock.assert_called("createAssistant", times=3)
    assert str(told.value).splitlines() == [
        "createAssistant was asked for 2 times, not 3 times",
        "POST /v1/assistants -> 200  createAssistant  decided by default",
        "    near miss: Ada's (the body:1)",
        '        body.name = "Ada": it was nothing',
        "POST /v1/assistants -> 200  createAssistant  decided by default",
        "    near miss: Ada's (the body:1)",
        '        body.name = "Ada": it was "Eve"',
    ]
    with pytest.raises(AssertionError, match="2 times, not 0 times"):
        mock.assert_not_called("createAssistant")
    with pytest.raises(AssertionError, match="listModels was asked for 0 times, not at least once"):
        mock.assert_called("listModels")


def test_a_failure_tells_that_nothing_was_asked(mock: MockServer) -> None:
    with pytest.raises(AssertionError, match=r"at least once\nnothing was asked$"):
        mock.assert_called("createAssistant")


def test_a_call_to_come_is_waited_for(mock: MockServer, mine: Api) -> None:
    later = threading.Timer(0.05, create, [mine])
    later.start()
    mock.wait_for("createAssistant")
    later.join()

    with pytest.raises(AssertionError, match=r"asked for once in 0.05 s, not 2 times\nPOST"):
        mock.wait_for("createAssistant", times=2, timeout=0.05)


async def test_a_call_to_come_from_the_same_loop_is_waited_for(mock: MockServer, mine: Api) -> None:
    later = asyncio.create_task(asyncio.to_thread(create, mine))
    await mock.async_wait_for("createAssistant")
    await later

    with pytest.raises(AssertionError, match=r"asked for once in 0\.05 s, not 2 times"):
        await mock.async_wait_for("createAssistant", times=2, timeout=0.05)


@pytest.mark.parametrize("name", ["createAssistants", "*Assistant"])
def test_a_name_misspelt_is_not_one_never_asked_for(mock: MockServer, name: str) -> None:
    with pytest.raises(MockServerError, match=rf"no such operation: {re.escape(name)}: use"):
        mock.assert_not_called(name)


def test_requests_that_no_answer_reached_can_be_asked_for(mock: MockServer, mine: Api) -> None:
    mock.fault("empty_reply", on="listModels")
    create(mine)
    with pytest.raises(ConnectionError):
        mine.get("/v1/models")

    assert [one.operation for one in mock.requests(status="none")] == ["listModels"]
    with pytest.raises(MockServerError, match="status: not a status: 1000"):
        mock.requests(status=1000)


def test_a_block_that_is_left_tells_of_what_was_not_met(server: BackgroundServer) -> None:
    with (
        pytest.raises(AssertionError, match="nothing matched the stub: expected createAssistant"),
        MockServer(server.url) as mock,
    ):
        mock.strict().expect("createAssistant")


def test_an_error_in_a_block_is_the_news(server: BackgroundServer) -> None:
    def use() -> None:
        with MockServer(server.url) as mock:
            mock.strict().expect("createAssistant")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        use()


def test_a_block_over_a_strict_server_tells_too() -> None:
    with (
        MockServer.start(strict=True) as first,
        pytest.raises(AssertionError, match="no stub expected"),
        MockServer(first.url) as mock,
    ):
        assert Api(mock.url, mock.api_key).get("/v1/models").status == 404


def test_verifying_changes_nothing(mock: MockServer, mine: Api) -> None:
    mock.strict().expect("listModels")

    with pytest.raises(AssertionError, match="nothing matched the stub: expected listModels"):
        mock.verify()
    assert mine.get("/v1/models").status == 200
    mock.verify()
    assert mine.get("/v1/assistants").status == 404
    with pytest.raises(AssertionError, match="no stub expected"):
        mock.finish()
    assert mine.get("/v1/assistants").status == 200


def test_what_is_only_to_be_warned_of_is_warned_of(mock: MockServer) -> None:
    mock.strict({"unused_stubs": "warn"}).stub("default", name="never matched")

    with pytest.warns(UserWarning, match="nothing matched the stub: never matched"):
        mock.verify()


@pytest.mark.parametrize("several", [False, True])
def test_fixtures_may_be_one_path_or_several(tmp_path: Path, several: bool) -> None:
    file = tmp_path / "f.yaml"
    file.write_text("objects: {assistants: [{id: asst_a, model: gpt-4o}]}")
    with MockServer.start(fixtures=[file] if several else file, strict=False) as mock:
        assert mock.state()["assistants"][0]["id"] == "asst_a"


def test_a_file_that_is_wrong_is_told_with_its_lines(mock: MockServer, tmp_path: Path) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text("stubs:\n- then: default\n  wen: 3\n")

    with pytest.raises(MockServerError, match=r"wrong\.yaml:3: stubs\[0\]\.wen: unknown key"):
        mock.load(file)


def test_a_strict_key_lets_through_what_is_expected(mock: MockServer, mine: Api) -> None:
    mock.strict().expect("createAssistant")

    assert create(mine) == 200
    assert mine.get("/v1/assistants").status == 404
    assert [one.was_unexpected for one in mock.requests()] == [True, False]
    with pytest.raises(AssertionError, match="no stub expected"):
        mock.verify()


def test_what_was_expected_and_did_not_come_is_told(mock: MockServer) -> None:
    mock.strict({"unused_stubs": "error"}).expect("createAssistant")

    with pytest.raises(AssertionError, match="nothing matched the stub: expected createAssistant"):
        mock.verify()


def test_an_expectation_leaves_other_stubs_their_turn(mock: MockServer, mine: Api) -> None:
    mock.stub({"body": {"name": "stubbed"}})
    mock.expect("createAssistant")

    assert mine.create()["name"] == "stubbed"


def test_a_reset_forgets_all_but_what_was_configured(mock: MockServer, mine: Api) -> None:
    mock.configure(seed=7)
    first = mine.create()["id"]
    mock.stub({"fault": "overloaded"})
    mock.reset()

    assert mine.get("/v1/assistants").json["data"] == []
    assert mine.create()["id"] == first
    mock.forget()
    assert mine.create()["id"] != first


def test_a_state_is_taken_out_and_put_back(mock: MockServer, mine: Api) -> None:
    made = mine.create(name="Ada")
    state = mock.state()
    mine.delete(f"/v1/assistants/{made['id']}")
    mock.restore(state)

    assert mine.get(f"/v1/assistants/{made['id']}").json == made


def test_a_refusal_has_every_problem_and_its_remedy(mock: MockServer) -> None:
    with pytest.raises(MockServerError) as told:
        mock.stub({"fault": "nope", "delay": "x"}, {"operation": "nope"})

    lines = str(told.value).splitlines()
    assert [line.partition(":")[0] for line in lines] == [
        "then.delay",
        "then.fault",
        "when.operation",
    ]


@pytest.mark.parametrize(
    "url", ["localhost:4010", "ftp://x", "", "http://h:abc", "http://h:99999", "http://h/x"]
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(MockServerError, match=r"not an address|more than an address"):
        MockServer(url)


def test_the_address_of_the_api_will_do(server: BackgroundServer) -> None:
    with MockServer(f"{server.url}/v1/") as mock:
        assert (mock.url, mock.base_url) == (server.url, server.base_url)
        assert mock.counts() == {}


def test_a_key_that_could_be_none_is_refused(server: BackgroundServer) -> None:
    with (
        MockServer(server.url, "a b") as mock,
        pytest.raises(MockServerError, match="not an API key: use visible ASCII"),
    ):
        mock.counts()


def test_a_server_that_is_not_there_comes_with_the_remedy() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}"

    with pytest.raises(MockServerError, match=f"no mockserver answers at {url} .*: start one"):
        MockServer(url).counts()


def test_a_server_that_is_none_of_ours_is_told() -> None:
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
        with pytest.raises(MockServerError, match="as a mockserver does"):
            mock.counts()
        mock.close()


def test_a_block_that_ends_over_a_silent_server_says_so_and_does_not_wait_long() -> None:
    begin = time.monotonic()
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        pytest.warns(UserWarning, match="not verified: no mockserver answers"),
        MockServer(f"http://127.0.0.1:{silent.getsockname()[1]}"),
    ):
        pass

    assert time.monotonic() - begin < 5


def test_a_connection_that_has_gone_stale_is_made_again() -> None:
    with MockServer.start() as first:
        mock = MockServer(first.url)
        port = int(mock.url.rpartition(":")[2])
        mock.counts()
    with BackgroundServer(Settings(port=port, log="none")):
        assert mock.counts() == {}
    mock.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_fork_speaks_on_a_line_of_its_own(mock: MockServer) -> None:
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
            answer = b'{"counts": {}, "level": "ignore"}'
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Counted) as counting:
        threading.Thread(target=counting.handle_request, daemon=True).start()
        with MockServer(f"http://127.0.0.1:{counting.server_port}") as mock:
            for _ in range(10):
                mock.another().counts()

    assert len(connections) == 1


async def test_it_may_be_used_in_an_async_test(mock: MockServer, mine: Api) -> None:
    create(mine)
    mock.assert_called("createAssistant")


async def test_a_server_in_the_tests_own_loop_is_told_of_and_does_not_hang() -> None:
    begin = time.monotonic()
    async with TestServer(create_app()) as server:
        with pytest.raises(MockServerError, match="holds up the event loop"):
            MockServer(str(server.make_url(""))).counts()

    assert time.monotonic() - begin < 3


async def test_a_loop_that_no_longer_serves_is_like_any_other(mock: MockServer) -> None:
    async with TestServer(create_app()):
        assert serving_loops.is_running_here()

    assert not serving_loops.is_running_here()
    assert mock.counts() == {}


async def test_another_server_is_fine_while_the_own_loop_serves(mock: MockServer) -> None:
    async with TestServer(create_app()):
        assert mock.counts() == {}


def test_another_world_on_the_same_server_has_a_key_of_its_own(mock: MockServer, mine: Api) -> None:
    with mock.another() as other:
        other.stub({"body": {"name": "Ada"}})
        theirs = Api(other.url, other.api_key)

        assert [theirs.create()["name"], mine.create()["name"]] == ["Ada", None]
        other.assert_called("createAssistant", times=1)
        other.forget()

    mock.assert_called("createAssistant", times=1)  # what they shared is still open
