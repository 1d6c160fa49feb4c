"""Reading YAML 1.2: scalars, anchors, and what is refused."""

from time import monotonic

import pytest

from tests.loading.documents import from_json, problems, the_problem, yaml

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


@pytest.mark.parametrize("depth", [201, 100_000])
def test_deep_nesting_is_refused_before_it_is_composed(depth: int) -> None:
    assert the_problem("[" * depth).what == "nested more than 200 levels"


def test_a_tag_is_refused_wherever_it_stands() -> None:
    for text in ("a: !!str 5", "!!python/object:os.system x: 5", "a: ! 5"):
        assert "is not allowed" in the_problem(text).what
