"""Reading documents: YAML 1.2, JSON, their lines, and what is refused."""

import json
from time import monotonic
from typing import Any

import pytest

from mockserver.loading.read import read
from mockserver.loading.reader import SIZE_LIMIT
from mockserver.problems import FixtureError, Problem, place_text


def yaml(text: str) -> Any:
    return read(text.encode(), "f.yaml", as_json=False).value


def from_json(text: str) -> Any:
    return read(text.encode(), "f.json", as_json=True).value


def problems(text: str | bytes, *, as_json: bool = False) -> list[Problem]:
    content = text.encode() if isinstance(text, str) else text
    with pytest.raises(FixtureError) as refused:
        read(content, "f", as_json=as_json).checked_value()
    return refused.value.problems


def the_problem(text: str | bytes, *, as_json: bool = False) -> Problem:
    [problem] = problems(text, as_json=as_json)
    assert problem.remedy
    return problem


# ── YAML: scalars ────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "word",
    [
        *("no", "No", "yes", "on", "OFF", "y", "n"),
        *("2025-01-01", "2025-01-01T00:00:00Z", "12:30:45"),
        *("1_000", "0b1", "0o8", "1.2.3", "tRUE", "none", "="),
    ],
)
def test_a_word_of_yaml_1_2_is_a_string(word: str) -> None:
    assert yaml(f"a: {word}") == {"a": word}


@pytest.mark.parametrize(
    ("scalar", "value"),
    [
        *(("", None), ("~", None), ("null", None), ("NULL", None)),
        *(("true", True), ("False", False), ("TRUE", True)),
        *(("0", 0), ("-7", -7), ("+1", 1), ("010", 10), ("0o17", 15), ("0x1F", 31)),
        *(("1.0", 1.0), (".5", 0.5), ("5.", 5.0), ("1e3", 1000.0), ("-2.5E-1", -0.25)),
        ("12345678901234567890123", 12345678901234567890123),
    ],
)
def test_a_plain_scalar_has_the_type_of_the_core_schema(scalar: str, value: object) -> None:
    [read_value] = yaml(f"a: {scalar}").values()

    assert read_value == value
    assert type(read_value) is type(value)


@pytest.mark.parametrize("style", ["'5'", '"5"', "|-\n  5", ">-\n  5"])
def test_a_quoted_number_is_a_string(style: str) -> None:
    assert yaml(f"a: {style}") == {"a": "5"}


def test_keys_are_always_strings() -> None:
    assert yaml("1: a\ntrue: b\nno: c\n'x': d") == {"1": "a", "true": "b", "no": "c", "x": "d"}


def test_an_empty_document_is_null() -> None:
    assert yaml("") is None
    assert yaml("# only a comment\n") is None


def test_a_byte_order_mark_is_skipped() -> None:
    assert yaml("\ufeffa: 1") == {"a": 1}
    assert from_json("\ufeff[1]") == [1]


# ── YAML: anchors ────────────────────────────────────────────────────────────────


def test_an_alias_stands_for_its_anchor() -> None:
    assert yaml("a: &x {b: [1]}\nc: *x\nd: *x") == {
        "a": {"b": [1]},
        "c": {"b": [1]},
        "d": {"b": [1]},
    }


def test_a_merge_key_adds_the_keys_that_the_mapping_lacks() -> None:
    assert yaml("base: &x {a: 1, b: 2}\nmore:\n  b: 3\n  <<: *x")["more"] == {"a": 1, "b": 3}


def test_of_several_merged_mappings_the_first_wins() -> None:
    text = "one: &one {a: 1}\ntwo: &two {a: 2, b: 2}\nboth: {<<: [*one, *two], c: 3}"

    assert yaml(text)["both"] == {"a": 1, "b": 2, "c": 3}


def test_a_quoted_merge_key_is_a_key() -> None:
    assert yaml("'<<': 5") == {"<<": 5}


@pytest.mark.parametrize("value", ["5", "[5]", "[[{a: 1}]]"])
def test_a_merge_key_accepts_only_mappings(value: str) -> None:
    assert "`<<` expects a mapping" in the_problem(f"a: 1\nb:\n  <<: {value}").what


def test_an_alias_that_contains_itself_is_refused() -> None:
    assert the_problem("x: 1\na: &a\n  b: [*a]").what == "an alias that contains itself"


def test_a_billion_laughs_document_is_refused_before_it_is_expanded() -> None:
    lines = ["a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 30)]
    started = monotonic()

    assert "more than 500000 values" in the_problem("\n".join(lines)).what
    assert monotonic() - started < 30


# ── YAML: problems ───────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "tagged",
    [
        "!!python/object:os.system x",
        "!!python/object/apply:os.system [echo]",
        "!!python/name:os.system ''",
        "!!int '5'",
        "!!binary aGk=",
        "!!set {a, b}",
        "!!timestamp 2025-01-01",
        "!mine 5",
    ],
)
def test_a_tag_is_refused_with_its_place(tagged: str) -> None:
    problem = the_problem(f"a:\n  b: {tagged}")

    assert problem.what.startswith("the tag ")
    assert problem.what.endswith(" is not allowed")
    assert (problem.line, problem.place) == (2, "a.b")


def test_a_duplicate_key_is_reported_with_both_lines() -> None:
    problem = the_problem("a: 1\nb:\n  c: 1\n  d: 1\n  c: 2\n")

    assert (problem.line, problem.place) == (5, "b.c")
    assert problem.what == "duplicate key 'c', first given on line 3"


def test_every_duplicate_key_is_reported() -> None:
    assert [(one.line, one.place) for one in problems("a: 1\na: 2\nb: {c: 1, c: 2}")] == [
        (2, "a"),
        (3, "b.c"),
    ]


def test_a_key_written_in_another_style_is_a_duplicate() -> None:
    assert the_problem("1: a\n'1': b").line == 2


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: 1\nb: [\n", 3),
        ("a: 1\nb: 'x\n", 3),
        ("a: 1\n\tb: 2\n", 2),
        ("a: 1\nb: *nothing\n", 2),
        ("a: 1\n---\nb: 2\n", 2),
        ("a: b: c\n", 1),
        ('a: 1\nb: "\\ud800"\n', 2),
    ],
)
def test_invalid_yaml_is_refused_with_its_line(text: str, line: int) -> None:
    problem = the_problem(text)

    assert problem.line == line
    assert problem.what.startswith("not YAML: ")


def test_a_control_character_is_not_yaml() -> None:
    assert the_problem("a: \x00").what.startswith("not YAML: ")


def test_a_key_has_to_be_a_scalar() -> None:
    assert the_problem("a: 1\n? [b]\n: c\n").line == 2


def test_a_number_with_too_many_digits_is_refused() -> None:
    problem = the_problem(f"a: 1\nb: {'9' * 5000}\n")

    assert (problem.line, problem.place, problem.remedy) == (2, "b", "quote it")


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


# ── JSON ─────────────────────────────────────────────────────────────────────────


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


@pytest.mark.parametrize("depth", [201, 100_000])
def test_deep_nesting_is_refused_before_it_is_composed(depth: int) -> None:
    assert the_problem("[" * depth).what == "nested more than 200 levels"


def test_a_tag_is_refused_wherever_it_stands() -> None:
    for text in ("a: !!str 5", "!!python/object:os.system x: 5", "a: ! 5"):
        assert "is not allowed" in the_problem(text).what
