"""Documents: limits, lines and places, in YAML and JSON alike."""

import pytest

from mockserver.loading.document_reader import SIZE_LIMIT
from mockserver.loading.read_document import read
from mockserver.problems import FixtureError, Problem, place_text
from tests.loading.documents import the_problem

# ── Limits of both ───────────────────────────────────────────────────────────────


@pytest.mark.parametrize("as_json", [False, True])
def test_a_document_of_17_megabytes_is_refused_before_it_is_read(as_json: bool) -> None:
    # Not UTF-8 and neither YAML nor JSON: only its size can be the problem.
    problem = the_problem(b"\xff[" * (17 * 1024 * 1024 // 2), as_json=as_json)

    assert problem.line == 0
    assert problem.what == f"a document of {17 * 1024 * 1024} bytes is too large"
    assert str(SIZE_LIMIT) in problem.remedy


@pytest.mark.parametrize("as_json", [False, True])
def test_bytes_that_are_not_utf_8_are_refused_with_their_line(as_json: bool) -> None:
    problem = the_problem(b'{"a":\n\n"\xff"}', as_json=as_json)

    assert (problem.line, problem.what) == (3, "not UTF-8")


@pytest.mark.parametrize("as_json", [False, True])
def test_a_document_nests_200_levels_and_no_more(as_json: bool) -> None:
    read(("[" * 200 + "]" * 200).encode(), "f", as_json=as_json)

    assert "nested more than 200 levels" in the_problem("[" * 202 + "]" * 202, as_json=as_json).what


def test_json_nested_200000_levels_is_refused() -> None:
    assert "nested more than 200 levels" in the_problem("[" * 200_000, as_json=True).what


@pytest.mark.slow
@pytest.mark.parametrize("as_json", [False, True])
def test_a_document_has_a_limited_number_of_values(as_json: bool) -> None:
    text = "[" + "1," * 500_000 + "1]"

    assert "more than 500000 values" in the_problem(text, as_json=as_json).what


# ── Lines and places ─────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "as_json"),
    [
        ("stubs:\n  - name: a\n    then:\n      status: 200\n  - 5\n", False),
        ('{"stubs":\n[{"name": "a",\n"then": {\n"status": 200}},\n5]}', True),
    ],
)
def test_every_value_has_its_line(text: str, as_json: bool) -> None:
    lines = read(text.encode(), "f", as_json=as_json).lines

    assert lines["stubs", 0, "name"] == 2
    assert lines["stubs", 0, "then"] == 3
    assert lines["stubs", 0, "then", "status"] == 4
    assert lines["stubs", 1] == 5


def test_a_problem_has_the_line_of_the_nearest_known_place() -> None:
    document = read(b"a:\n  b:\n    c: 1\n", "f.yaml", as_json=False)
    problem = document.problem(("a", "b", "x", 3), "what", "remedy")

    assert str(problem) == "f.yaml:2: a.b.x[3]: what: remedy"


def test_a_problem_in_a_single_stub_has_its_place_in_that_stub() -> None:
    document = read(b"when: {}\nthen:\n  status: 1\n", "body", as_json=False).as_fixtures()

    assert document.value == {"stubs": [{"when": {}, "then": {"status": 1}}]}
    assert str(document.problem(("stubs", 0, "then", "status"), "what", "remedy")) == (
        "body:3: then.status: what: remedy"
    )


def test_a_problem_in_a_list_of_stubs_has_its_place_in_that_list() -> None:
    document = read(b"- then: a\n- then: b\n", "body", as_json=False).as_fixtures()

    assert str(document.problem(("stubs", 1, "then"), "what", "remedy")) == (
        "body:2: [1].then: what: remedy"
    )


def test_a_fixture_document_is_not_wrapped() -> None:
    document = read(b"stubs: []\n", "body", as_json=False)

    assert document.as_fixtures() is document


@pytest.mark.parametrize(
    ("place", "text"),
    [((), ""), (("a",), "a"), (("a", 0, "b"), "a[0].b"), ((0, "a"), "[0].a")],
)
def test_a_place_is_written_as_a_path(place: tuple[str | int, ...], text: str) -> None:
    assert place_text(place) == text


def test_problems_are_reported_in_the_order_of_their_lines() -> None:
    problems = [Problem("f", 9, "", "b", "r"), Problem("f", 10, "", "a", "r")]

    assert str(FixtureError(problems[::-1])) == "f:9: b: r\nf:10: a: r"


def test_a_problem_without_a_line_names_only_its_file() -> None:
    assert str(Problem("f", 0, "", "what", "remedy")) == "f: what: remedy"
