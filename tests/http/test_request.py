"""Requests: the parameters and headers that are repeated."""

import json
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest

from mockserver.http.request import query_parameters, query_values
from tests.support import Api


def stub(api: Api, then: object, when: object) -> None:
    assert api.post("/_mock/stubs", {"when": when, "then": then}).status == 200


@pytest.mark.parametrize(
    ("query", "values"),
    [
        ("", {}),
        ("a=1&b=", {"a": "1", "b": ""}),
        ("a=1&a=2&b=3&a=1", {"a": ["1", "2", "1"], "b": "3"}),
        ("a%5B%5D=%20&a[]=+", {"a[]": [" ", " "]}),
    ],
)
def test_a_repeated_parameter_has_the_list_of_its_values(
    query: str, values: dict[str, object]
) -> None:
    assert query_values(query) == values


def test_of_a_repeated_parameter_the_api_takes_the_last() -> None:
    assert query_parameters("limit=1&limit=2") == {"limit": "2"}


@pytest.mark.parametrize(
    ("when", "query", "matched"),
    [
        ({"query": {"tag": "a"}}, "tag=a&tag=b", True),
        ({"query": {"tag": "b"}}, "tag=a&tag=b", True),
        ({"query": {"tag": ["b", "a"]}}, "tag=a&tag=b", True),
        ({"query": {"tag": ["a", "b"]}}, "tag=a", False),
        ({"query": {"tag": ["a"]}}, "tag=a&tag=b", False),
        ({"query": {"include[]": ["a", "b"]}}, "include[]=a&include%5B%5D=b", True),
    ],
)
def test_every_value_of_a_repeated_parameter_counts(
    api: Api, when: dict[str, Any], query: str, matched: bool
) -> None:
    stub(api, {"json": "stubbed"}, {"operation": "listModels", **when})

    assert (api.get(f"/v1/models?{query}").json == "stubbed") is matched


def test_every_value_of_a_repeated_header_counts(api: Api) -> None:
    stub(api, {"json": "{{ request.headers.x-tag }}"}, {"headers": {"X-Tag": "b"}})
    connection = HTTPConnection(urlsplit(api.url).netloc, timeout=10)
    connection.putrequest("GET", "/v1/models")
    connection.putheader("Authorization", f"Bearer {api.key}")
    connection.putheader("X-Tag", "a")
    connection.putheader("X-Tag", "b")
    connection.endheaders()
    answer = json.loads(connection.getresponse().read())
    connection.close()

    assert answer == ["a", "b"]
    [entry] = api.get("/_mock/requests?limit=1").json["requests"]
    assert entry["request"]["headers"]["x-tag"] == ["a", "b"]
