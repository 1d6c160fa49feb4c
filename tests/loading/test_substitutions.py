"""Variables of the environment, and files beside a fixture file."""

from pathlib import Path
from typing import Any

import pytest

from mockserver.api.shared.known_models import shipped
from mockserver.loading.compile import Fixtures
from mockserver.loading.files import load
from mockserver.problems import FixtureError, Problem
from tests.conftest import Start


def loaded(text: str, folder: Path) -> Fixtures:
    (folder / "f.yaml").write_text(text)
    return load([str(folder / "f.yaml")], shipped())


def then(text: str, folder: Path) -> Any:
    [stub] = loaded(text, folder).stubs
    return stub.definition["then"]


def problems(text: str, folder: Path) -> list[Problem]:
    with pytest.raises(FixtureError) as refused:
        loaded(text, folder)
    return refused.value.problems


# ── Variables ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("${NAME}", "Ada"),
        ("${NAME} and ${NAME}", "Ada and Ada"),
        ("${EMPTY}", ""),
        ("${EMPTY:-Eve}", "Eve"),
        ("${UNSET:-}", ""),
        ("${UNSET:-a:-b}", "a:-b"),
        ("${NAME:-Eve}", "Ada"),
        ("$NAME {NAME} $${NAME}", "$NAME {NAME} ${NAME}"),
    ],
)
def test_a_file_that_asks_for_it_gets_variables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: str, value: str
) -> None:
    monkeypatch.setenv("NAME", "Ada")
    monkeypatch.setenv("EMPTY", "")
    monkeypatch.delenv("UNSET", raising=False)
    text = f'{{env: true, then: {{json: {{"${{NAME}}": ["{written}"]}}}}}}'

    assert then(text, tmp_path) == {"json": {"${NAME}": [value]}}
    assert then(text.replace("env: true", "env: false"), tmp_path)["json"] == {"${NAME}": [written]}


def test_variables_are_read_in_stubs_and_objects(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODEL", "gpt-4o")
    monkeypatch.setenv("ID", "asst_ada")
    text = "env: true\nobjects: {assistants: [{id: '${ID}', model: '${MODEL}'}]}"

    [one] = loaded(text, tmp_path).objects
    assert one.own.id == "asst_ada"


@pytest.mark.parametrize(
    ("written", "what", "remedy"),
    [
        ("${UNSET}", "the environment has no variable UNSET", "set it, or write ${UNSET:-default}"),
        ("${}", "not a variable: ${}", "write ${NAME}"),
        ("${1}", "not a variable: ${1}", "write ${NAME}"),
        ("${NAME-x}", "not a variable: ${NAME-x}", "write ${NAME}"),
        ("${NAME", "not a variable: ${NAME", "write ${NAME}"),
    ],
)
def test_a_variable_that_is_not_there_is_reported_with_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: str, what: str, remedy: str
) -> None:
    monkeypatch.delenv("UNSET", raising=False)
    text = f"env: true\nstubs:\n- then:\n    text: '{written}'\n"

    [problem] = problems(text, tmp_path)

    assert (problem.line, problem.place, problem.what) == (4, "stubs[0].then.text", what)
    assert problem.remedy.startswith(remedy)


# ── Files ────────────────────────────────────────────────────────────────────────


def test_the_content_of_a_file_is_the_response(tmp_path: Path, start: Start) -> None:
    (tmp_path / "bodies").mkdir()
    (tmp_path / "bodies" / "models.json").write_text('{"asked": "{{ request.method }}"}')
    (tmp_path / "page.html").write_bytes("<p>é\r\n".encode())
    (tmp_path / "f.yaml").write_text(
        "stubs:\n"
        "- when: {operation: listModels}\n"
        "  then: [{json_file: bodies/models.json, status: 201}, {text_file: page.html}]\n"
    )
    api = start(fixtures=(str(tmp_path / "f.yaml"),))

    first, second = api.get("/v1/models"), api.get("/v1/models")
    assert (first.status, first.json) == (201, {"asked": "GET"})
    assert second.body == "<p>é\r\n".encode()


def test_a_file_that_another_uses_is_no_fixture_file(tmp_path: Path) -> None:
    (tmp_path / "answer.json").write_text('{"id": 1}')
    (tmp_path / "f.yaml").write_text("{then: {json_file: answer.json}}")

    [stub] = load([str(tmp_path)], shipped()).stubs

    assert stub.definition == {"then": {"json": {"id": 1}}}


def test_a_schema_among_fixture_files_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "f.yaml").write_text("$schema: schema.json\nthen: default")
    (tmp_path / "schema.json").write_text(
        '{"$schema": "https://json-schema.org/draft/2020-12/schema", "$defs": {}}'
    )

    assert len(load([str(tmp_path)], shipped()).stubs) == 1
    with pytest.raises(FixtureError, match=r"unknown key '\$defs'"):
        load([str(tmp_path / "schema.json")], shipped())


@pytest.mark.parametrize(
    ("written", "content", "source", "what"),
    [
        ("json_file: b", None, "f.yaml", "no such file: "),
        ("json_file: b", b"{", "b", "not JSON"),
        ("json_file: b", b'{"a": 1, "a": 2}', "b", "duplicate key 'a'"),
        ("text_file: b", b"\xff", "f.yaml", "is not UTF-8"),
        ("text_file: .", None, "f.yaml", "cannot be read: Is a directory"),
        ("json_file: 3", None, "f.yaml", "input should be a valid string, got 3"),
        ("json_file: b, json: 1", b"1", "f.yaml", "json and json_file exclude each other"),
        ("json_file: b, text_file: b", b"1", "f.yaml", "exclude each other"),
        ("json_file: b, fault: overloaded", b"1", "f.yaml", "fault and json exclude each other"),
        ("json_file: b", b'"{{ nope }}"', "f.yaml", "unknown expression `nope`"),
    ],
)
def test_a_file_that_cannot_be_used_is_reported(
    tmp_path: Path, written: str, content: bytes | None, source: str, what: str
) -> None:
    if content is not None:
        (tmp_path / "b").write_bytes(content)

    [problem] = problems(f"stubs:\n- then: {{{written}}}\n", tmp_path)

    assert problem.source == str(tmp_path / source)
    assert what in problem.what
    assert problem.line == (2 if source == "f.yaml" else 1)


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"env": True, "then": "default"}, "env"),
        ({"then": {"json_file": "a.json"}}, "then.json_file"),
        ({"then": [{"text_file": "/etc/hostname"}]}, "then[0].text_file"),
    ],
)
def test_what_is_posted_reads_neither_files_nor_the_environment(
    start: Start, body: object, place: str
) -> None:
    refused = start().post("/_mock/stubs", body)

    assert refused.status == 400
    [error] = refused.json["errors"]
    assert error["place"] == place
    assert "fixture file" in error["what"]
