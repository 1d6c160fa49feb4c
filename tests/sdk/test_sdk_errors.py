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
class Fault:
    """A call that goes wrong, and the exception that tells of it."""

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
) -> Fault:
    return Fault(name, call, BadRequestError, param, code)


def not_found(
    name: str, call: Callable[[Client], Any], param: str | None = None, code: str | None = None
) -> Fault:
    return Fault(name, call, NotFoundError, param, code)


FAULTS = [
    # ── Headers ──────────────────────────────────────────────────────────────────
    Fault(
        "no key",
        lambda c: c.beta.assistants.list(extra_headers={"Authorization": Omit()}),
        AuthenticationError,
        None,
        None,
    ),
    Fault(
        "a key with a space in it",
        lambda c: c.with_options(api_key="not a key").beta.assistants.list(),
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
        "temperature",
        "unsupported_parameter",
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
        "a type of tool that is none",
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
        "an id that is none",
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
    Fault(
        "a method that is not taken",
        lambda c: c.put("/assistants", cast_to=object),
        APIStatusError,
        None,
        "method_not_supported",
    ),
]

each_fault = pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)


def check(error: APIStatusError, fault: Fault) -> None:
    assert type(error) is fault.error
    assert error.status_code == fault.status
    assert error.param == fault.param
    assert error.code == fault.code
    assert error.type == "invalid_request_error"
    assert error.body == {
        "message": ANY,
        "type": "invalid_request_error",
        "param": fault.param,
        "code": fault.code,
    }
    assert error.request_id is not None
    assert error.request_id.startswith("req_")
    assert error.request_id == error.response.headers["x-request-id"]
    # What comes back is the first try: nothing here is worth another.
    assert error.response.request.headers["x-stainless-retry-count"] == "0"


@each_fault
def test_a_fault_is_an_exception_of_its_own(client: OpenAI, fault: Fault) -> None:
    with pytest.raises(APIStatusError) as caught:
        fault.call(client)

    check(caught.value, fault)


@each_fault
async def test_a_fault_is_the_same_exception_for_the_async_client(
    async_client: AsyncOpenAI, fault: Fault
) -> None:
    with pytest.raises(APIStatusError) as caught:
        await fault.call(async_client)

    check(caught.value, fault)


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


def test_a_failed_create_makes_nothing(client: OpenAI) -> None:
    with pytest.raises(BadRequestError):
        client.beta.assistants.create(model="gpt-4o", name="n" * 257)

    assert client.beta.assistants.list().data == []
