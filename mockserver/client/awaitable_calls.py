"""The calls of a `MockServer` in an awaitable form, for asyncio and trio."""

import asyncio
import sys
import time
from collections.abc import Callable, Coroutine, Mapping
from functools import partial, wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from mockserver.client.call_assertions import Operation, given
from mockserver.client.caller import caller, of_awaitable
from mockserver.client.mock_server import MockServer

__tracebackhide__ = True

P = ParamSpec("P")
R = TypeVar("R")


async def in_thread(call: Callable[[], R]) -> R:
    """Make a call in a worker thread of the running event loop, asyncio's or trio's."""
    trio: Any = sys.modules.get("trio")  # code that runs in its loop has imported it
    if trio is not None and trio.lowlevel.in_trio_task():
        result: R = await trio.to_thread.run_sync(call, abandon_on_cancel=True)
        return result
    return await asyncio.to_thread(call)


def _awaitable(
    method: Callable[Concatenate[MockServer, P], R],
) -> Callable[Concatenate["AwaitableCalls", P], Coroutine[Any, Any, R]]:
    """Return the awaitable form of a method."""

    @wraps(method)
    async def call(self: "AwaitableCalls", /, *args: P.args, **kwargs: P.kwargs) -> R:
        token = of_awaitable.set(caller())  # the thread gets a copy of the context
        try:
            return await in_thread(partial(method, self._mock, *args, **kwargs))
        finally:
            of_awaitable.reset(token)

    return call


class AwaitableCalls:
    """The calls of a `MockServer`, each in a worker thread: `await mock.aio.advance("10m")`.

    They leave the event loop free, so the server may run in it too, such as one that was made by
    `aiohttp_server(create_app())`.
    """

    def __init__(self, mock: MockServer) -> None:
        self._mock = mock

    stub = _awaitable(MockServer.stub)
    run = _awaitable(MockServer.run)
    say = _awaitable(MockServer.say)
    refuse = _awaitable(MockServer.refuse)
    call = _awaitable(MockServer.call)
    load = _awaitable(MockServer.load)
    objects = _awaitable(MockServer.objects)
    fault = _awaitable(MockServer.fault)
    expect = _awaitable(MockServer.expect)
    configure = _awaitable(MockServer.configure)
    strict = _awaitable(MockServer.strict)
    requests = _awaitable(MockServer.requests)
    counts = _awaitable(MockServer.counts)
    assert_called = _awaitable(MockServer.assert_called)
    assert_not_called = _awaitable(MockServer.assert_not_called)
    assert_calls = _awaitable(MockServer.assert_calls)
    runs = _awaitable(MockServer.runs)
    assert_outputs = _awaitable(MockServer.assert_outputs)
    assert_run_ended = _awaitable(MockServer.assert_run_ended)
    report = _awaitable(MockServer.report)
    assert_resilient = _awaitable(MockServer.assert_resilient)
    assert_no_duplicates = _awaitable(MockServer.assert_no_duplicates)
    advance = _awaitable(MockServer.advance)
    state = _awaitable(MockServer.state)
    restore = _awaitable(MockServer.restore)
    keep = _awaitable(MockServer.keep)
    reset = _awaitable(MockServer.reset)
    forget = _awaitable(MockServer.forget)
    verify = _awaitable(MockServer.verify)
    finish = _awaitable(MockServer.finish)

    async def wait_for(
        self,
        operation: Operation,
        times: int = 1,
        timeout: float = 5.0,  # noqa: ASYNC109  the same as that of `MockServer.wait_for`
        *,
        body: Any = None,
        headers: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
    ) -> None:
        """Wait until an operation was requested at least `times` times; `timeout` is in seconds.

        Raises:
            AssertionError: the timeout is over; the message lists the requests that were received.
        """
        when = given(body=body, headers=headers, query=query)
        checks = self._mock._until(operation, times, timeout, when)
        # One step at a time: a wait that is cancelled then ends at once.
        while (pause := await in_thread(partial(next, checks, None))) is not None:
            await in_thread(partial(time.sleep, pause))
