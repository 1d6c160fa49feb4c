"""Header fields: no case in names, and one value of a name that came several times."""

import copy

import pytest
from multidict import CIMultiDict, CIMultiDictProxy

from mockserver.http.headers import Headers

PAIRS = [("X-Team", "blue"), ("x-tag", "a"), ("X-TAG", "b")]


@pytest.mark.parametrize("name", ["X-Team", "x-team", "X-TEAM"])
def test_a_name_has_no_case(name: str) -> None:
    headers = Headers(PAIRS)

    assert headers[name] == headers.get(name) == "blue"
    assert name in headers
    assert headers.getall(name) == ["blue"]


def test_the_values_of_a_repeated_name_are_joined_and_apart() -> None:
    headers = Headers(PAIRS)

    assert headers["x-tag"] == "a, b"
    assert headers.getall("X-Tag") == ["a", "b"]


def test_a_name_that_is_not_there_is_missed_as_in_a_dictionary() -> None:
    headers = Headers(PAIRS)

    with pytest.raises(KeyError):
        headers["x-none"]
    assert headers.get("x-none") is None
    assert headers.get("x-none", "else") == "else"
    assert headers.getall("x-none") == []
    assert "x-none" not in headers


def test_each_name_comes_once_in_lower_case() -> None:
    headers = Headers(PAIRS)

    assert list(headers) == ["x-team", "x-tag"]
    assert len(headers) == 2
    assert dict(headers) == {"x-team": "blue", "x-tag": "a, b"}
    assert list(headers.values()) == ["blue", "a, b"]
    assert not Headers()


def test_equal_headers_may_be_written_in_any_way() -> None:
    headers = Headers(PAIRS)

    assert headers == {"X-TEAM": "blue", "X-Tag": "a, b"}
    assert headers == Headers([("X-TAG", "a"), ("x-team", "blue"), ("x-tag", "b")])
    assert headers == copy.deepcopy(headers)
    assert headers != {"x-team": "blue"}
    assert headers != {"x-team": "blue", "x-tag": "b"}
    assert headers != PAIRS


def test_a_person_can_read_them() -> None:
    assert repr(Headers(PAIRS)) == "Headers({'x-team': 'blue', 'x-tag': 'a, b'})"


def test_the_headers_of_a_request_are_not_copied() -> None:
    fields = CIMultiDict(PAIRS)
    headers = Headers(CIMultiDictProxy(fields))
    fields.add("X-Tag", "c")

    assert headers["x-tag"] == "a, b, c"
