"""`mockserver check`, and a server that refuses to start, report every problem with its line."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mockserver import shipped_data
from mockserver.api.shared.known_models import shipped
from mockserver.loading.check import check

BROKEN = {
    "duplicate.yaml": (
        "stubs:\n  - then: default\n    then: default\n",
        3,
        "duplicate key 'then', first given on line 2",
    ),
    "unknown_key.yaml": ("stubs:\n  - then: default\n    whn: {}\n", 3, "did you mean 'when'?"),
    "unknown_operation.yaml": (
        "stubs:\n  - when:\n      operation: createAssistent\n    then: default\n",
        3,
        "use createAssistant",
    ),
    "impossible_operator.yaml": (
        "stubs:\n  - when:\n      body:\n        name: {gt: x}\n    then: default\n",
        4,
        "`gt` cannot take",
    ),
    "unknown_fault.yaml": (
        "stubs:\n  - then: default\n  - then:\n      fault: rate_limits\n",
        4,
        "or rate_limit_exceeded?",
    ),
    "unknown_provider.yaml": (
        'stubs:\n  - then:\n      body:\n        name: "{{ fake.compani }}"\n',
        4,
        "did you mean company",
    ),
    "refused_object.yaml": (
        "objects:\n  assistants:\n    - model: gpt-4o\n      temperature: 3\n",
        4,
        "Expected a value <= 2, but got 3",
    ),
    "refused_message.yaml": (
        "objects:\n  threads:\n    - messages:\n      - role: usr\n        content: x\n",
        4,
        "Supported values are: 'user' and 'assistant'",
    ),
    "unknown_thread.yaml": (
        "objects:\n  assistants: [{id: asst_1, model: gpt-4o}]\n  runs:\n"
        "    - assistant_id: asst_1\n      thread_id: thread_1\n",
        5,
        "there is no thread with the id thread_1: give a thread of these fixtures that id",
    ),
    "unknown_model.yaml": ("objects:\n  assistants:\n    - model: gpt-nine\n", 3, "does not exist"),
    "no_yaml.yaml": ("stubs:\n  - then: [\n", 3, "not YAML"),
    "no_json.json": ('{"stubs": [\n  {"then": "default",}\n]}\n', 2, "not JSON"),
    "tag.yaml": ("stubs:\n  - then:\n      text: !!python/object:os.system x\n", 3, "not allowed"),
}


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    for name, (text, _, _) in BROKEN.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def command(*arguments: str, **environment: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "mockserver", *arguments],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        env={**os.environ, **environment},
    )
    return done.returncode, done.stdout, done.stderr


def test_one_run_reports_every_problem_of_every_file_with_its_line(broken: Path) -> None:
    status, output, _ = command("check", str(broken))

    assert status == 2
    lines = output.splitlines()
    assert len(lines) == len(BROKEN)
    for name, (_, line, words) in BROKEN.items():
        [about] = [one for one in lines if one.startswith(f"{broken / name}:")]
        assert about.startswith(f"{broken / name}:{line}: "), about
        assert words in about


def test_a_server_refuses_to_start_with_the_same_text(broken: Path) -> None:
    _, output, _ = command("check", str(broken))

    assert command("serve", "--port", "0", "--fixtures", str(broken)) == (2, "", output)


def test_valid_files_are_counted_and_an_unreachable_stub_is_reported(tmp_path: Path) -> None:
    file = tmp_path / "unreachable.yaml"
    file.write_text(
        "stubs:\n"
        "  - {name: all, when: {operation: createAssistant}, then: default}\n"
        "  - {name: some, when: {operation: createAssistant, body: {name: T}}, then: default}\n"
        "objects:\n"
        "  assistants: [{repeat: 3, model: gpt-4o}, {id: asst_1, model: gpt-4o}]\n"
        "  threads: [{repeat: 2}, {id: thread_1, messages: [{role: user, content: x}]}]\n"
        "  runs: [{thread_id: thread_1, assistant_id: asst_1}]\n"
    )

    status, output, _ = command("check", str(file))

    assert status == 0
    warning, summary = output.splitlines()
    assert warning.startswith(f"{file}:3: some: warning: can never match, all ({file}:2)")
    assert summary == "2 stubs, 8 objects: OK"


def test_every_problem_of_an_object_is_reported(tmp_path: Path) -> None:
    file = tmp_path / "objects.yaml"
    file.write_text(
        "objects: {assistants: [{model: gpt-4o, temperature: 9, top_p: 7, name: 3, colour: red}]}\n"
    )

    status, output, _ = command("check", str(file))

    assert status == 2
    places = [line.split(": ")[1] for line in output.splitlines()]
    fields = ("colour", "name", "temperature", "top_p")
    assert places == [f"objects.assistants[0].{field}" for field in fields]


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ('stubs: [{then: {status: "404"}}]', "write a whole number, without quotes"),
        ("stubs: [{then: {drop: metadata.a}}]", "write a list, such as [one, two]"),
        (
            "stubs: [{then: {delay: soon}}]",
            'a length of time: "soon": use seconds, or a text such as',
        ),
        ("stubs:\n\t- then: default", "replace tabs by spaces"),
        ("just words", "write keys and values, such as stubs: and objects: at the top"),
    ],
)
def test_the_remedy_fits(tmp_path: Path, text: str, remedy: str) -> None:
    file = tmp_path / "f.yaml"
    file.write_text(text)

    status, output, _ = command("check", str(file))

    assert status == 2
    assert remedy in output


def test_missing_files_are_reported(tmp_path: Path) -> None:
    missing, nothing = str(tmp_path / "no.yaml"), str(tmp_path / "*.yaml")

    status, output, _ = command("check", missing, nothing, str(tmp_path))

    assert status == 2
    assert len(output.splitlines()) == 3


def test_a_link_that_leads_outside_its_folder_is_refused(tmp_path: Path) -> None:
    inside, outside = tmp_path / "inside", tmp_path / "outside.yaml"
    inside.mkdir()
    outside.write_text("stubs: []\n")
    (inside / "link.yaml").symlink_to(outside)

    status, output, _ = command("check", str(inside))

    assert status == 2
    assert "leads outside its folder" in output


def test_the_folder_of_our_own_data_is_refused_in_one_line() -> None:
    folder = shipped_data.fixtures_folder()

    status, output, _ = command("check", str(folder))

    assert status == 2
    assert output == (
        f"{folder}: this folder has mockserver's own data, such as errors.yaml, and not your "
        f"fixtures: pass another folder, such as {folder / 'examples'}\n"
    )
    assert command("--port", "0", "--fixtures", str(folder)) == (2, "", output)


def test_the_catalogue_of_faults_is_printed() -> None:
    status, output, _ = command("faults")

    assert status == 0
    assert any(
        line.startswith("rate_limit_exceeded") and " 429 " in line for line in output.split("\n")
    )


def test_a_duplicate_key_does_not_hide_the_other_problems(tmp_path: Path) -> None:
    file = tmp_path / "several.yaml"
    file.write_text(
        "stubs:\n  - then: default\n    then: default\n    foo: 1\n  - then: {fault: nope}\n"
    )

    _, output, _ = command("check", str(file))

    assert [line.removeprefix(f"{file}:").partition(":")[0] for line in output.splitlines()] == [
        "3",
        "4",
        "5",
    ]


def test_warnings_are_given_beside_problems_in_the_order_of_their_lines(tmp_path: Path) -> None:
    first, second = tmp_path / "a.yaml", tmp_path / "b.yaml"
    first.write_text(
        "stubs:\n"
        "  - {name: all, when: {operation: createAssistant}, then: default}\n"
        "  - {name: never, when: {operation: createAssistant, query: {a: b}}, then: default}\n"
        "  - {name: wrong, then: {fault: nope}}\n"
        "  - {name: typed, when: {body: {name: {startswith: A}}}, then: default}\n"
        "  - {name: twice, name: again, then: default}\n"
        "  - {name: behind what is wrong, when: {method: GET}, then: default}\n"
    )
    second.write_text("stubs: [{then: {fault: nope}}, {when: {path: /x}, then: {body: {a: 1}}}]\n")

    status, output, _ = command("check", str(second), str(first))

    assert status == 2
    found = output.splitlines()
    assert [(one.partition(": ")[0], ": warning: " in one) for one in found] == [
        (f"{first}:3", True),
        (f"{first}:4", False),
        (f"{first}:5", True),
        (f"{first}:6", False),
        (f"{second}:1", False),
        (f"{second}:1", True),
    ]


@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "cp1252"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    ],
    ids=lambda environment: next(iter(environment.values())),
)
def test_a_console_that_is_not_utf_8_shows_escapes(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    (tmp_path / "wrong.yaml").write_text('stubs: [{then: {fault: "\u65e5\u672c"}}]', "utf-8")
    (tmp_path / "valid.yaml").write_text(
        'stubs: [{then: default}, {name: "\u65e5\u672c", then: default}]', "utf-8"
    )

    status, output, errors = command("check", str(tmp_path / "wrong.yaml"), **environment)
    assert (status, errors) == (2, "")
    assert "no such fault: '\\u65e5\\u672c'" in output
    status, output, errors = command("check", str(tmp_path / "valid.yaml"), **environment)
    assert (status, errors) == (0, "")
    assert ": \\u65e5\\u672c: warning: can never match" in output
    for printing in ("faults", "schema", "--help"):
        status, _, errors = command(printing, **environment)
        assert (status, errors) == (0, "")


def test_a_path_that_is_not_utf_8_is_shown(tmp_path: Path) -> None:
    file = os.fsencode(tmp_path) + b"/caf\xe9.yaml"
    with open(file, "w") as opened:  # noqa: PTH123  a Path takes no bytes
        opened.write("stubs: 5")

    status, output, errors = command("check", str(tmp_path))

    assert (status, errors) == (2, "")
    assert "caf\\udce9.yaml:1: stubs: " in output


def test_eight_thousand_stubs_are_checked_in_seconds(tmp_path: Path) -> None:
    file = tmp_path / "many.yaml"
    file.write_text(
        "stubs:\n"
        + "".join(
            f"- when: {{operation: createAssistant, body: {{name: n{at}, model: gpt-4o}}}}\n"
            f"  then: {{body: {{description: d{at}}}}}\n"
            for at in range(8000)
        )
    )
    began = time.process_time()

    checked = check([str(file)], shipped())

    assert checked == ([], False, 8000, 0)
    assert time.process_time() - began < 8  # to compare each stub with each takes 48 s


def test_thousands_of_conversations_are_checked_in_seconds(tmp_path: Path) -> None:
    message = {"role": "user", "content": "Hello?"}
    ids = [f"thread_{at}" for at in range(4000)]
    run = {"assistant_id": "asst_1", "status": "completed"}
    objects = {
        "assistants": [{"id": "asst_1", "model": "gpt-4o"}],
        "threads": [{"id": thread_id, "messages": [message] * 2} for thread_id in ids],
        "runs": [run | {"thread_id": thread_id} for thread_id in ids],
    }
    file = tmp_path / "many.json"
    file.write_text(json.dumps({"objects": objects}))
    began = time.process_time()

    checked = check([str(file)], shipped())

    assert checked == ([], False, 0, 8001)
    assert time.process_time() - began < 8  # to look for each thread among all takes minutes
