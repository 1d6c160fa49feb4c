"""Fixture files: found by path, folder and glob; all of them are loaded, or none."""

from pathlib import Path

import pytest

from mockserver.api.shared.known_models import shipped
from mockserver.loading.files import load, stamp
from mockserver.problems import FixtureError, Problem
from tests.conftest import Start

STUB = "stubs: [{name: %s, then: default}]\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "b.yaml").write_text(STUB % "b")
    (tmp_path / "a.yml").write_text(STUB % "a")
    (tmp_path / "c.json").write_text('{"stubs": [{"name": "c", "then": "default"}]}')
    (tmp_path / "notes.txt").write_text("not a fixture")
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "d.yaml").write_text(STUB % "d")
    return tmp_path


def names(*paths: Path | str) -> list[str]:
    return [stub.name for stub in load([str(path) for path in paths], shipped()).stubs]


def problems(*paths: Path | str) -> list[Problem]:
    with pytest.raises(FixtureError) as refused:
        names(*paths)
    return refused.value.problems


def test_a_folder_loads_its_fixture_files_and_those_below_by_name(folder: Path) -> None:
    assert names(folder) == ["a", "b", "c", "d"]


def test_files_are_loaded_in_the_order_given(folder: Path) -> None:
    assert names(folder / "c.json", folder / "a.yml") == ["c", "a"]


def test_a_glob_loads_its_files_by_name(folder: Path) -> None:
    assert names(folder / "*.y*ml") == ["a", "b"]
    assert names(folder / "**" / "*.yaml") == ["b", "d"]


def test_a_file_given_twice_is_loaded_once(folder: Path) -> None:
    assert names(folder / "a.yml", folder) == ["a", "b", "c", "d"]


def test_no_paths_load_nothing() -> None:
    assert names() == []


def test_every_problem_of_every_file_is_reported_and_nothing_is_loaded(folder: Path) -> None:
    (folder / "b.yaml").write_text("stubs:\n- then: {fault: nope}\n- {then: default, x: 1}\n")
    (folder / "c.json").write_text("{")

    reported = problems(folder, folder / "none.yaml")

    assert [(Path(one.source).name, one.line) for one in reported] == [
        ("b.yaml", 2),
        ("b.yaml", 3),
        ("c.json", 1),
        ("none.yaml", 0),
    ]


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("none.yaml", "no such file"),
        ("*.toml", "no file matches the pattern"),
        ("notes.txt", "not a fixture file"),
    ],
)
def test_a_path_that_is_not_a_fixture_file_is_reported(folder: Path, path: str, words: str) -> None:
    [problem] = problems(folder / path)

    assert problem.what == words


def test_a_folder_without_fixture_files_is_reported(tmp_path: Path) -> None:
    [problem] = problems(tmp_path)

    assert problem.what == "no fixture files in this folder"


def test_a_json_file_is_not_read_as_yaml(folder: Path) -> None:
    (folder / "c.json").write_text("stubs: []\n")

    [problem] = problems(folder / "c.json")
    assert problem.what.startswith("not JSON")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("f.yaml", "stubs: [{name: one, then: default}]"),
        ("f.yaml", "[{name: one, then: default}]"),
        ("f.yaml", "{name: one, then: default}"),
        ("f.yaml", "$schema: x\nversion: 1\nx-mine: 1\nname: one\nthen: default"),
        ("f.JSON", '[{"name": "one", "then": "default"}]'),
    ],
)
def test_a_file_is_a_document_a_list_or_a_single_stub(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)

    assert names(tmp_path) == names(tmp_path / name) == ["one"]


def test_an_id_in_two_files_is_reported_with_both_places(tmp_path: Path) -> None:
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text(
            "objects:\n  assistants:\n  - {model: gpt-4o}\n  - {id: asst_1, model: gpt-4o}\n"
        )

    [problem] = problems(tmp_path)

    assert (problem.source, problem.line) == (str(tmp_path / "b.yaml"), 4)
    assert problem.place == "objects.assistants[1].id"
    assert problem.what == f"the id is already used in {tmp_path / 'a.yaml'}:4"


@pytest.mark.parametrize(
    ("objects", "place"),
    [
        ("{threads: [{id: thread_1}]}", "threads[0].id"),
        (
            "{threads: [{messages: [{id: msg_1, role: user, content: x}]}]}",
            "threads[0].messages[0].id",
        ),
    ],
)
def test_so_is_the_id_of_a_thread_or_a_message(tmp_path: Path, objects: str, place: str) -> None:
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text(f"objects: {objects}")

    [problem] = problems(tmp_path)

    assert (problem.source, problem.place) == (str(tmp_path / "b.yaml"), f"objects.{place}")
    assert problem.what == f"the id is already used in {tmp_path / 'a.yaml'}:1"


def test_objects_that_are_written_alike_in_two_files_are_two(tmp_path: Path, start: Start) -> None:
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text("objects: {assistants: [{model: gpt-4o}]}")
    listed = [
        [one["id"] for one in start(fixtures=(str(tmp_path),)).get("/v1/assistants").json["data"]]
        for _ in range(2)
    ]

    assert len(set(listed[0])) == 2
    assert listed[0] == listed[1]


def test_extensions_are_for_anchors_and_are_ignored(tmp_path: Path) -> None:
    (tmp_path / "f.yaml").write_text(
        "x-create: &create {operation: createAssistant}\n"
        "x-more: [1, {a: b}]\n"
        "stubs: [{x-note: mine, name: one, when: *create, then: default}]\n"
    )

    [stub] = load([str(tmp_path)], shipped()).stubs
    assert stub.operations == frozenset({"createAssistant"})
    assert "x-note" not in stub.definition


def test_a_change_of_a_file_changes_the_stamp(folder: Path) -> None:
    before = stamp([str(folder)])
    (folder / "a.yml").write_text(STUB % "changed")
    changed = stamp([str(folder)])
    (folder / "b.yaml").unlink()

    (folder / "answer.txt").write_text("1")
    included = stamp([], [folder / "answer.txt"])
    (folder / "answer.txt").write_text("22")

    assert stamp([], [folder / "answer.txt"]) != included
    assert before != changed
    assert stamp([str(folder)]).keys() == changed.keys() - {str(folder / "b.yaml")}
