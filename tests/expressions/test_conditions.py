"""Conditions: the values that every operator matches, and those that it does not."""

from typing import Any

import pytest
from multidict import CIMultiDict

from mockserver.expressions.conditions import Condition, compile_part
from mockserver.expressions.operators import OPERATORS, same
from mockserver.expressions.request_view import MISSING, Part, RequestView
from mockserver.problems import Place

Reported = list[tuple[Place, str, str]]


def request(
    body: Any = MISSING, query: dict[str, str] | None = None, headers: dict[str, str] | None = None
) -> RequestView:
    given = CIMultiDict(headers or {})
    return RequestView("createAssistant", "POST", "/v1/assistants", given, query or {}, body)


def conditions(part: Part, wanted: Any, reported: Reported | None = None) -> list[Condition]:
    found: Reported = [] if reported is None else reported
    compiled = list(compile_part(part, wanted, (part,), lambda *one: found.append(one)))
    assert reported is not None or not found
    return compiled


def matches(wanted: Any, body: Any, part: Part = "body") -> bool:
    return all(one.matches(request(body)) for one in conditions(part, wanted))


def in_query(wanted: Any, text: str) -> bool:
    return all(
        one.matches(request(query={"q": text})) for one in conditions("query", {"q": wanted})
    )


CASES: list[tuple[dict[str, Any], list[Any], list[Any]]] = [
    ({"same_items": []}, [[]], [["a"], "", None, {}]),
    ({"same_items": ["a", 1]}, [["a", 1], [1.0, "a"]], [["a"], ["a", 1, 1], ["a", True], "a1"]),
    ({"same_items": ["a", "a", "b"]}, [["a", "b", "a"]], [["a", "b", "b"], ["a", "b"]]),
    (
        {"same_items": [{"type": "x"}, {"type": {"in": ["x", "y"]}}]},
        [[{"type": "y", "n": 1}, {"type": "x"}], [{"type": "x"}, {"type": "x"}]],
        [[{"type": "y"}, {"type": "y"}], [{"type": "x"}]],
    ),
    ({"same_items": [[1, 2]]}, [[[1, 2]]], [[[2, 1]]]),
    ({"equals": "a"}, ["a"], ["b", "A", "", None, 1, ["a"], {"a": 1}]),
    ({"equals": 1}, [1, 1.0], ["1", True, 2, None, [1]]),
    ({"equals": True}, [True], [1, 1.0, "true", False, None]),
    ({"equals": False}, [False], [0, None, "", []]),
    ({"equals": None}, [None], [0, "", False, [], {}]),
    ({"equals": [1, {"a": 2}]}, [[1.0, {"a": 2}]], [[{"a": 2}, 1], [1], [1, {"a": 2, "b": 3}]]),
    ({"equals": {"gt": 3}}, [{"gt": 3}, {"gt": 3.0}], [4, {"gt": 4}, {"gt": 3, "x": 1}]),
    ({"equals": {}}, [{}], [{"a": 1}, [], None]),
    ({"contains": "b"}, ["abc", "b", ["a", "b"]], ["ac", "", ["abc"], 5, None, {"b": 1}]),
    ({"contains": 1}, [[1], [1.0, 2]], [[True], ["1"], "1", 1, {"1": 1}]),
    ({"contains": {"a": 1}}, [[{"a": 1}]], [[{"a": 1, "b": 2}], {"a": 1}, "a"]),
    ({"starts_with": "gpt-4"}, ["gpt-4", "gpt-4o"], ["gpt", "a gpt-4", 4, None, ["gpt-4"]]),
    ({"starts_with": ""}, ["", "x"], [None, 1]),
    ({"ends_with": "mini"}, ["mini", "o-mini"], ["mini-o", "ini", 1, None, ["mini"]]),
    ({"matches": "a.c"}, ["abc", "xabcx", "a😀c"], ["ac", "ABC", 5, None, ["abc"]]),
    ({"matches": "^a+$"}, ["aa"], ["ab", "ba"]),
    ({"in": ["a", 1, None]}, ["a", 1, 1.0, None], ["b", True, "1", ["a"]]),
    ({"gt": 3}, [4, 3.5], [3, 2, "4", True, None, [4]]),
    ({"gte": 3}, [3, 3.0, 4], [2, "3", None]),
    ({"lt": 3}, [2, -1, 2.9], [3, "2", False, None]),
    ({"lte": 3}, [3, 2], [4, "3", None]),
    ({"exists": True}, [None, 0, "", [], False], []),
    ({"length": 2}, ["ab", [1, 2], {"a": 1, "b": 2}], ["a", [], 2, None, True]),
    ({"length": {"gte": 2, "lt": 4}}, ["ab", [1, 2, 3]], ["a", [1, 2, 3, 4], 3]),
    ({"any": {"gt": 3}}, [[1, 4]], [[1], [], 4, "4", {"a": 4}]),
    ({"any": {"type": "function"}}, [[{"type": "x"}, {"type": "function", "n": 1}]], [[{}], []]),
    ({"any": "a"}, [["b", "a"]], ["a", ["ab"]]),
    ({"all": {"starts_with": "a"}}, [["a", "ab"], []], [["a", "b"], "a", None]),
    ({"not": "a"}, ["b", None, 1, []], ["a"]),
    ({"not": {"in": [1, 2]}}, [3, "1", None], [1, 2.0]),
    ({"not": {"gt": 1, "lt": 5}}, [1, 5, "3"], [2]),
    ({"not": {"not": "a"}}, ["a"], ["b"]),
    ({"not": {"any": {"equals": 1}}}, [[2], [], 1], [[1]]),
    ({"any": {"not": {"exists": True}}}, [], [[1], []]),
    ({"all": {"any": {"length": {"gt": 1}}}}, [[["ab"], ["c", "de"]]], [[["a"]], ["ab"]]),
    ({"length": {"not": 2}}, ["a", []], ["ab"]),
    ({"gt": 1, "lt": 5}, [2], [1, 5]),
    ({"starts_with": "a", "ends_with": "z"}, ["az", "a-z"], ["a", "z"]),
]
"""An operator, the values that it matches, and those that it does not match."""


