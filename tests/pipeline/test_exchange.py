"""An exchange: how conditions and templates see its request."""

import json
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from tests.support import Api


@pytest.mark.parametrize("lines", [["a, b"], ["a", "b"]])
def test_a_header_in_several_lines_is_the_same_as_in_one(api: Api, lines: list[str]) -> None:
    then = {"json": "{{ request.headers.x-tag }}"}
    api.post("/_mock/stubs", {"when": {"headers": {"X-Tag": "a, b"}}, "then": then})
    connection = HTTPConnection(urlsplit(api.url).netloc, timeout=30)
    connection.putrequest("GET", "/v1/models")
    for name, value in [("Authorization", f"Bearer {api.key}"), *(("x-TAG", one) for one in lines)]:
        connection.putheader(name, value)
    connection.endheaders()

    assert json.loads(connection.getresponse().read()) == "a, b"
    connection.close()
