"""The `mockserver` command, as a process of its own."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from mockserver import __version__
from mockserver.cli import main
from mockserver.settings import OPTIONS, Option
from tests.support import Api

COMMAND = [sys.executable, "-m", "mockserver"]


@dataclass
class Running:
    """A server in a process: its first two lines, and its log."""

    process: subprocess.Popen[str]
    address: str
    banner: str
    log: list[str] = field(default_factory=list)

    @property
    def api(self) -> Api:
        return Api(self.address, "sk-a-long-key")

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal and return the exit status."""
        self.process.send_signal(number)
        rest, errors = self.process.communicate(timeout=30)
        assert rest == ""
        self.log += errors.splitlines()
        return self.process.returncode


def environment(**variables: str) -> dict[str, str]:
    ours = {k: v for k, v in os.environ.items() if not k.startswith("MOCKSERVER_")}
    return ours | variables


@contextlib.contextmanager
def running(*flags: str, **variables: str) -> Iterator[Running]:
    with subprocess.Popen(
        [*COMMAND, *flags],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(**variables),
    ) as process:
        assert process.stdout is not None
        try:
            address, banner = process.stdout.readline(), process.stdout.readline()
            yield Running(process, address.removesuffix("\n"), banner.removesuffix("\n"))
        finally:
            process.kill()


def refused(*flags: str, **variables: str) -> list[str]:
    """Run the command with settings that it refuses, and return the lines of its stderr."""
    done = subprocess.run(
        [*COMMAND, *flags],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
        env=environment(**variables),
    )
    assert done.returncode == 2
    assert done.stdout == ""
    return done.stderr.splitlines()


# ── Starting ─────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("arguments", [["--port", "0"], ["serve", "--port=0"]])
def test_the_first_line_is_the_address(arguments: list[str]) -> None:
    with running(*arguments) as server:
        address = urlsplit(server.address)

        assert address.port
        assert server.address == f"http://127.0.0.1:{address.port}"
        assert server.api.get("/v1/models").status == 200


def test_the_second_line_names_the_shutdown_and_the_flag_for_it() -> None:
    with running("--port", "0") as server:
        assert "shut the real Assistants API down on 2026-08-26" in server.banner
        assert server.banner.endswith("mockserver --sunset")


def test_variables_stand_in_for_flags() -> None:
    with running(MOCKSERVER_PORT="0", MOCKSERVER_CLOCK="frozen", MOCKSERVER_SEED="7") as server:
        created = [server.api.create() for _ in range(2)]

        assert created[0]["created_at"] == created[1]["created_at"]


def test_the_seed_decides_the_ids() -> None:
    created = []
    for seed in ("-7", "-7", "7"):
        with running("--port", "0", "--seed", seed) as server:
            created.append(server.api.create()["id"])

    assert created[0] == created[1] != created[2]


def test_any_model_accepts_every_model_name() -> None:
    with running("--port", "0", "--any-model") as server:
        assert server.api.create(model="llama-12")["model"] == "llama-12"


def test_a_port_in_use_is_reported_in_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        (line,) = refused("--port", str(port))

    assert line.startswith(f"mockserver: cannot listen on 127.0.0.1:{port}: ")
    assert "--port 0" in line


def test_all_invalid_flags_and_variables_are_reported_at_once() -> None:
    assert refused("--port", "x", "--clock", "slow", MOCKSERVER_LOG="xml") == [
        "mockserver: --port: expected a whole number from 0 to 65535, got 'x'",
        "mockserver: --clock: expected one of tick, frozen, real, got 'slow'",
        "mockserver: MOCKSERVER_LOG: expected one of text, json, none, got 'xml'",
    ]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--prot", "1"], ["no such flag: --prot: did you mean --port?"]),
        (["--prot=1", "-x"], ["--prot: did you mean --port?", "-x: see mockserver --help"]),
        (["stop"], ["no such command: stop: use one of serve, check"]),
        (["chekc", "a.yaml"], ["no such command: chekc: did you mean check?"]),
        ([__file__], [f"--fixtures {__file__} or check {__file__}"]),
        (["--port"], ["argument --port: expected one argument"]),
    ],
)
def test_an_unknown_flag_or_command_is_reported_with_the_remedy(
    arguments: list[str], expected: list[str]
) -> None:
    lines = [line for line in refused(*arguments) if line.startswith("mockserver: ")]

    assert len(lines) == len(expected)
    assert all(words in line for words, line in zip(expected, lines, strict=True))


