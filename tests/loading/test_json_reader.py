"""Reading JSON, as the standard library reads it, and what is refused."""

import json

import pytest

from tests.loading.documents import from_json, problems, the_problem


@pytest.mark.parametrize(
    "text",
    [
        '\t{\t"a":\t[1,\t2]\t}\t',
        '{"a": {"b": [true, false, null, 1, 1.0, -0.5, 1e3, "x"]}}',
        '"\\ud83d\\ude00 \\u0000 \\" \\\\ \\/ \\b\\f\\n\\r\\t"',
        '{"": 1, " ": 2, "a.b": 3}',
        "[]",
        "{}",
        "null",
        "12345678901234567890123",
    ],
)
def test_json_is_read_as_the_standard_library_reads_it(text: str) -> None:
    assert from_json(text) == json.loads(text)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('{"a": 1,\n}', 2),
        ("[1,\n]", 2),
        ('{\n"a" 1}', 2),
        ('{"a": 1\n"b": 2}', 2),
        ("[1\n2]", 2),
        ("{\na: 1}", 2),
        ("\n\n'x'", 3),
        ('\n"a\tb"', 2),
        ("[1]\n\nx", 3),
        ('{"a":\n', 2),
        ("[\n01]", 2),
        ("", 1),
        ("// no comments\n[]", 1),
    ],
)
def test_invalid_json_is_refused_with_its_line(text: str, line: int) -> None:
    problem = the_problem(text, as_json=True)

    assert problem.line == line
    assert problem.what.startswith("not JSON: ")
    assert problem.remedy == "correct the syntax"


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_a_number_that_json_does_not_have_is_refused_by_name(number: str) -> None:
    first, *_ = problems(f'{{"a":\n{number}}}', as_json=True)

    assert first.line == 2
    assert first.what == f"not JSON: {number} is not JSON"


@pytest.mark.parametrize("number", ["1e999", "-1e999"])
def test_a_number_out_of_range_is_refused(number: str) -> None:
    problem = the_problem(f'{{"a":\n[{number}]}}', as_json=True)

    assert (problem.line, problem.place) == (2, "a[0]")


@pytest.mark.parametrize("half", ["\\ud83d", "\\ude00", "\\ude00\\ud83d"])
def test_an_unpaired_surrogate_is_refused(half: str) -> None:
    problem = the_problem(f'{{"a":\n"x{half}"}}', as_json=True)

    assert (problem.line, problem.place, problem.what) == (2, "a", "an unpaired surrogate")


def test_an_unpaired_surrogate_is_refused_in_a_key() -> None:
    assert the_problem('{"a": 1,\n"\\ud83d": 2}', as_json=True).line == 2


def test_a_duplicate_key_in_json_is_reported_with_both_lines() -> None:
    problem = the_problem('{"a": {\n"b": 1,\n"c": 2,\n"b": 3}}', as_json=True)

    assert (problem.line, problem.place) == (4, "a.b")
    assert problem.what == "duplicate key 'b', first given on line 2"


def test_a_key_written_with_an_escape_is_the_same_key() -> None:
    assert the_problem('{"a": 1, "\\u0061": 2}', as_json=True).place == "a"
