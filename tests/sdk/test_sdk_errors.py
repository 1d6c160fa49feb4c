"""Errors as OpenAI's Python SDK raises them: one table, for either client."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from unittest.mock import ANY

import pytest
from openai import (
    APIStatusError,
    AsyncOpenAI,
    AuthenticationError,
    BadRequestError,
    NotFoundError,
    Omit,
    OpenAI,
)

Client = OpenAI | AsyncOpenAI


@dataclass(frozen=True)
class FailingCall:
    """A call that fails, and the attributes of its exception."""

    name: str
    call: Callable[[Client], Any]
    error: type[APIStatusError]
    param: str | None
    code: str | None

    @property
    def status(self) -> int:
        return {AuthenticationError: 401, NotFoundError: 404, APIStatusError: 405}.get(
            self.error, 400
        )


def bad_request(
    name: str, param: str | None, code: str | None, call: Callable[[Client], Any]
) -> FailingCall:
    return FailingCall(name, call, BadRequestError, param, code)


def not_found(
    name: str, call: Callable[[Client], Any], param: str | None = None, code: str | None = None
) -> FailingCall:
    return FailingCall(name, call, NotFoundError, param, code)


FAILING_CALLS = [
    # ── Headers ──────────────────────────────────────────────────────────────────
    FailingCall(
        "no key",
        lambda c: c.beta.assistants.list(extra_headers={"Authorization": Omit()}),
        AuthenticationError,
        None,
        None,
    ),
    FailingCall(
        "a key with a tab in it",
        lambda c: c.with_options(api_key="not\ta\tkey").beta.assistants.list(),
        AuthenticationError,
        None,
        "invalid_api_key",
    ),
    bad_request(
        "no beta header",
        None,
        "invalid_beta",
        lambda c: c.beta.assistants.list(extra_headers={"OpenAI-Beta": Omit()}),
    ),
    bad_request(
        "the beta header of v1",
        None,
        "invalid_beta",
        lambda c: c.beta.assistants.list(extra_headers={"OpenAI-Beta": "assistants=v1"}),
    ),
    # ── Models ───────────────────────────────────────────────────────────────────
    bad_request(
        "an unknown model",
        "model",
        "model_not_found",
        lambda c: c.beta.assistants.create(model="gpt-9"),
    ),
    bad_request(
        "a model that Assistants does not take",
        "model",
        "unsupported_model",
        lambda c: c.beta.assistants.create(model="gpt-5-mini"),
    ),
    bad_request(
        "a temperature for a reasoning model",
        "model",
        "unsupported_model",
        lambda c: c.beta.assistants.create(model="o3-mini", temperature=0.5),
    ),
    # ── Fields ───────────────────────────────────────────────────────────────────
    bad_request(
        "an unknown parameter",
        "file_ids",
        "unknown_parameter",
        lambda c: c.beta.assistants.create(model="gpt-4o", extra_body={"file_ids": []}),
    ),
    bad_request(
        "a number for a name",
        "name",
        "invalid_type",
        lambda c: c.beta.assistants.create(model="gpt-4o", extra_body={"name": 7}),
    ),
    bad_request(
        "a name of 257 characters",
        "name",
        "string_above_max_length",
        lambda c: c.beta.assistants.create(model="gpt-4o", name="n" * 257),
    ),
    bad_request(
        "129 tools",
        "tools",
        "array_above_max_length",
        lambda c: c.beta.assistants.create(
            model="gpt-4o",
            tools=[{"type": "function", "function": {"name": f"f{n}"}} for n in range(129)],
        ),
    ),
    bad_request(
        "an unknown type of tool",
        "tools[0].type",
        "invalid_value",
        lambda c: c.beta.assistants.create(
            model="gpt-4o", extra_body={"tools": [{"type": "retrieval"}]}
        ),
    ),
    bad_request(
        "a function's name with a space",
        "tools[0].function.name",
        "invalid_value",
        lambda c: c.beta.assistants.create(
            model="gpt-4o", tools=[{"type": "function", "function": {"name": "get weather"}}]
        ),
    ),
    bad_request(
        "17 pairs of metadata",
        "metadata",
        "object_above_max_properties",
        lambda c: c.beta.assistants.create(
            model="gpt-4o", metadata={f"key{n}": "value" for n in range(17)}
        ),
    ),
    bad_request(
        "a temperature of 3",
        "temperature",
        "decimal_above_max_value",
        lambda c: c.beta.assistants.create(model="gpt-4o", temperature=3),
    ),
    # ── Queries and ids ──────────────────────────────────────────────────────────
    bad_request(
        "a limit of 101",
        "limit",
        "integer_above_max_value",
        lambda c: c.beta.assistants.list(limit=101),
    ),
    bad_request(
        "a malformed id",
        "assistant_id",
        "invalid_value",
        lambda c: c.beta.assistants.retrieve("my-assistant"),
    ),
    not_found("retrieve an unknown id", lambda c: c.beta.assistants.retrieve("asst_nobody")),
    not_found(
        "modify an unknown id", lambda c: c.beta.assistants.update("asst_nobody", name="new")
    ),
    not_found("delete an unknown id", lambda c: c.beta.assistants.delete("asst_nobody")),
    not_found("a cursor to nothing", lambda c: c.beta.assistants.list(after="asst_nobody")),
    not_found(
        "retrieve an unknown model",
        lambda c: c.models.retrieve("gpt-9"),
        "model",
        "model_not_found",
    ),
    not_found("a path to nothing", lambda c: c.get("/assistantz", cast_to=object)),
    FailingCall(
        "a method that is not taken",
        lambda c: c.put("/assistants", cast_to=object),
        APIStatusError,
        None,
        "method_not_supported",
    ),
]

each_failing_call = pytest.mark.parametrize(
    "failing", FAILING_CALLS, ids=lambda failing: failing.name
)


def check(error: APIStatusError, failing: FailingCall) -> None:
    assert type(error) is failing.error
    assert error.status_code == failing.status
    assert error.param == failing.param
    assert error.code == failing.code
    assert error.type == "invalid_request_error"
    assert error.body == {
        "message": ANY,
        "type": "invalid_request_error",
        "param": failing.param,
        "code": failing.code,
    }
    assert error.request_id is not None
    assert error.request_id.startswith("req_")
    assert error.request_id == error.response.headers["x-request-id"]
    # None of these errors is retried.
    assert error.response.request.headers["x-stainless-retry-count"] == "0"


@each_failing_call
def test_an_error_has_its_own_class_of_exception(client: OpenAI, failing: FailingCall) -> None:
    with pytest.raises(APIStatusError) as caught:
        failing.call(client)

    check(caught.value, failing)


@each_failing_call
async def test_an_error_is_the_same_exception_for_the_async_client(
    async_client: AsyncOpenAI, failing: FailingCall
) -> None:
    with pytest.raises(APIStatusError) as caught:
        await failing.call(async_client)

    check(caught.value, failing)


def test_the_exception_says_what_is_wrong(client: OpenAI) -> None:
    message = (
        "Invalid 'temperature': decimal above maximum value. "
        "Expected a value <= 2, but got 3 instead."
    )

    with pytest.raises(BadRequestError) as caught:
        client.beta.assistants.create(model="gpt-4o", temperature=3)

    assert caught.value.body == {
        "message": message,
        "type": "invalid_request_error",
        "param": "temperature",
        "code": "decimal_above_max_value",
    }
    # The SDK has written the whole object here until 3.0, and the message since.
    assert str(caught.value).startswith("Error code: 400 - ")
    assert "decimal above maximum value. Expected a value <= 2" in str(caught.value)


def test_a_failed_create_creates_nothing(client: OpenAI) -> None:
    with pytest.raises(BadRequestError):
        client.beta.assistants.create(model="gpt-4o", name="n" * 257)

    assert client.beta.assistants.list().data == []
