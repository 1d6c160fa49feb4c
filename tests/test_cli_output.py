"""What the command writes, and what it does where nobody reads it."""

import contextlib
import json
import os
import shlex
import socket
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from mockserver.api.runs.items import ITEMS
from tests.support import Api, until
from tests.test_cli import COMMAND, environment, refused, running

# ── Lines of JSON ────────────────────────────────────────────────────────────────


def test_every_line_of_the_json_log_is_json_with_a_level_and_a_time(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("stubs: [{name: never matched, then: default}]")
    with running("--log", "json", "--port=0", "--strict", "--fixtures", str(file)) as server:
        Api(server.address, None).get("/v1/models")
        assert server.end() == 1

    lines = [json.loads(line) for line in server.log]
    assert [(line["level"], line.get("message")) for line in lines] == [
        ("info", f"listening on {server.address}"),
        ("info", server.banner),
        ("info", None),
        ("error", f"stub never matched: never matched ({file}:1)"),
        ("info", "stopped"),
    ]
    assert all(datetime.fromisoformat(line["time"]).tzinfo for line in lines)


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--log", "json", "--port", "x", "--seed", "y"], ["--port: expected", "--seed: expected"]),
        (["--log=json", "--prot", "1"], ["no such flag: --prot"]),
        (["--log=json", "stop"], ["no such command: stop"]),
        (["--log=json", "--port"], ["usage: ", "error: argument --port: expected one argument"]),
        (["--log=json", "--host", "192.0.2.1"], ["cannot listen on 192.0.2.1:4010: "]),
        (["--log=json", "--fixtures", "/nowhere.yaml"], ["/nowhere.yaml: no such file: "]),
        (["--log=json", "--fault", "nope; nor"], ["--fault"]),
    ],
)
def test_what_keeps_it_from_starting_is_json_too(flags: list[str], said: list[str]) -> None:
    lines = [json.loads(line) for line in refused(*flags)]

    assert len(lines) == len(said)
    for line, words in zip(lines, said, strict=True):
        assert line["message"].startswith(words)
        assert line["level"] in ("error", "warning")
        assert datetime.fromisoformat(line["time"]).tzinfo


def test_the_variable_of_the_log_counts_where_there_is_no_flag() -> None:
    [line] = refused("--port", "x", MOCKSERVER_LOG="json")
    assert json.loads(line)["level"] == "error"

    [line] = refused("--port", "x", "--log", "text", MOCKSERVER_LOG="json")
    assert line.startswith("mockserver: --port: ")


# ── The items of scripts ─────────────────────────────────────────────────────────


def test_script_prints_every_item_with_an_example_and_its_options() -> None:
    printed = subprocess.run([*COMMAND, "script"], capture_output=True, text=True, check=True)

    first, *lines = printed.stdout.splitlines()
    assert first.startswith("then: {run: [ITEM, ...]}")
    assert [line.split()[0] for line in lines if line[0] != " "] == [*ITEMS]
    for item in ITEMS.values():
        assert f"{'':12}- {item.example}" in lines
    assert any(line.strip().startswith("deltas: how a stream cuts") for line in lines)


# ── A pipe that closes ───────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "line",
    ["faults | head -3", "schema | head -n 3", "check CHECKED | head -n 3", "--help | head -n 0"],
)
def test_a_reader_that_has_enough_costs_no_traceback(line: str, tmp_path: Path) -> None:
    for number in range(2000):
        (tmp_path / f"{number}.yaml").write_text("nope: 1")
    line = line.replace("CHECKED", shlex.quote(str(tmp_path)))
    module = f"{shlex.quote(sys.executable)} -m mockserver {line}; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", module], capture_output=True, text=True, check=True)

    *_, status = done.stdout.splitlines()
    assert done.stderr == ""
    assert int(status) in (0, 2, 141)


def test_a_reader_that_has_gone_is_told_by_the_status_of_sigpipe() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with open(writing, "w") as gone:  # noqa: PTH123  a descriptor has no path
        done = subprocess.run(
            [*COMMAND, "faults"], stdout=gone, stderr=subprocess.PIPE, text=True, check=False
        )

    assert (done.returncode, done.stderr) == (141, "")


def test_a_server_whose_output_nobody_reads_serves_and_ends_as_ever() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    reading, writing = os.pipe()
    os.close(reading)
    with (
        open(writing, "w") as gone,  # noqa: PTH123  a descriptor has no path
        subprocess.Popen(
            [*COMMAND, "--port", str(port), "--namespaces", "1"],
            stdout=gone,
            stderr=gone,
            env=environment(),
        ) as process,
    ):
        api = Api(f"http://127.0.0.1:{port}")

        def is_up() -> bool:
            with contextlib.suppress(ConnectionRefusedError):
                return api.get("/v1/models").status == 200
            return False

        until(is_up)
        assert Api(api.url, "sk-that-forgets-the-other").get("/v1/models").status == 200
        process.terminate()

        assert process.wait(10) == 0
