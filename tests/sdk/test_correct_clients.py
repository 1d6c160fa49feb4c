"""What a good client gets of the report: no problem, whatever happens to it."""

import asyncio
import contextlib
import time

import openai
import pytest
from openai import AsyncOpenAI, OpenAI

from mockserver import MockServer
from mockserver.client.report import Report

FAULTS = [
    "rate_limit_exceeded; retry_after_ms=60",
    "rate_limit_exceeded; retry_after=1",
    "server_error",
    "overloaded; retry_after_ms=20",
    "conflict; retry_after_ms=20",
    "connection_reset",
    "empty_reply",
    "garbage_status_line",
    "truncated_body",
    "invalid_api_key",
    "model_not_found",
    "not_found",
    "insufficient_quota",
    "latency; ms=20",
    "overloaded; should_retry=false",
    # 1.x comes back sooner than it is asked to, which is a problem.
    *([] if openai.__version__.startswith("1.") else ["rate_limit_exceeded; retry_after=121"]),
]
"""Each twice, as far as it is retried at all."""

pytestmark = pytest.mark.slow


def report(client: OpenAI | AsyncOpenAI) -> Report:
    return MockServer(str(client.base_url).removesuffix("/"), client.api_key).report()


def arm(client: OpenAI | AsyncOpenAI, fault: str, times: int = 2) -> None:
    name, *options = fault.split("; ")
    mock = MockServer(str(client.base_url).removesuffix("/"), client.api_key)
    values = dict(option.split("=") for option in options)
    mock.fault(name, on="createAssistant", times=times, **{k: _read(v) for k, v in values.items()})


def _read(value: str) -> bool | int:
    return value == "true" if value in ("true", "false") else int(value)


@pytest.mark.parametrize("fault", FAULTS)
def test_the_official_client_gets_no_problem(client: OpenAI, fault: str) -> None:
    arm(client, fault)
    with contextlib.suppress(openai.OpenAIError):
        client.beta.assistants.create(model="gpt-4o")

    assert report(client).problems == []
    assert report(client).requests[0]["sure"] == "certain"


async def test_many_equal_requests_side_by_side_get_no_problem(async_client: AsyncOpenAI) -> None:
    """Each of them is retried on a connection of the pool, whichever is free."""
    arm(async_client, "rate_limit_exceeded; retry_after_ms=200", times=12)
    await asyncio.gather(*(async_client.beta.assistants.create(model="gpt-4o") for _ in range(8)))
    seen = await asyncio.to_thread(report, async_client)

    assert seen.problems == []
    assert sum(request["count"] for request in seen.requests) == 20
    assert {request["outcome"] for request in seen.requests} == {"got through"}


async def test_the_async_client_gets_no_problem(async_client: AsyncOpenAI) -> None:
    arm(async_client, "connection_reset")
    await async_client.beta.assistants.create(model="gpt-4o")
    seen = await asyncio.to_thread(report, async_client)

    assert seen.problems == []
    assert [(one["outcome"], one["count"]) for one in seen.requests] == [("got through", 3)]


@pytest.mark.parametrize("inject", ["before", "after"])
def test_a_client_that_looks_up_first_gets_no_problem(client: OpenAI, inject: str) -> None:
    mock = MockServer(str(client.base_url).removesuffix("/"), client.api_key)
    mock.fault("connection_reset", on="createAssistant", times=1, inject=inject)
    careful = client.with_options(max_retries=0).beta.assistants
    with pytest.raises(openai.APIConnectionError):
        careful.create(model="gpt-4o", name="Tutor")
    if not [one for one in careful.list() if one.name == "Tutor"]:
        careful.create(model="gpt-4o", name="Tutor")

    assert mock.report().problems == []
    mock.assert_resilient()
    mock.assert_no_duplicates()
    assert len(list(careful.list())) == 1


def test_an_application_that_retries_by_itself_gets_no_problem(client: OpenAI) -> None:
    """The client says of each of its requests that it is the first attempt."""
    arm(client, "overloaded")
    alone = client.with_options(max_retries=0).beta.assistants
    for wait in (0.1, 0.2, 0):
        try:
            alone.create(model="gpt-4o")
        except openai.InternalServerError:
            time.sleep(wait)

    assert report(client).problems == []
    assert [(one["outcome"], one["count"]) for one in report(client).requests] == [
        ("got through", 3)
    ]


def test_one_that_gives_up_in_the_end_gets_none_either(client: OpenAI) -> None:
    arm(client, "overloaded", times=9)
    alone = client.with_options(max_retries=0).beta.assistants
    for _ in range(3):
        with pytest.raises(openai.InternalServerError):
            alone.create(model="gpt-4o")
        time.sleep(0.1)

    assert report(client).problems == []


def test_one_that_does_not_retry_at_all_gets_one(client: OpenAI) -> None:
    arm(client, "overloaded")
    with pytest.raises(openai.InternalServerError):
        client.with_options(max_retries=0).beta.assistants.create(model="gpt-4o")

    assert [one["code"] for one in report(client).problems] == ["never_retried"]
