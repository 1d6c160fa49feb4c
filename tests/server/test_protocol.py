"""What is no HTTP is refused in the API's envelope, and is in the journal."""

import json
import socket
from typing import Any

import pytest

from mockserver import BackgroundServer, Settings
from mockserver.server.dispatcher import Dispatcher
from tests.control.calls import everyone, journal
from tests.faults.raw import Line, Seen
from tests.support import Api

LINE = b"POST /v1/assistants HTTP/1.1\r\nHost: localhost\r\n"
BODY = b'{"model": "gpt-4o"}'
INVALID = {
    "a made-up method": b"BREW /v1/models HTTP/1.1\r\n\r\n",
    "a method that is none": b"G(T /v1/models HTTP/1.1\r\n\r\n",
    "no request line": b"hello\r\n\r\n",
    "another version": b"GET /v1/models HTTP/9.9\r\n\r\n",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(40) + b"\r\n\r\n",
    "a blank in the path": b"GET /v1/mod els HTTP/1.1\r\n\r\n",
    "a path that is too long": b"GET /v1/models?" + b"a" * 9000 + b" HTTP/1.1\r\n\r\n",
    "a header without a colon": LINE + b"Nonsense\r\n\r\n",
    "a header with a blank in its name": LINE + b"Non Sense: 1\r\n\r\n",
    "a header that is too long": LINE + b"X-Long: " + b"a" * 9000 + b"\r\n\r\n",
    "too many headers": LINE + b"".join(b"X-%d: 1\r\n" % at for at in range(200)) + b"\r\n",
    "a length that is no number": LINE + b"Content-Length: x\r\n\r\n" + BODY,
    "two lengths": LINE + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n" + BODY,
    "a length and chunks": LINE
    + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "an unknown transfer encoding": LINE + b"Transfer-Encoding: x\r\n\r\n" + BODY,
    "a chunk without a length": LINE + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n",
}


def ask(url: str, *parts: bytes) -> Seen:
    with Line(url) as line:
        line.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for part in parts:
            line.send(part)
        return line.see(5)


@pytest.fixture(scope="module")
def whole() -> Any:
    with BackgroundServer(Settings(port=0, log="none")) as server:
        yield Api(server.url)


@pytest.mark.parametrize("sent", INVALID.values(), ids=INVALID.keys())
def test_what_is_no_http_is_refused_in_the_envelope(whole: Api, sent: bytes) -> None:
    seen = ask(whole.url, sent)

    assert (seen.status, seen.ending) == (400, "FIN")
    assert seen.announced == len(seen.body)
    error = json.loads(seen.body)["error"]
    assert list(error) == ["message", "type", "param", "code"]
    assert error["message"].startswith("We could not read your request: it is not valid HTTP (")
    assert error["type"] == "invalid_request_error"
    newest = journal(everyone(whole))[0]
    assert (newest["operation"], newest["request"]["method"]) == (None, "-")
    assert newest["response"]["body"]["error"] == error
    assert f"x-request-id: {newest['request_id']}".encode() in seen.received


def test_a_refusal_quotes_nothing_of_the_request(whole: Api) -> None:
    secret = b"hunter2-0123456789-swordfish"
    seen = ask(whole.url, LINE + b"Authorization: Bearer " + secret * 400 + b"\r\n\r\n")

    assert b"Got more than 8190 bytes when reading)" in seen.body
    assert secret[:8] not in seen.body


def test_a_chunk_that_turns_out_to_be_broken_is_refused_in_the_envelope(whole: Api) -> None:
    head = LINE + b"Authorization: Bearer sk-chunks\r\nOpenAI-Beta: assistants=v2\r\n"
    with Line(whole.url) as line:
        line.send(head + b"Transfer-Encoding: chunked\r\n\r\n5\r\n" + BODY[:5] + b"\r\n")
        assert line.see(0.2).received == b""
        line.send(b"xyz\r\n")
        seen = line.see(5)

    assert (seen.status, seen.ending) == (400, "FIN")
    assert json.loads(seen.body)["error"]["type"] == "invalid_request_error"
    assert seen.took < 2
    [entry] = journal(Api(whole.url, "sk-chunks"))
    assert entry["response"]["status"] == 400


def test_a_bug_outside_the_pipeline_is_the_api_s_own_500(
    whole: Api, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(Dispatcher, "_ask", fail)
    reply = whole.get("/v1/models?limit=1")

    assert (reply.status, reply.error["type"]) == (500, "server_error")
    assert "ZeroDivisionError: a bug" in capfd.readouterr().err
    newest = journal(everyone(whole))[0]
    assert (newest["decided_by"], newest["request"]["path"]) == ("bug", "/v1/models")
