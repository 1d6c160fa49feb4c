"""`mockserver report`: what it prints, and the exit status that fails a build."""

import json
import os
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import urlsplit

import pytest

from mockserver.cli import main
from tests.conftest import Start
from tests.support import Api

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("MOCKSERVER_")]:
        monkeypatch.delenv(name)


def fail_once(api: Api) -> None:
    api.post("/_mock/faults", {"fault": "overloaded", "times": 1})
    assert api.post("/v1/assistants", {"model": "gpt-4o"}).status == 503


def test_a_client_that_did_nothing_wrong_is_status_0(api: Api, capsys: Capture) -> None:
    assert main(["report", "--url", api.url, "--key", str(api.key)]) == 0
    assert capsys.readouterr().out == "0 faults in 0 requests\n0 problems\n"


def test_a_problem_is_printed_with_its_remedy_and_is_status_1(api: Api, capsys: Capture) -> None:
    fail_once(api)

    assert main(["report", "--url", f"{api.url}/v1", "--key", str(api.key)]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "1 fault in 1 request: 1 never retried",
        "1 problem",
        "never_retried: createAssistant after overloaded",
        "    retry it after a wait; where its work may be done, look up first",
    ]


def test_without_a_key_the_report_is_about_all_keys(start: Start, capsys: Capture) -> None:
    api = start()
    fail_once(api)

    assert main(["report", "--url", api.url]) == 1
    assert main(["report", "--url", api.url, "--key", "sk-of-somebody-else"]) == 0


def test_json_is_what_the_control_api_says(api: Api, capsys: Capture) -> None:
    fail_once(api)

    assert main(["report", "--json", "--url", api.url, "--key", str(api.key)]) == 1
    assert json.loads(capsys.readouterr().out) == api.get("/_mock/report").json


@pytest.mark.parametrize("variable", ["MOCKSERVER_URL", "MOCKSERVER_PORT"])
def test_without_an_address_the_server_of_the_variables_is_asked(
    start: Start, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    api = start()
    fail_once(api)
    value = api.url if variable == "MOCKSERVER_URL" else str(urlsplit(api.url).port)
    monkeypatch.setenv(variable, value)
    monkeypatch.setenv("MOCKSERVER_HOST", "0.0.0.0")  # noqa: S104  as in a container

    assert main(["report"]) == 1


@pytest.mark.parametrize(
    ("flags", "complaint"),
    [
        (["--url", "http://127.0.0.1:1"], "no mockserver answers at http://127.0.0.1:1 "),
        (["--url", "somewhere"], "not a server address: 'somewhere'"),
        (["--host", "::1", "--port", "1"], "no mockserver answers at http://[::1]:1 "),
        (["--key", "sk with\nspaces"], "--key: not an API key"),
        (["--ulr", "x"], "no such flag: --ulr: did you mean --url?"),
        (["http://127.0.0.1:4010"], "unexpected argument for report: http://127.0.0.1:4010"),
    ],
)
def test_what_cannot_be_asked_is_status_2(
    capsys: Capture, flags: list[str], complaint: str
) -> None:
    assert main(["report", *flags]) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith(f"mockserver: {complaint}")


def test_another_service_is_status_2(capsys: Capture) -> None:
    class Other(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Other) as other:
        threading.Thread(target=other.handle_request, daemon=True).start()
        assert main(["report", "--url", f"http://127.0.0.1:{other.server_port}"]) == 2
    assert "sent no such report as this version reads" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["serve", "check", "healthcheck"])
def test_the_flags_are_those_of_report_alone(capsys: Capture, command: str) -> None:
    assert main([command, "--json"]) == 2
    assert capsys.readouterr().err == (
        f"mockserver: unexpected flag for {command}: --json: use report\n"
    )
