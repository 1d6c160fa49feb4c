"""The blocks of the README: a test runs each of them, or a table has the reason why not."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from mockserver.api import OPERATIONS
from mockserver.api.runs.items import ITEMS
from mockserver.api.runs.items.item import ScriptItem
from mockserver.faults.catalogue import STREAM
from mockserver.faults.stream import StreamFault
from mockserver.settings import OPTIONS, Option
from mockserver.verification.verdict import REMEDIES
from tests.api.conversation import FUNCTIONS, play_out, said, submit, thread
from tests.api.conversation import run as run_of
from tests.api.vector_stores.shelf import attach, file, store
from tests.conftest import Start
from tests.readme import BLOCKS, README, Block, block

LOCAL = "http://127.0.0.1:4010"

NOT_RUN = {
    "pip install . && mockserver": "`.ci/run` does, in a fresh virtual environment",
    "pip install -e '.[test]' && pytest": "it is what runs this",
    "docker build -t mockserver .": "there is no engine; what it names is looked at below",
    "services:": "Compose wants an engine; its YAML is read below",
    "jobs:": "GitHub's own; its YAML is read below",
    "test:": "GitLab's own; its YAML is read below",
    "const container = await": "testcontainers for Node wants an engine",
}
RUN = {
    "def test_tutor(": "test_the_tests_that_the_readme_shows_pass",
    "def test_weather(": "test_the_tests_that_the_readme_shows_pass",
    "def test_hears(": "test_the_tests_that_the_readme_shows_pass",
    "def test_cites(": "test_the_tests_that_the_readme_shows_pass",
    "- when: {operation: createVectorStoreFile": "test_the_files_that_the_readme_shows_fail",
    "def test_asks(": "test_the_tests_that_the_readme_shows_pass",
    "import openai\nimport pytest": "test_the_tests_that_the_readme_shows_pass",
    "import openai\nfrom": "test_the_program_that_the_readme_shows_runs",
    "from mockserver.containers": "test_the_container_that_the_readme_shows_is_used",
    "curl http://127.0.0.1:4010/v1/assistants -H 'Auth": "test_the_curl_line_prints_the_response",
    '{\n  "id"': "test_the_curl_line_prints_the_response",
    "export OPENAI_BASE_URL": "test_the_two_variables_are_all_that_a_client_needs",
    "# weather.yaml": "test_the_scripts_that_the_readme_shows_are_played",
    "# tutor.yaml": "test_the_fixture_that_the_readme_shows_does_what_it_says",
    "# conversation.yaml": "test_the_conversation_that_the_readme_shows_is_there",
    "mockserver check tutor.yaml": "test_the_fixture_is_checked_and_served_as_shown",
    "curl -i http://127.0.0.1:4010/v1/assistants -H 'X-Mock-Fault": "test_the_faults_are_injected",
    "curl http://127.0.0.1:4010/_mock/faults": "test_the_rule_and_the_flags_are_valid",
    "def test_a_lost_answer(": "test_the_tests_that_the_readme_shows_pass",
}


@pytest.mark.parametrize("one", BLOCKS, ids=lambda one: one.code.splitlines()[0][:40])
def test_every_block_is_run_or_named(one: Block) -> None:
    ways = [begin for begin in (*RUN, *NOT_RUN) if one.code.startswith(begin)]

    assert len(ways) == 1
    tests = Path(__file__).read_text() + (Path(__file__).parent / "test_containers.py").read_text()
    assert ways[0] in NOT_RUN or f"def {RUN[ways[0]]}(" in tests


def run(line: str, url: str) -> str:
    """Run a line in a shell, with the address of the server, and return its output."""
    printed = subprocess.run(  # noqa: S602
        line.replace(LOCAL, url), shell=True, check=True, capture_output=True, text=True
    )
    return printed.stdout


@pytest.mark.slow
def test_the_tests_that_the_readme_shows_pass(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    [filters] = re.findall(r"`(filterwarnings = [^`]+)`", README)
    filters = filters.replace("= ", "=\n    error\n    ")
    scope = "asyncio_default_fixture_loop_scope = function"
    pytester.makefile(".ini", pytest=f"[pytest]\n{scope}\n{filters}")
    pytester.makepyfile(
        test_first=block("python", "def test_tutor"),
        test_retries=block("python", "a_lost_answer"),
        test_session=block("python", "import pytest"),
        test_run=block("python", "def test_asks"),
        test_tools=block("python", "def test_weather"),
        test_stream=block("python", "def test_hears"),
        test_stores=block("python", "def test_cites"),
    )

    pytester.runpytest_subprocess("-q").assert_outcomes(passed=8)


def test_the_files_that_the_readme_shows_fail(start: Start, tmp_path: Path) -> None:
    stubs = tmp_path / "stubs.yaml"
    stubs.write_text(block("yaml", "createVectorStoreFile"))
    api = start(fixtures=(str(stubs),))

    attached = [
        attach(api, store(api), file(api), attributes=attributes)
        for attributes in ({"broken": True}, {"slow": True}, {})
    ]

    assert [one["status"] for one in attached] == ["failed", "in_progress", "completed"]
    assert attached[0]["last_error"]["code"] == "unsupported_file"


def test_the_program_that_the_readme_shows_runs() -> None:
    code = block("python", "import openai\nfrom")

    exec(compile(code, "README.md", "exec"), {})  # noqa: S102


def test_the_curl_line_prints_the_response(start: Start) -> None:
    printed = run(block("sh", '"name": "Math Tutor"}'), start().url)

    assert printed + "\n" == block("json", '"id"')


def test_the_two_variables_are_all_that_a_client_needs(start: Start) -> None:
    export = block("sh", "export OPENAI_BASE_URL")
    code = "import openai; print(openai.OpenAI().models.list().object)"

    assert run(f"{export}\n{shlex.quote(sys.executable)} -c '{code}'", start().url) == "list\n"


def test_the_fixture_that_the_readme_shows_does_what_it_says(start: Start, tmp_path: Path) -> None:
    file = tmp_path / "tutor.yaml"
    file.write_text(block("yaml", "# tutor.yaml"))
    api = start(fixtures=(str(file),))

    assert api.get("/v1/assistants/asst_tutor").json["name"] == "Math Tutor"
    flaky = {"model": "gpt-4o", "name": "Flaky"}
    refused = api.post("/v1/assistants", flaky)
    assert (refused.status, refused.headers["retry-after"]) == (429, "1")
    assert api.post("/v1/assistants", flaky).status == 200
    assert api.create(name="Ada")["description"] == "Ada, at your service"


def test_the_conversation_that_the_readme_shows_is_there(start: Start, tmp_path: Path) -> None:
    file = tmp_path / "conversation.yaml"
    file.write_text(block("yaml", "# conversation.yaml"))
    api = start(fixtures=(str(file),))
    thread = "/v1/threads/thread_sums"

    more = {"role": "user", "content": "And now?"}

    done = api.get(f"{thread}/runs/run_done").json
    refused = api.post(f"{thread}/messages", more)
    messages = api.get(f"{thread}/messages?limit=100&order=asc").json["data"]
    runs = api.get(f"{thread}/runs").json["data"]

    assert (done["status"], refused.status) == ("completed", 400)
    assert len(messages) == 100
    assert messages[0]["created_at"] == done["created_at"] - 3600
    assert messages[-1]["run_id"] == "run_done"
    assert [run["status"] for run in runs] == ["completed", "completed"]
    assert api.post(f"{thread}/messages", more).status == 200


def test_the_fixture_is_checked_and_served_as_shown(start: Start, tmp_path: Path) -> None:
    (tmp_path / "tutor.yaml").write_text(block("yaml", "# tutor.yaml"))
    check, curl = block("sh", "mockserver check").splitlines()
    checking, _, serving = check.partition(" && ")
    bin_folder = Path(sys.executable).parent
    environment = {**os.environ, "PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}"}

    subprocess.run(shlex.split(checking), cwd=tmp_path, env=environment, check=True)
    assert serving == "mockserver --fixtures tutor.yaml"
    printed = run(curl, start(fixtures=(str(tmp_path / "tutor.yaml"),)).url)
    assert json.loads(printed)["id"] == "asst_tutor"


def test_the_faults_are_injected(start: Start) -> None:
    by_header, by_model = block("sh", "X-Mock-Fault").splitlines()
    url = start().url

    printed = run(by_header, url)
    assert printed.startswith("HTTP/1.1 429 ")
    assert "retry-after: 2" in printed
    assert run(by_model, url).startswith("HTTP/1.1 503 ")


def test_the_rule_and_the_flags_are_valid(start: Start) -> None:
    rule, flags = block("sh", "_mock/faults -H").splitlines()

    [stub] = json.loads(run(rule, start().url))["stubs"]
    assert stub["stub"]["then"] == {"fault": "latency", "ms": 300}
    served = start(fault=tuple(shlex.split(flags)[2::2]))
    assert served.get("/v1/models").headers["x-ratelimit-limit-requests"] == "60"


def test_the_scripts_that_the_readme_shows_are_played(start: Start, tmp_path: Path) -> None:
    file = tmp_path / "weather.yaml"
    file.write_text(block("yaml", "# weather.yaml"))
    api = start(fixtures=(str(file),))
    agent = api.create(name="Travel Agent", tools=FUNCTIONS)["id"]

    def ends(question: str, *outputs: str) -> tuple[str, list[str]]:
        ended = play_out(api, run_of(api, thread(api, question), assistant_id=agent))
        if outputs:
            submit(api, ended, *outputs)
            ended = play_out(api, ended)
        return ended["status"], said(api, ended)

    fine, bad = '{"sky": "sunny"}', "error: no such city"
    assert ends("The weather?", fine, fine) == ("completed", ["Paris: sunny. Rome: sunny."])
    assert ends("The weather?", fine, bad) == ("completed", ["I could not look that up."])
    assert ends("Tell me everything") == ("incomplete", ["Well, it all began"])
    assert ends("Tell me everything") == ("completed", ["That would take too long."])


@pytest.mark.parametrize("item", ITEMS.values(), ids=lambda item: item.name)
def test_every_item_of_scripts_is_in_the_table(item: ScriptItem) -> None:
    assert README.count(f"\n| `{item.example}` | {item.what} |") == 1


@pytest.mark.parametrize("fault", STREAM, ids=lambda fault: fault.name)
def test_every_fault_of_streams_is_in_the_table(fault: StreamFault) -> None:
    assert README.count(f"\n| `{fault.name}` | {fault.effect} |\n") == 1


def test_every_problem_of_a_client_is_in_the_table() -> None:
    assert all(README.count(f"\n| `{code}` | ") == 1 for code in REMEDIES)


@pytest.mark.parametrize("beginning", ["services:", "jobs:", "test:"])
def test_yaml_for_other_tools_is_valid_and_has_known_variables(beginning: str) -> None:
    [code] = [one.code for one in BLOCKS if one.code.startswith(beginning)]
    document: Any = yaml.safe_load(code)
    known = {option.variable for option in OPTIONS} | {"MOCKSERVER_URL"}

    assert document
    assert set(re.findall(r"MOCKSERVER_\w+", code)) <= known
    assert "4010" in code


def test_the_container_command_names_existing_files(start: Start) -> None:
    _, line = block("sh", "docker build").splitlines()
    [(mounted, folder)] = re.findall(r"-v (\S+):(/fixtures)/\S+:ro", line)
    checkout = Path(__file__).parent.parent

    assert f"MOCKSERVER_FIXTURES={folder}" in (checkout / "Dockerfile").read_text()
    assert line.rpartition("mockserver ")[2] == "--any-model"
    api = start(fixtures=(str(checkout / mounted),), any_model=True)
    assert api.post("/v1/assistants", {"model": "mine", "name": "Math Tutor"}).status == 200


def test_no_reader_is_told_to_serve_our_own_data() -> None:
    mounted = re.findall(r"(\S+):/fixtures\b", README)
    served = re.findall(r"--fixtures (\S+)", README)

    assert mounted
    assert not {path.strip("[\"'`./") for path in mounted + served} & {"fixtures"}


def test_the_table_of_operations_has_all_and_where_they_are() -> None:
    rows = re.findall(r"^\| `(\w+)` \| `([A-Z]+) (\S+)`", README, re.MULTILINE)

    assert rows == [
        (one.operation_id, one.method, "/".join((one.mount.prefix, *one.segments)))
        for one in OPERATIONS
    ]


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.flag)
def test_every_option_is_documented(option: Option) -> None:
    [row] = re.findall(rf"^\| `{option.flag}\b.*$", README, re.MULTILINE)

    assert f"`{option.variable}`" in row
    assert option.help in row
    assert option.is_switch or option.separator or f"`{option.default}`" in row
