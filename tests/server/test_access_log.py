"""The access log: one line a request, for people or for programs."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mockserver import BackgroundServer, Settings
from mockserver.settings import LogFormat
from tests.faults.raw import Line, request_bytes
from tests.support import Api, until

CASES = [
    pytest.param("GET", "/v1/models", 200, "listModels", "default", id="answer"),
    pytest.param("POST", "/v1/assistants", 400, "createAssistant", "error", id="error"),
    pytest.param("GET", "/v1/nothing", 404, None, "error", id="unknown"),
    pytest.param("PUT", "/openai/v1/models?a=b", 405, None, "error", id="method"),
]


def log_of(form: LogFormat, method: str, path: str, capsys: pytest.CaptureFixture[str]) -> str:
    """Send one request to a server, and give what is on standard error when it has stopped."""
    with BackgroundServer(Settings(port=0, log=form)) as server:
        Api(server.url, "sk-a-long-key").request(method, path, b"{}")
    return capsys.readouterr().err


@pytest.mark.parametrize(("method", "path", "status", "operation", "decided_by"), CASES)
def test_a_line_of_text_tells_what_came_and_what_decided(
    method: str,
    path: str,
    status: int,
    operation: str | None,
    decided_by: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    line = log_of("text", method, path, capsys)

    seen = re.escape(f"{method} {path.partition('?')[0]} {status} {operation or '-'} {decided_by}")
    assert re.fullmatch(rf"\d\d:\d\d:\d\d {seen}\n", line)


@pytest.mark.parametrize(("method", "path", "status", "operation", "decided_by"), CASES)
def test_a_line_of_json_tells_the_same_to_programs(
    method: str,
    path: str,
    status: int,
    operation: str | None,
    decided_by: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    earliest = datetime.now(UTC)
    (line,) = log_of("json", method, path, capsys).splitlines()
    told = json.loads(line)

    written, steps = datetime.fromisoformat(told.pop("time")), timedelta(milliseconds=1)
    assert earliest - steps <= written <= datetime.now(UTC)
    assert 0 <= told.pop("duration") < 30
    assert re.fullmatch("req_[0-9a-f]{32}|[0-9a-f-]{36}", told.pop("request_id"))
    assert told == {
        "level": "info",
        "method": method,
        "path": path.partition("?")[0],
        "query": path.partition("?")[2],
        "status": status,
        "operation": operation,
        "decided_by": decided_by,
        "fault": None,
        "key": "sk-a-lon*-key",
    }


def test_a_request_without_a_key_is_logged_without_one(capsys: pytest.CaptureFixture[str]) -> None:
    with BackgroundServer(Settings(port=0, log="json")) as server:
        Api(server.url, None).get("/v1/models")

    assert json.loads(capsys.readouterr().err)["key"] is None


def json_log(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_a_line_of_json_has_the_id_that_the_client_saw(capsys: pytest.CaptureFixture[str]) -> None:
    with BackgroundServer(Settings(port=0, log="json")) as server:
        reply = Api(server.url).get("/v1/models")

    [told] = json_log(capsys)
    assert told["request_id"] == reply.headers["x-request-id"]


def test_a_duration_has_the_delay_of_the_response(capsys: pytest.CaptureFixture[str]) -> None:
    with BackgroundServer(Settings(port=0, log="json", fault=("latency; ms=300",))) as server:
        Api(server.url).get("/v1/models")

    [told] = json_log(capsys)
    assert (told["status"], told["fault"]) == (200, "latency")
    assert 0.3 <= told["duration"] < 30


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_response_that_never_goes_out_is_logged_when_it_is_over(
    form: LogFormat, capsys: pytest.CaptureFixture[str]
) -> None:
    with BackgroundServer(Settings(port=0, log=form, fault=("hang",))) as server:
        with Line(server.url) as line:
            line.send(request_bytes("sk-test"))
            line.see(0.1)
        until(lambda: Api(server.url).get("/_mock/requests").json["requests"][0]["fault"] == "hang")

    [line_of_log] = capsys.readouterr().err.splitlines()
    assert "hang" in line_of_log
    assert "createAssistant" in line_of_log


@pytest.mark.parametrize("form", ["text", "json"])
def test_no_line_has_a_credential(form: LogFormat, capsys: pytest.CaptureFixture[str]) -> None:
    secret = "hunter2-0123456789-swordfish"
    with BackgroundServer(Settings(port=0, log=form)) as server:
        api = Api(server.url, secret)
        api.get(f"/v1/models?limit=1&access_token={secret}&sig={secret}")
        with Line(server.url) as line:
            line.send(request_bytes(secret, line=f"CONNECT ada:{secret}@example.com:443"))
            line.see()
            line.send(request_bytes(secret, line=f"GET http://ada:{secret}@localhost/v1/models"))
            line.see()
        with Line(server.url) as line:
            line.send(b"GET / HTTP/1.1\r\nAuthorization: " + secret.encode() * 400 + b"\r\n\r\n")
            line.see()

    log = capsys.readouterr().err
    assert len(log.splitlines()) == 5
    assert secret[8:-4] not in log


def test_what_a_server_says_is_json_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("stubs: []")
    settings = Settings(port=0, log="json", namespaces=1, watch=True, fixtures=(str(file),))
    with BackgroundServer(settings) as server:
        api = Api(server.url, "sk-a-long-key")
        strict = {"strict": {"unmatched_requests": "warn"}}
        api.request("PUT", "/_mock/settings", strict)
        api.get("/v1/models")
        Api(server.url, "sk-another-key").get("/v1/models")
        with Line(server.url) as line:
            line.send(b"BREW /v1/models HTTP/1.1\r\n\r\n")
            line.see()
        file.write_text("nope: 1\nnor: 2")
        until(lambda: api.get("/_mock/ready").status == 503)
        file.write_text("stubs: [] # mended")
        until(lambda: api.get("/_mock/ready").status == 200)

    said = [line for line in json_log(capsys) if "message" in line]
    assert all(datetime.fromisoformat(line["time"]).tzinfo for line in said)
    assert [(line["level"], line["message"].split(":")[0]) for line in said] == [
        ("warning", "no stub expects GET /v1/models"),
        (
            "warning",
            "forgot the namespace of key sk-a-lon*-key, the least recently used of 1; "
            "raise --namespaces to keep more",
        ),
        ("warning", "a client sent invalid HTTP"),
        ("error", str(file)),
        ("error", str(file)),
        ("info", "the fixture files have changed"),
    ]


def test_lines_are_in_the_order_of_the_requests(capsys: pytest.CaptureFixture[str]) -> None:
    with BackgroundServer(Settings(port=0, log="text")) as server:
        api = Api(server.url)
        for name in ("a", "b", "c"):
            api.get(f"/v1/models/{name}")

    assert [line.split()[2][-1] for line in capsys.readouterr().err.splitlines()] == list("abc")


def test_a_log_of_none_writes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert log_of("none", "GET", "/v1/models", capsys) == ""


def test_sunset_is_named_as_what_decided(capsys: pytest.CaptureFixture[str]) -> None:
    with BackgroundServer(Settings(port=0, log="text", sunset=True)) as server:
        Api(server.url).get("/v1/threads/thread_1")

    assert capsys.readouterr().err.endswith(" GET /v1/threads/thread_1 404 getThread sunset\n")