@pytest.mark.parametrize(("wanted", "matched", "failed"), CASES, ids=[str(row[0]) for row in CASES])
def test_an_operator_matches_some_values_and_not_others(
    wanted: dict[str, Any], matched: list[Any], failed: list[Any]
) -> None:
    assert [value for value in matched if not matches({"x": wanted}, {"x": value})] == []
    assert [value for value in failed if matches({"x": wanted}, {"x": value})] == []


def test_every_operator_is_covered() -> None:
    assert {operator for wanted, _, _ in CASES for operator in wanted} == OPERATORS


@pytest.mark.parametrize(
    "wanted",
    [row[0] for row in CASES if "not" not in row[0]],
    ids=[str(row[0]) for row in CASES if "not" not in row[0]],
)
@pytest.mark.parametrize("body", [{}, {"y": 1}, [], "x", None, MISSING])
def test_no_operator_matches_a_missing_value(wanted: dict[str, Any], body: Any) -> None:
    assert not matches({"x": wanted}, body)


@pytest.mark.parametrize("wanted", [{"exists": False}, {"not": 1}, {"not": {"exists": True}}])
def test_a_condition_can_require_a_missing_value(wanted: dict[str, Any]) -> None:
    assert matches({"x": wanted}, {})
    assert not matches({"x": wanted}, {"x": 1})


def test_null_counts_as_an_existing_value() -> None:
    assert not matches({"x": {"exists": False}}, {"x": None})
    assert matches({"x": None}, {"x": None})
    assert not matches({"x": None}, {})


# ── Conditions without an operator ───────────────────────────────────────────────


def test_an_object_names_the_fields_that_must_match_and_no_others() -> None:
    wanted = {"a": 1, "b": {"c": {"gt": 2}}}

    assert matches(wanted, {"a": 1, "b": {"c": 3, "d": 4}, "e": 5})
    assert not matches(wanted, {"a": 1, "b": {"c": 2}})
    assert not matches(wanted, {"a": 1, "b": 3})
    assert not matches(wanted, {"a": 1})


def test_a_list_must_be_equal() -> None:
    assert matches({"tools": [{"type": "x"}]}, {"tools": [{"type": "x"}]})
    assert not matches({"tools": [{"type": "x"}]}, {"tools": [{"type": "x", "more": 1}]})
    assert not matches({"tools": [{"type": "x"}]}, {"tools": [{"type": "x"}, {"type": "y"}]})
    assert not matches({"tools": []}, {"tools": [1]})


def test_an_empty_object_is_any_object() -> None:
    assert matches({"metadata": {}}, {"metadata": {"a": 1}})
    assert not matches({"metadata": {}}, {"metadata": None})
    assert not matches({"metadata": {}}, {})


def test_an_object_with_a_key_that_is_not_an_operator_names_fields() -> None:
    assert matches({"x": {"gt": 1, "name": "n"}}, {"x": {"gt": 1, "name": "n"}})
    assert not matches({"x": {"gt": 1, "name": "n"}}, {"x": 5})