# ── Ending ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it(number: signal.Signals) -> None:
    with running("--port", "0") as server:
        assert server.end(number) == 0
        assert server.log == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_whatever_its_clients_do(number: signal.Signals) -> None:
    with running("--port", "0", "--log", "none") as server:
        address = urlsplit(server.address)
        idle = HTTPConnection(address.netloc, timeout=30)
        half_sent = socket.create_connection((address.hostname, address.port), timeout=30)
        with contextlib.closing(idle), half_sent:
            half_sent.sendall(
                b"POST /v1/assistants HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{"
            )
            idle.request("GET", "/v1/models")
            idle.getresponse().read()

            signalled = time.monotonic()
            assert server.end(number) == 0
            assert time.monotonic() - signalled < 5
            assert server.log == []


# ── Help and version ─────────────────────────────────────────────────────────────


@pytest.fixture
def printed(capsys: pytest.CaptureFixture[str]) -> Callable[[str], str]:
    """Return a function that runs the command with a flag that ends it, and returns its output."""

    def run(flag: str) -> str:
        if flag == "--help":
            assert main([flag]) == 0
        else:
            with pytest.raises(SystemExit) as ended:
                main([flag])
            assert ended.value.code == 0
        return capsys.readouterr().out

    return run


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.name)
def test_help_lists_every_flag(printed: Callable[[str], str], option: Option) -> None:
    words = " ".join(printed("--help").split())
    value = f" {option.metavar}" if option.metavar else ""
    default = "" if option.is_switch or option.separator else f" ({option.default})"

    assert f" {option.flag}{value} {option.help}{default}" in words


FLAGS: dict[str, set[str]] = {
    "serve": {option.flag for option in OPTIONS},
    "check": {"--any-model"},
    "faults": set(),
    "script": set(),
    "schema": set(),
    "healthcheck": {"--host", "--port"},
}


@pytest.mark.parametrize("command", FLAGS)
@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_the_help_of_a_command_is_about_it(
    capsys: pytest.CaptureFixture[str], command: str, flag: str
) -> None:
    for arguments in ([command, flag], [flag, command]):
        assert main(arguments) == 0
        shown = capsys.readouterr().out

        assert shown.startswith(f"usage: mockserver {command} [-h]")
        assert set(re.findall(r"(?m)^  (--[a-z-]+)", shown)) == FLAGS[command]
        assert ("PATH" in shown.partition("\n\n")[0]) == (command in ("check", "serve"))


def test_help_for_a_command_that_does_not_exist_is_refused(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["chek", "--help"]) == 2
    assert "no such command: chek: did you mean check?" in capsys.readouterr().err


def test_version_prints_the_version(printed: Callable[[str], str]) -> None:
    assert printed("--version") == f"mockserver {__version__}\n"


def test_the_package_runs_as_a_module() -> None:
    version = subprocess.run([*COMMAND, "--version"], capture_output=True, text=True, check=True)

    assert version.stdout == f"mockserver {__version__}\n"


# ── The access log ───────────────────────────────────────────────────────────────


def test_the_text_log_has_a_line_for_each_request() -> None:
    with running("--port", "0") as server:
        server.api.post("/v1/assistants", {"model": "gpt-4o"})
        server.api.get("/v1/assistants/asst_1")
        server.end()

    assert [line.partition(" ")[2] for line in server.log] == [
        "POST /v1/assistants 200 createAssistant default",
        "GET /v1/assistants/asst_1 404 getAssistant error",
    ]


def test_the_json_log_has_an_object_for_each_request() -> None:
    with running("--port", "0", "--log", "json") as server:
        server.api.get("/v1/models")
        Api(server.address, None).get("/v1/assistants")
        server.end()

    entries = [entry for entry in map(json.loads, server.log) if "message" not in entry]
    assert [(entry["operation"], entry["key"]) for entry in entries] == [
        ("listModels", "sk-a-lon*-key"),
        ("listAssistants", None),
    ]


