"""`GET /v1/assistants/{id}`, and the errors for unknown and malformed ids."""

from dataclasses import replace
from typing import Any

import pytest

from tests.support import Api

METHODS = [("GET", None), ("POST", {"name": "x"}), ("DELETE", None)]
WITH_EACH_METHOD = pytest.mark.parametrize(("method", "body"), METHODS)


def test_it_returns_the_bytes_of_the_create(api: Api) -> None:
    created = api.post("/v1/assistants", {"model": "gpt-4o", "name": "ñ"})

    reply = api.get(f"/v1/assistants/{created.json['id']}")

    assert reply.status == 200
    assert reply.body == created.body
    assert reply.headers["Content-Type"] == "application/json"


def test_another_key_does_not_see_it(api: Api) -> None:
    created = api.create()

    stranger = replace(api, key=f"{api.key}-stranger")

    assert stranger.get(f"/v1/assistants/{created['id']}").status == 404


@WITH_EACH_METHOD
@pytest.mark.parametrize("id_", ["asst_abc123", "asst_000000000000000000000000", "asst_a-b_c"])
def test_an_unknown_id_is_not_found(api: Api, method: str, body: Any, id_: str) -> None:
    reply = api.request(method, f"/v1/assistants/{id_}", body)

    assert reply.status == 404
    assert reply.error == {
        "message": f"No assistant found with id '{id_}'.",
        "type": "invalid_request_error",
        "param": None,
        "code": None,
    }


@WITH_EACH_METHOD
@pytest.mark.parametrize("id_", ["foo", "thread_abc", "ASST_abc", "123"])
def test_an_id_with_another_prefix_is_refused(api: Api, method: str, body: Any, id_: str) -> None:
    reply = api.request(method, f"/v1/assistants/{id_}", body)

    assert reply.status == 400
    assert reply.error == {
        "message": f"Invalid 'assistant_id': '{id_}'. Expected an ID that begins with 'asst'.",
        "type": "invalid_request_error",
        "param": "assistant_id",
        "code": "invalid_value",
    }


@WITH_EACH_METHOD
@pytest.mark.parametrize(
    ("sent", "id_"),
    [
        ("asst_a:b", "asst_a:b"),
        ("asst_a%2Fb", "asst_a/b"),
        ("asst_a%20b", "asst_a b"),
        ("asst_%C3%A9", "asst_é"),
        ("asst_a%0A", "asst_a\n"),
    ],
)
def test_an_id_with_other_characters_is_refused(
    api: Api, method: str, body: Any, sent: str, id_: str
) -> None:
    reply = api.request(method, f"/v1/assistants/{sent}", body)

    assert reply.status == 400
    assert reply.error == {
        "message": f"Invalid 'assistant_id': '{id_}'. Expected an ID that contains letters, "
        "numbers, underscores, or dashes, but this value contained additional characters.",
        "type": "invalid_request_error",
        "param": "assistant_id",
        "code": "invalid_value",
    }
