"""Hints: what would have helped a request that was refused in OpenAI's words."""

from typing import Any

import pytest

from tests.support import Api


@pytest.mark.parametrize(
    ("path", "body", "content_type", "hint"),
    [
        ("/v1/assistants", {"model": "my-model"}, "application/json", "any_model"),
        ("/v1/assistants", {"model": "gpt-5"}, "application/json", "any_model"),
        ("/v1/assistants", {"model": "gpt-4o"}, "text/plain", "Content-Type: application/json"),
        ("/openai/assistants", {"model": "gpt-4o"}, "application/json", "api-version"),
    ],
)
def test_the_journal_says_what_would_have_helped(
    api: Api, path: str, body: Any, content_type: str, hint: str
) -> None:
    headers = {"Content-Type": content_type}
    if path.startswith("/openai"):
        headers["api-key"] = str(api.key)

    reply = api.post(path, body, headers=headers)

    assert hint not in str(reply.json)  # the answer is the service's own
    [entry] = api.get("/_mock/requests").json["requests"]
    assert hint in entry["hint"]


def test_a_request_that_was_answered_has_no_hint(api: Api) -> None:
    api.create()

    assert api.get("/_mock/requests").json["requests"][0]["hint"] is None
