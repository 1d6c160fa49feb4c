"""Any body of a create request yields an assistant or an error envelope, never a crash."""

import copy
import json
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver import BackgroundServer
from tests.support import Reply

HEADERS = {"Authorization": "Bearer sk-any-body", "OpenAI-Beta": "assistants=v2"}

WORDS = (
    *("model", "name", "description", "instructions", "tools", "tool_resources", "metadata"),
    *("temperature", "top_p", "response_format", "reasoning_effort", "type", "function"),
    *("file_search", "code_interpreter", "file_ids", "vector_store_ids", "vector_stores"),
    *("strict", "parameters", "json_schema", "schema", "static", "auto", "text", "[key]"),
)

VALID: tuple[dict[str, Any], ...] = (
    {"model": "gpt-4o"},
    {"model": "o3-mini", "reasoning_effort": "low", "metadata": {"a": "b", "type": "function"}},
    {
        "model": "gpt-4o",
        "name": "Tutor",
        "description": "d",
        "instructions": "Be kind",
        "temperature": 0.5,
        "top_p": 1,
        "metadata": {"a": "b"},
        "response_format": {
            "type": "json_schema",
            "json_schema": {
                "name": "n",
                "description": "d",
                "schema": {
                    "type": "object",
                    "properties": {"a": {"type": "array", "items": {"type": "string"}}},
                    "required": ["a"],
                    "additionalProperties": False,
                },
                "strict": True,
            },
        },
    },
    {
        "model": "gpt-4.1",
        "tools": [
            {"type": "code_interpreter"},
            {
                "type": "file_search",
                "file_search": {
                    "max_num_results": 5,
                    "ranking_options": {"ranker": "auto", "score_threshold": 0.5},
                },
            },
            {
                "type": "function",
                "function": {
                    "name": "f",
                    "description": "d",
                    "strict": True,
                    "parameters": {
                        "type": "object",
                        "properties": {"a": {"anyOf": [{"type": "null"}]}},
                        "required": ["a"],
                        "additionalProperties": False,
                    },
                },
            },
        ],
        "tool_resources": {
            "code_interpreter": {"file_ids": ["file-1"]},
            "file_search": {
                "vector_stores": [
                    {
                        "file_ids": ["file-1"],
                        "metadata": {"a": "b"},
                        "chunking_strategy": {
                            "type": "static",
                            "static": {"max_chunk_size_tokens": 800, "chunk_overlap_tokens": 400},
                        },
                    }
                ]
            },
        },
    },
)

keys = st.sampled_from(WORDS) | st.text(max_size=5)
leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=-(10**30), max_value=10**30)
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(WORDS)
)
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=6,
)


def containers(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield value
    for child in value.values() if isinstance(value, dict) else value:
        if isinstance(child, dict | list):
            yield from containers(child)


@st.composite
def nearly_valid(draw: st.DrawFn) -> bytes:
    """Return a valid body with one change, at any depth."""
    body = copy.deepcopy(draw(st.sampled_from(VALID)))
    place = draw(st.sampled_from(list(containers(body))))
    what = draw(st.sampled_from(["replace", "add", "remove"]))
    if what == "add":
        place[draw(keys)] = draw(values)
    elif place:
        key = draw(st.sampled_from(list(place)))
        if what == "replace":
            place[key] = draw(values)
        else:
            del place[key]
    return json.dumps(body).encode()


valid = st.builds(
    lambda body, name: json.dumps({**body, "name": name}, ensure_ascii=False).encode(),
    st.sampled_from(VALID),
    st.none() | st.text(max_size=20),
)
bodies = (
    nearly_valid()
    | nearly_valid()
    | valid
    | st.binary(max_size=40)
    | values.map(lambda value: json.dumps(value).encode())
)


@pytest.fixture(scope="module")
def connection(server: BackgroundServer) -> Iterator[HTTPConnection]:
    connection = HTTPConnection(urlsplit(server.url).netloc, timeout=30)
    yield connection
    connection.close()


def send(connection: HTTPConnection, method: str, path: str, body: bytes | None = None) -> Reply:
    connection.request(method, path, body, HEADERS)
    response = connection.getresponse()
    return Reply(response.status, response.headers, response.read())


@pytest.mark.slow
@settings(max_examples=2000, deadline=None, derandomize=True, database=None)
@given(body=bodies)
def test_any_body_is_answered_as_the_service_would(connection: HTTPConnection, body: bytes) -> None:
    reply = send(connection, "POST", "/v1/assistants", body)

    assert reply.body == json.dumps(reply.json, indent=2, ensure_ascii=False).encode()
    if reply.status == 200:
        assert send(connection, "GET", f"/v1/assistants/{reply.json['id']}").body == reply.body
    else:
        assert 400 <= reply.status < 500
        assert reply.error["message"]
        assert reply.error["type"] == "invalid_request_error"
