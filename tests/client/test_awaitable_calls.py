"""`MockServer.aio`: the same calls, awaited under asyncio and trio."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import trio
from aiohttp.test_utils import TestServer

from mockserver import MockServer, create_app
from mockserver.client.awaitable_calls import AwaitableCalls, in_thread
from tests.client.conftest import create
from tests.support import Api

NOT_CALLS = {"start", "another", "for_one_test", "close", "async_wait_for"}
"""The methods that open and close a handle, and one that is awaitable by itself."""

Run = Callable[[Callable[[], Awaitable[None]]], None]


def with_asyncio(main: Callable[[], Awaitable[None]]) -> None:
    async def run() -> None:
        await main()

    asyncio.run(run())


@pytest.fixture(params=[with_asyncio, trio.run], ids=["asyncio", "trio"])
def run(request: pytest.FixtureRequest) -> Any:
    """Run an async function in a loop of its own."""
    return request.param


def test_every_call_has_an_awaitable_form_with_the_same_arguments() -> None:
    methods = dict(inspect.getmembers(MockServer, inspect.isfunction))
    calls = {name for name in methods if not name.startswith("_")} - NOT_CALLS

    for name in calls:
        form = getattr(AwaitableCalls, name)
        assert inspect.iscoroutinefunction(form)
        assert inspect.signature(form).parameters == inspect.signature(methods[name]).parameters


def test_calls_can_be_awaited(mock: MockServer, mine: Api, run: Run) -> None:
    async def main() -> None:
        await mock.aio.stub({"body": {"name": "Ada"}}, {"operation": "createAssistant"})
        await in_thread(lambda: create(mine))
        await mock.aio.assert_called("createAssistant", times=1)
        [request] = await mock.aio.requests()
        assert request.response["name"] == "Ada"
        with pytest.raises(AssertionError, match="called once"):
            await mock.aio.assert_not_called("createAssistant")
        await mock.aio.reset()
        assert await mock.aio.counts() == {}

    run(main)


def test_a_wait_leaves_the_loop_free(mock: MockServer, mine: Api, run: Run) -> None:
    async def main() -> None:
        for wait_for in (mock.aio.wait_for, mock.async_wait_for):
            with pytest.raises(AssertionError, match=r"within 0\.03 s, but it was called 0 times"):
                await wait_for("createAssistant", timeout=0.03)
        await in_thread(lambda: create(mine, name="Ada"))
        await mock.aio.wait_for("createAssistant", body={"name": "Ada"})

    run(main)


async def test_a_server_in_the_same_event_loop_can_be_called() -> None:
    async with TestServer(create_app()) as server:
        mock = MockServer(str(server.make_url("")))
        await mock.aio.stub({"json": "stubbed"}, {"operation": "listModels"})
        waiting = asyncio.create_task(mock.aio.wait_for("listModels"))
        assert await in_thread(lambda: Api(mock.url, mock.api_key).get("/v1/models").json) == (
            "stubbed"
        )
        await waiting
        await mock.aio.forget()
        mock.close()


def test_a_wait_that_is_cancelled_ends_at_once(mock: MockServer) -> None:
    async def main() -> None:
        with trio.move_on_after(0.05) as scope:
            await mock.aio.wait_for("createAssistant", timeout=30)
        assert scope.cancelled_caught

    begin = time.monotonic()
    trio.run(main)
    assert time.monotonic() - begin < 5
