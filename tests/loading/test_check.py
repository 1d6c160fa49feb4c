"""`mockserver check`, and a server that refuses to start, report every problem with its line."""

import subprocess
import sys
from pathlib import Path

import pytest

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


def command(*arguments: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "mockserver", *arguments],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
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
        "objects: {assistants: [{repeat: 3, model: gpt-4o}]}\n"
    )

    status, output, _ = command("check", str(file))

    assert status == 0
    warning, summary = output.splitlines()
    assert warning.startswith(f"{file}:3: some: warning: can never match, all ({file}:2)")
    assert summary == "2 stubs, 3 objects: OK"


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