def test_an_item_of_a_list_is_named_by_its_index() -> None:
    assert matches({"tools": {"1": {"type": "b"}}}, {"tools": [{"type": "a"}, {"type": "b"}]})
    assert not matches({"tools": {"1": {"type": "b"}}}, {"tools": [{"type": "b"}]})


def test_operators_apply_to_the_body_as_a_whole() -> None:
    assert matches({"length": 0}, {})
    assert matches({"not": {"name": "T"}}, {"name": "U"})
    assert not matches({"not": {"name": "T"}}, {"name": "T", "more": 1})


# ── Equality ─────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        (1, 1.0, True),
        (0, -0.0, True),
        (True, 1, False),
        (False, 0, False),
        (None, 0, False),
        ("1", 1, False),
        ([True], [1], False),
        ({"a": [1]}, {"a": [1.0]}, True),
        ({"a": True}, {"a": 1}, False),
        ({"a": 1}, {"a": 1, "b": None}, False),
        ([1, 2], [2, 1], False),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        (2**64, 2**64 + 1, False),
    ],
)
def test_equality_is_that_of_json(one: Any, other: Any, equal: bool) -> None:
    assert same(one, other) is equal
    assert same(other, one) is equal


# ── Text: the query, headers, path and method ────────────────────────────────────


@pytest.mark.parametrize(
    ("wanted", "matched", "failed"),
    [
        ({"gte": 50}, ["50", "100", "50.5", "+50"], ["49", "", "many", "-50"]),
        ({"lt": 5}, ["4", "-1", "4.9"], ["5", "x", ""]),
        ({"gt": 1, "lte": 3}, ["2", "3"], ["1", "4"]),
        (20, ["20", "20.0"], ["2", "200", "x", ""]),
        (True, ["true"], ["True", "1", "false"]),
        (False, ["false"], ["0", ""]),
        ("20", ["20"], ["20.0"]),
        ({"in": [20, "all"]}, ["20", "all"], ["2"]),
        ({"not": 20}, ["21", "x"], ["20"]),
        ({"starts_with": "as"}, ["asc"], ["desc"]),
        ({"matches": "^[0-9]+$"}, ["12"], ["12a"]),
        ({"length": 2}, ["12"], ["2"]),
    ],
)
def test_a_number_is_compared_with_the_number_in_a_text(
    wanted: Any, matched: list[str], failed: list[str]
) -> None:
    assert [text for text in matched if not in_query(wanted, text)] == []
    assert [text for text in failed if in_query(wanted, text)] == []


@pytest.mark.parametrize("name", ["X-Team", "x-team", "X-TEAM"])
def test_a_headers_name_may_be_written_in_any_case(name: str) -> None:
    [condition] = conditions("headers", {name: "Blue"})

    assert condition.matches(request(headers={"x-TEAM": "Blue"}))
    assert not condition.matches(request(headers={"x-team": "blue"}))
    assert not condition.matches(request())


@pytest.mark.parametrize(
    ("part", "wanted", "matched"),
    [
        ("method", "POST", True),
        ("method", {"in": ["PUT", "POST"]}, True),
        ("method", "GET", False),
        ("path", {"starts_with": "/v1/"}, True),
        ("path", {"matches": "threads"}, False),
    ],
)
def test_the_method_and_the_path_take_operators(part: Part, wanted: Any, matched: bool) -> None:
    assert all(one.matches(request()) for one in conditions(part, wanted)) is matched


# ── Wrong operands ───────────────────────────────────────────────────────────────


WRONG_OPERANDS: dict[str, list[Any]] = {
    **{name: ["x", True, None, [1]] for name in ("gt", "gte", "lt", "lte")},
    **{name: [5, None, ["a"]] for name in ("starts_with", "ends_with", "matches")},
    "in": ["ab", {}, [], None],
    "same_items": ["ab", {}, None, 1],
    "exists": ["yes", 1, None],
    "length": [-1, 1.5, "2", True, {}, {"name": 1}, [1]],
}


@pytest.mark.parametrize(
    ("operator", "operand"),
    [(operator, operand) for operator, operands in WRONG_OPERANDS.items() for operand in operands],
)
@pytest.mark.parametrize("around", [None, "not", "any", "all"])
def test_a_wrong_operand_is_reported_with_its_place(
    operator: str, operand: Any, around: str | None
) -> None:
    reported: Reported = []
    wanted = {operator: operand}
    conditions("body", {"name": wanted if around is None else {around: wanted}}, reported)

    [(place, what, remedy)] = reported
    assert place == ("body", "name", *([around] if around else []), operator)
    assert what.startswith(f"`{operator}` cannot take ")
    assert remedy.startswith("use ")


