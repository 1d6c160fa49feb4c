"""The warnings of `mockserver check` about operators that are probably misspelled."""

import subprocess
import sys
from pathlib import Path

import pytest

from mockserver.api.shared import known_models
from mockserver.loading.compile import compile_document
from mockserver.loading.misspelled_operators import misspelled_operators
from mockserver.loading.read_document import read


def misspelled(when: str) -> list[tuple[str, str]]:
    document = read(f"stubs: [{{when: {when}, then: default}}]".encode(), "f", as_json=False)
    [stub] = compile_document(document, known_models.shipped()).stubs
    return [(str(condition), operator) for condition, operator in misspelled_operators(stub)]


@pytest.mark.parametrize(
    ("when", "reported"),
    [
        ("{body: {name: {startswith: a}}}", [('body.name.startswith = "a"', "starts_with")]),
        (
            "{body: {name: {starts_with: a, foo: 1}}}",
            [('body.name.starts_with = "a"', "starts_with")],
        ),
        ("{query: {limit: {gtee: 50}}}", [("query.limit.gtee = 50", "gte")]),
        ("{body: {name: {starts_with: a}}}", []),
        ("{body: {length: 3, metadata: {team: a}}}", []),
    ],
)
def test_a_field_that_resembles_an_operator_is_reported(
    when: str, reported: list[tuple[str, str]]
) -> None:
    assert misspelled(when) == reported


def test_check_warns_of_it_and_reports_the_file_as_ok(tmp_path: Path) -> None:
    file = tmp_path / "f.yaml"
    file.write_text("stubs:\n- {when: {body: {name: {startswith: a}}}, then: default}\n")
    done = subprocess.run(
        [sys.executable, "-m", "mockserver", "check", str(file)],
        capture_output=True,
        text=True,
        check=True,
    )

    assert "f.yaml:2: stub 1: any request, default: warning: body.name.startswith" in done.stdout
    assert done.stdout.endswith("1 stub, 0 objects: OK\n")
