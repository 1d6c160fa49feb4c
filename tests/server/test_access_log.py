"""The access log: one line a request, for people or for programs."""

import json
import re
import time

import pytest

from mockserver import BackgroundServer, Settings
from mockserver.settings import LogFormat
from tests.support import Api

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
    earliest = time.time()
    (line,) = log_of("json", method, path, capsys).splitlines()
    told = json.loads(line)

    assert earliest - 0.001 <= told.pop("time") <= time.time() + 0.001
    assert told == {
        "method": method,
        "path": path.partition("?")[0],
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

    assert capsys.readouterr().err.endswith(" GET /v1/threads/thread_1 404 - sunset\n")