def test_a_wrong_operand_inside_length_is_reported_with_its_place() -> None:
    reported: Reported = []
    conditions("body", {"tools": {"length": {"gt": "x"}}}, reported)

    assert [place for place, _, _ in reported] == [("body", "tools", "length", "gt")]


def test_an_invalid_pattern_is_reported_with_the_reason() -> None:
    reported: Reported = []
    conditions("body", {"name": {"matches": "a("}}, reported)

    [(place, what, _)] = reported
    assert place == ("body", "name", "matches")
    assert what.startswith("not a regular expression: ")


def test_every_wrong_operand_is_reported() -> None:
    reported: Reported = []
    conditions("body", {"a": {"gt": "x", "lt": "y"}, "b": {"in": []}}, reported)

    assert len(reported) == 3


# ── Repeated names ───────────────────────────────────────────────────────────────

REPEATED: list[tuple[Any, list[Any], list[Any]]] = [
    ("a", ["a", ["a", "b"], ["b", "a"]], ["b", ["b", "c"]]),
    (1, ["1", ["2", "1.0"]], ["2", ["2", "3"]]),
    (True, [["false", "true"]], [["false", "1"]]),
    (["a", "b"], [["a", "b"], ["b", "a"]], ["a", ["a"], ["a", "b", "c"], ["a", "a"], "ab"]),
    (["a"], ["a", ["a"]], ["b", ["a", "a"]]),
    ([1, "b"], [["b", "1"]], [["b", "2"]]),
    ({"equals": ["b", "a"]}, [["a", "b"]], ["a"]),
    ({"same_items": ["b", {"starts_with": "a"}]}, [["abc", "b"]], [["abc", "b", "b"], "b"]),
    ({"starts_with": "a"}, [["b", "ab"]], [["b", "ba"]]),
    ({"in": ["a", 2]}, [["x", "2"]], [["x", "y"]]),
    ({"gte": 5}, [["1", "5"]], [["1", "4"]]),
    ({"matches": "^a"}, [["b", "ab"]], [["b"]]),
    ({"not": "a"}, ["b", ["b", "c"]], ["a", ["b", "a"]]),
    ({"all": {"starts_with": "a"}}, ["ab", ["a", "ab"]], ["b", ["a", "b"]]),
    ({"any": {"starts_with": "a"}}, ["ab", ["b", "ab"]], ["b", ["b", "c"]]),
    ({"exists": True}, ["", ["a", "b"]], []),
]


@pytest.mark.parametrize(("wanted", "matching", "others"), REPEATED, ids=str)
def test_every_value_of_a_repeated_name_counts(
    wanted: Any, matching: list[Any], others: list[Any]
) -> None:
    for value in matching + others:
        several = value if isinstance(value, list) else [value]
        header = CIMultiDict([("X-Tag", one) for one in several])
        view = RequestView(None, "GET", "/", header, {"x-tag": value}, MISSING)
        for part in ("headers", "query"):
            [condition] = conditions(part, {"x-tag": wanted})
            assert condition.matches(view) is (value in matching), (part, value)


@pytest.mark.parametrize(
    ("part", "wanted"),
    [
        ("query", {"a": None}),
        ("query", {"a": [{"starts_with": "x"}]}),
        ("query", {"a": ["x", None]}),
        ("path", {"b": "x"}),
        ("method", {}),
    ],
)
def test_a_condition_that_no_text_can_meet_is_reported(part: Part, wanted: Any) -> None:
    reported: Reported = []
    conditions(part, wanted, reported)

    [(place, what, remedy)] = reported
    assert place == ((part, "a") if part in ("query", "headers") else (part,))
    assert what
    assert remedy.startswith("write ")


# ── In messages ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ("T", 'body.name = "T"'),
        ({"starts_with": "T"}, 'body.name starts_with "T"'),
        ({"in": [1, None]}, "body.name in [1,null]"),
        ({}, "body.name is {}"),
    ],
)
def test_a_condition_describes_itself(wanted: Any, words: str) -> None:
    [condition] = conditions("body", {"name": wanted})

    assert str(condition) == words


def test_a_long_value_is_truncated_in_messages() -> None:
    [condition] = conditions("body", {"name": "x" * 1000})

    assert len(str(condition)) < 300
    assert str(condition).endswith("characters)")


def test_the_name_of_a_field_is_shown_with_escapes() -> None:
    [condition] = conditions("body", {"cafe\u0301": 1})

    assert str(condition) == "body.cafe\\u0301 = 1"
