"""The JSON codec: the service's layout on the way out, no number lost on the way in."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.http import json_codec

NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**40), 10**40)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def layout(value: Any) -> bytes:
    return json.dumps(value, indent=2, ensure_ascii=False).encode()


def nested(levels: int) -> bytes:
    return b"[" * levels + b"]" * levels


@given(VALUES)
def test_the_layout_is_that_of_the_standard_library_with_two_spaces(value: Any) -> None:
    assert json_codec.dumps(value) == layout(value)


@pytest.mark.parametrize(
    "number",
    [
        *(1.0, 0.7, 1e-4, 1e-05, -1e-05, 1e-07, -1.5e-07, 5e-324, -0.0, 10.00005),
        *(1e16, 1e22, 1.7976931348623157e308, 2**64, 10**30),
    ],
)
def test_numbers_are_written_as_python_writes_them(number: float) -> None:
    for value in (number, [number], {"step-by-step": number}):
        assert json_codec.dumps(value) == layout(value)


@pytest.mark.parametrize("text", ["é", "😀", "\u2028", "\x00\x1f\x7f", "\b\f\n\r\t", '"\\/'])
def test_text_is_raw_utf_8_with_the_shortest_escapes(text: str) -> None:
    assert json_codec.dumps([text]) == layout([text])


def test_empty_containers_stay_on_their_line() -> None:
    assert (
        json_codec.dumps({"tools": [], "metadata": {}}) == b'{\n  "tools": [],\n  "metadata": {}\n}'
    )


def test_the_deepest_body_can_be_written_again() -> None:
    value = json_codec.loads(nested(json_codec.MAX_DEPTH))

    assert json_codec.dumps(value) == layout(value)


def test_a_lone_surrogate_can_be_written() -> None:
    assert json_codec.dumps("a\ud800b") == b'"a?b"'


@given(st.recursive(st.none() | st.booleans() | st.text(), st.lists))
def test_what_was_written_reads_back_the_same(value: Any) -> None:
    assert json_codec.loads(json_codec.dumps(value)) == value


@pytest.mark.parametrize(
    "number", [2**63 - 1, -(2**63), -(2**63) - 1, 2**64 - 1, 2**64, 10**300, -(10**30)]
)
def test_whole_numbers_keep_every_digit(number: int) -> None:
    value = json_codec.loads(b'{"number": [%d]}' % number)["number"][0]

    assert value == number
    assert isinstance(value, int)


def test_a_long_run_of_digits_in_a_string_is_text() -> None:
    assert json_codec.loads(b'["123456789012345678901234567890"]') == [
        "123456789012345678901234567890"
    ]


def test_the_last_of_two_equal_keys_counts() -> None:
    assert json_codec.loads(b'{"a": 1, "a": 2}') == {"a": 2}


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"  \n", id="white space"),
        pytest.param(b"NaN", id="NaN"),
        pytest.param(b"[Infinity]", id="Infinity"),
        pytest.param(b"[-Infinity]", id="-Infinity"),
        pytest.param(b"1e400", id="1e400"),
        pytest.param(b"[99999999999999999999, 1e400]", id="1e400 next to a big integer"),
        pytest.param(b"[99999999999999999999, NaN]", id="NaN next to a big integer"),
        pytest.param(b"1" * 5000, id="5000 digits"),
        pytest.param(b'"\\ud800"', id="lone surrogate"),
        pytest.param(b'"\xff"', id="not UTF-8"),
        pytest.param(b'"\xed\xa0\x80"', id="surrogate in UTF-8"),
        pytest.param(b"\xef\xbb\xbf{}", id="byte order mark"),
        pytest.param('{"a": 1}'.encode("utf-16"), id="UTF-16"),
        pytest.param(b"[1,]", id="trailing comma"),
        pytest.param(b'{"a": 1,}', id="trailing comma in an object"),
        pytest.param(b"{'a': 1}", id="single quotes"),
        pytest.param(b"[1] [2]", id="two documents"),
        pytest.param(b'{"a": ', id="cut off"),
        pytest.param(b'"\t"', id="raw control character"),
        pytest.param(b"// hello\n{}", id="comment"),
        pytest.param(b"01", id="leading zero"),
    ],
)
def test_invalid_json_is_refused(raw: bytes) -> None:
    with pytest.raises(json_codec.NotJSONError):
        json_codec.loads(raw)


def test_two_hundred_levels_are_accepted() -> None:
    assert json_codec.loads(nested(200)) == json.loads(nested(200))


@pytest.mark.parametrize("levels", [201, 254, 255, 1024, 1025, 100_000])
def test_more_than_two_hundred_levels_are_too_deep(levels: int) -> None:
    with pytest.raises(json_codec.TooDeepError):
        json_codec.loads(nested(levels))


def test_objects_count_as_levels_too() -> None:
    with pytest.raises(json_codec.TooDeepError):
        json_codec.loads(b'{"a":[' * 100 + b"{}" + b"]}" * 100)


def test_brackets_inside_a_string_are_not_levels() -> None:
    assert json_codec.loads(b'["' + b"[{" * 5000 + b'"]') == ["[{" * 5000]


def test_many_brackets_side_by_side_are_not_levels() -> None:
    assert json_codec.loads(b"[" + b"[]," * 5000 + b"[]]") == [[]] * 5001


@given(st.dictionaries(st.text(), NUMBERS | st.text()), st.randoms(use_true_random=False))
def test_the_canonical_form_does_not_depend_on_key_order(value: dict[str, Any], rng: Any) -> None:
    keys = list(value)
    rng.shuffle(keys)

    assert json_codec.canonical({key: value[key] for key in keys}) == json_codec.canonical(value)


@pytest.mark.parametrize(
    ("one", "other"),
    [([1, 2], [2, 1]), ({"a": 1}, {"a": "1"}), ({"a": None}, {}), ({"a": 2**70}, {"a": 2**70 + 1})],
)
def test_the_canonical_form_differs_for_different_values(one: object, other: object) -> None:
    assert json_codec.canonical(one) != json_codec.canonical(other)


def test_the_canonical_form_converts_values_with_default() -> None:
    assert json_codec.canonical({"a": {3}}, default=list) == json_codec.canonical({"a": [3]})


def test_a_number_beyond_a_double_is_not_valid_json() -> None:
    with pytest.raises(json_codec.NotJSONError):
        json_codec.loads(b"%d" % 10**400)