def test_a_forgotten_key_is_reported_with_any_log_format() -> None:
    with running("--port", "0", "--log", "none", "--namespaces", "1") as server:
        server.api.get("/v1/models")
        Api(server.address, "sk-another").get("/v1/models")
        server.end()

    (line,) = server.log
    assert "sk-a-lon*-key" in line
    assert "--namespaces" in line


# ── Sunset ───────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def sunset() -> Iterator[Running]:
    with running("--port", "0", "--sunset", "--log", "none") as server:
        yield server


@pytest.mark.parametrize("key", ["sk-one", None], ids=["key", "no key"])
@pytest.mark.parametrize("mount", ["/v1", "", "/openai", "/openai/v1"])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/assistants"),
        ("GET", "/assistants"),
        ("GET", "/assistants/asst_1"),
        ("DELETE", "/assistants/asst_1"),
        ("PUT", "/assistants"),
        ("GET", "/assistants/asst_1/files"),
        ("POST", "/threads"),
        ("POST", "/threads/runs"),
        ("GET", "/threads/thread_1/messages"),
        ("GET", "/assistants?api-version=2024-05-01-preview"),
    ],
)
def test_every_assistants_path_is_a_bare_404_after_the_sunset(
    sunset: Running, method: str, mount: str, path: str, key: str | None
) -> None:
    reply = Api(sunset.address, key).request(method, mount + path, {"model": "gpt-4o"})

    assert (reply.status, reply.body) == (404, b"")
    assert reply.headers["Content-Type"] is None
    assert reply.headers["Content-Length"] == "0"


@pytest.mark.parametrize(
    "path", ["/v1/models", "/v1/models/gpt-4o", "/openai/models?api-version=2024-05-01-preview"]
)
def test_models_are_still_there_after_the_sunset(sunset: Running, path: str) -> None:
    assert sunset.api.get(path).status == 200


def test_other_paths_are_refused_as_before_after_the_sunset(sunset: Running) -> None:
    assert sunset.api.get("/v1/nothing").error["message"] == "Invalid URL (GET /v1/nothing)"
    assert Api(sunset.address, None).get("/v1/models").status == 401


def test_the_banner_names_the_sunset(sunset: Running) -> None:
    assert "a bare 404" in sunset.banner
    assert "--sunset" in sunset.banner


@pytest.mark.parametrize("flags", [["--sunset", "2026-08-26"], ["--sunset=2026-08-26T00:00:00Z"]])
def test_the_sunset_may_have_a_date(flags: list[str]) -> None:
    with running("--port", "0", *flags) as server:
        assert server.banner.startswith("From 2026-08-26")
        assert server.api.get("/v1/assistants").status == 200
        server.api.post("/_mock/clock", {"advance": "700d"})
        assert server.api.get("/v1/assistants").status == 404


@pytest.mark.parametrize("flags", [["--sunset", "serve"], ["serve", "--sunset"]])
def test_a_command_is_no_date(flags: list[str]) -> None:
    with running("--port", "0", *flags) as server:
        assert server.api.get("/v1/assistants").status == 404


def test_a_sunset_that_is_no_date_is_refused_with_the_forms() -> None:
    lines = refused("--sunset", "soon", MOCKSERVER_SUNSET="later") + refused(
        MOCKSERVER_SUNSET="2026-08-26T12:00:00"
    )

    assert [line.partition(" (")[0] for line in lines] == [
        "mockserver: --sunset: expected true, false, a date such as 2026-08-26",
        "mockserver: MOCKSERVER_SUNSET: expected true, false, a date such as 2026-08-26",
    ]


@pytest.mark.slow
def test_a_reader_that_stops_reading_blocks_nothing() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "mockserver", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        api = Api(process.stdout.readline().strip())
        for _ in range(3000):  # more lines than a pipe holds
            assert api.get("/v1/models/gpt-4o").status == 200
        process.terminate()

        assert process.wait(5) == 0


def test_a_switch_of_the_environment_can_be_switched_off(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MOCKSERVER_SUNSET", "perhaps")

    assert main(["--port", "x"]) == 2
    assert "MOCKSERVER_SUNSET" in capsys.readouterr().err
    assert main(["--no-sunset", "--port", "x"]) == 2
    assert "SUNSET" not in capsys.readouterr().err
