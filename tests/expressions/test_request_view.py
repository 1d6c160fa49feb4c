"""The view of a request: how its values are shown."""

import json

import pytest

from mockserver.expressions.conditions import compile_part
from mockserver.expressions.request_view import show
from tests.support import Api


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("caf\u00e9 \u65e5\u672c \U0001f600", '"caf\u00e9 \u65e5\u672c \U0001f600"'),
        ("cafe\u0301", '"cafe\\u0301"'),
        ({"cafe\u0301": ["\u212b"]}, '{"cafe\\u0301":["\\u212b"]}'),
        ("a\u00a0b\u200bc\ufeff", '"a\\u00a0b\\u200bc\\ufeff"'),
        ("\u1112\u1161", '"\\u1112\\u1161"'),
        ("\U000e0041", '"\\udb40\\udc41"'),
    ],
)
def test_what_looks_like_something_else_is_shown_with_escapes(value: object, shown: str) -> None:
    [condition] = compile_part("body", {"name": {"equals": value}}, (), lambda *_: None)

    assert str(condition) == f"body.name = {shown}"
    assert json.loads(show(value)) == value


def test_texts_that_differ_only_in_their_unicode_form_look_different(api: Api) -> None:
    api.post("/_mock/stubs", {"when": {"body": {"name": "caf\u00e9"}}, "then": {"json": 1}})
    api.create(name="cafe\u0301")

    [entry] = api.get("/_mock/requests?limit=1").json["requests"]
    [condition] = entry["near_misses"][0]["conditions"]
    assert condition["condition"] == 'body.name = "caf\u00e9"'
    assert condition["actual"] == '"cafe\\u0301"'
