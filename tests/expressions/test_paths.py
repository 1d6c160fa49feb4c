"""Paths into values, as people write them."""

from typing import Any

import pytest

from mockserver.expressions.paths import parse_path, path_text
from tests.expressions.test_conditions import matches


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("a", ("a",)),
        ("a.b-c.$d", ("a", "b-c", "$d")),
        ("tools[0].type", ("tools", 0, "type")),
        ("tools.0", ("tools", "0")),
        ("a[-1][2]", ("a", -1, 2)),
        ("a['b c'][\"d.e\"]", ("a", "b c", "d.e")),
        *((wrong, None) for wrong in ("", ".a", "[0]", "a.", "a..b", "a[", "a[b]", "a b", "a[0]b")),
    ],
)
def test_a_path_has_steps(text: str, steps: tuple[str | int, ...] | None) -> None:
    assert parse_path(text) == steps


def test_a_path_is_shown_as_it_is_written() -> None:
    assert path_text(("tools", 0, "function", "name")) == "tools[0].function.name"


TOOLS = {"tools": [{"type": "function", "tags": ["a"]}, {"type": "x"}], "a.b": 1, "m": {"n": 2}}


@pytest.mark.parametrize(
    ("wanted", "matched"),
    [
        ({"tools[0].type": "function"}, True),
        ({"tools.0.type": "function"}, True),
        ({"tools[1].type": "function"}, False),
        ({"tools[-1].type": "x"}, True),
        ({"tools[0]": {"type": "function"}}, True),
        ({"tools[0]": {"tags[0]": "a"}}, True),
        ({"tools": {"0": {"type": "function"}}}, True),
        ({"tools[7].type": {"exists": False}}, True),
        ({"m.n": 2}, True),
        ({"a.b": 1}, True),
        ({"m[0]": 2}, False),
        ({"a.b": 2}, False),
        ({"not": {"tools[0].type": "function"}}, False),
        ({"not": {"tools": {"0": {"type": "function"}}}}, False),
        ({"tools": {"any": {"tags[0]": "a"}}}, True),
        ({"tools": {"all": {"tags[0]": "a"}}}, False),
    ],
)
def test_a_path_is_read_as_people_write_it(wanted: Any, matched: bool) -> None:
    assert matches(wanted, TOOLS) is matched
