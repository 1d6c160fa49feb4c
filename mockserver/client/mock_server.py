"""`MockServer`: a test's handle on a server, which uses only the control API."""

import asyncio
import os
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlencode

from mockserver import real_time
from mockserver.client.caller import caller
from mockserver.client.control_client import (
    SHORT_TIMEOUT_SECONDS,
    ControlClient,
    MockServerError,
    ServerSilentError,
)
from mockserver.client.received_request import ReceivedRequest, format_requests
from mockserver.settings import ClockMode

if TYPE_CHECKING:
    from mockserver.server.background import BackgroundServer

__tracebackhide__ = True  # of every function here: a test's own line is what matters

POLL_SECONDS = 0.01
"""How long `wait_for` sleeps between two requests to the server."""


class MockServer:
    """One API key's namespace on a server: in this process, in another, or in a container.

    ```python
    with MockServer.start() as mock:
        mock.fault("overloaded", on="createAssistant", times=2)
        ...
        mock.assert_called("createAssistant", times=3)
    ```

    Calls block for about a millisecond, so async tests may use them too, as long as
    the server runs in another thread or process. A call raises `MockServerError` where the server
    refuses it, with every problem, or cannot be reached. A `with` block that ends without an error
    calls `verify`.
    """

    def __init__(
        self, url: str, api_key: str | None = None, *, client: ControlClient | None = None
    ) -> None:
        """`url` is the address of the server or of its API.

        `api_key` selects the namespace: it has to be the key that the code under test sends.
        Without it a random key is generated. A `client` that is given is not closed.

        Raises:
            MockServerError: `url` is no address.
        """
        self._client = client or ControlClient(url)
        self._shares_client = client is not None
        self.url = self._client.url
        self.api_key = api_key or f"sk-mock-{os.urandom(12).hex()}"
        self._settings: dict[str, Any] = {}
        self._own: BackgroundServer | None = None

    @classmethod
    def start(cls, **settings: Any) -> "MockServer":
        """Start a server in a thread of its own, on a free port; `close` stops it.

        `settings` are options of the command line: `seed=7`, `fixtures="a.yaml"` or a list.

        Raises:
            SettingsError: a setting cannot be used.
            FixtureError: a fixture file cannot be used.
        """
        from mockserver.problems import FixtureError
        from mockserver.server.background import BackgroundServer
        from mockserver.server.process import CannotListenError
        from mockserver.settings import SettingsError, chosen_by_name

        try:
            chosen = chosen_by_name({"port": 0, "log": "none", **settings})
            server = BackgroundServer(chosen).start()
        except (CannotListenError, FixtureError, SettingsError) as error:  # the message says all
            raise error.with_traceback(None) from None
        mock = cls(server.url)
        mock._own = server
        return mock

    def another(self, api_key: str | None = None) -> "MockServer":
        """Return a handle on another key's namespace, over the same connection.

        Close this handle last. Without `api_key` a random key is generated.
        """
        return MockServer(self.url, api_key, client=self._client)

    @property
    def base_url(self) -> str:
        """The address of the API, as `OPENAI_BASE_URL` wants it."""
        return f"{self.url}/v1"

    # ── Stubs and settings ───────────────────────────────────────────────────────

    def stub(
        self,
        then: Any,
        when: Mapping[str, Any] | None = None,
        *,
        name: str | None = None,
        times: int | None = None,
        probability: float | None = None,
        priority: int | None = None,
    ) -> "MockServer":
        """Add a stub in front; `then` is an action or a list of them, as in a fixture file."""
        stub = {
            "name": name,
            "when": dict(when or {}),
            "times": times,
            "probability": probability,
            "priority": priority,
        }
        self._call("POST", "stubs", {"then": then} | _given(stub))
        return self

    def load(self, path: str | Path) -> "MockServer":
        """Add a fixture file's stubs and objects; `path` may be relative to the working folder.

        Raises:
            OSError: the file cannot be read.
        """
        file = Path(path)
        kind = "application/json" if file.suffix == ".json" else "application/yaml"
        source = urlencode({"source": str(path)[-200:]})
        self._call("POST", f"stubs?{source}", file.read_bytes(), kind)
        return self

    def fault(
        self,
        fault: str,
        /,
        *,
        on: str | Sequence[str] | None = None,
        times: int | None = None,
        probability: float | None = None,
        **options: Any,
    ) -> "MockServer":
        """Inject a fault into requests for an operation, several, or a glob; without `on`, all.

        `options` are the fault's own, such as `retry_after=1`, and a stub's `name`,
        `when` and `priority`.
        """
        rule = {"fault": fault, "on": on, "times": times, "probability": probability}
        self._call("POST", "faults", _given(rule) | options)
        return self

    def expect(self, operation: str) -> "MockServer":
        """Expect an operation: strictness then allows it, and `verify` fails if it never came."""
        return self.stub(
            "default", {"operation": operation}, name=f"expected {operation}", priority=-1000
        )

    def configure(
        self,
        *,
        seed: int | None = None,
        clock: ClockMode | None = None,
        strict: bool | Mapping[str, str] | None = None,
    ) -> "MockServer":
        """Set this key's seed, clock or strictness; an argument left out changes nothing."""
        level = dict(strict) if isinstance(strict, Mapping) else strict
        settings = _given({"seed": seed, "clock": clock, "strict": level})
        self._call("PUT", "settings", settings)
        self._settings |= settings
        return self

    def strict(self, level: bool | Mapping[str, str] = True) -> "MockServer":
        """Refuse requests that no stub expects; `verify` reports them, and stubs never matched.

        `level` may differ for the two: `{"unmatched_requests": "error", "unused_stubs": "warn"}`.
        """
        return self.configure(strict=level)

    # ── Received requests ────────────────────────────────────────────────────────

    def requests(
        self,
        operation: str | None = None,
        status: int | Literal["none"] | None = None,
        limit: int | None = None,
    ) -> list[ReceivedRequest]:
        """Return this key's requests from the journal, newest first.

        `status="none"` selects the requests whose response never reached the client.
        """
        query = urlencode(_given({"operation": operation, "status": status, "limit": limit}))
        entries = self._call("GET", f"requests?{query}")["requests"]
        return [ReceivedRequest.from_entry(entry) for entry in entries]

    def counts(self) -> dict[str, int]:
        """Return the number of requests for each operation, also of those no longer kept."""
        counts: dict[str, int] = self._call("GET", "requests?limit=0")["counts"]
        return counts

    def assert_called(self, operation: str, times: int | None = None) -> None:
        """Assert that an operation was requested `times` times; without `times`, at least once.

        Raises:
            AssertionError: it was not; the message lists the requests that were received.
        """
        count = self._count(operation)
        if count != times if times is not None else not count:
            expected = "at least once" if times is None else _times(times)
            raise AssertionError(
                f"expected {operation} to be called {expected}, but it was called "
                f"{_times(count)}\n{self._all()}"
            )

    def assert_not_called(self, operation: str) -> None:
        """Assert that an operation was never requested.

        Raises:
            AssertionError: it was; the message lists the requests that were received.
        """
        self.assert_called(operation, times=0)

    def wait_for(self, operation: str, times: int = 1, timeout: float = 5.0) -> None:
        """Wait until an operation was requested at least `times` times; `timeout` is in seconds.

        It blocks the thread: use `async_wait_for` if the requests come from the same event loop.

        Raises:
            AssertionError: the timeout is over; the message lists the requests that were received.
        """
        for pause in self._until(operation, times, timeout):
            time.sleep(pause)

    async def async_wait_for(self, operation: str, times: int = 1, timeout: float = 5.0) -> None:  # noqa: ASYNC109
        """Wait as `wait_for` does, without blocking the event loop.

        Raises:
            AssertionError: the timeout is over; the message lists the requests that were received.
        """
        for pause in self._until(operation, times, timeout):
            await _sleep_aside(pause)

    def _until(self, operation: str, times: int, timeout: float) -> Iterator[float]:
        """Yield how long to sleep, in seconds, before each further check of the count."""
        end = real_time.monotonic() + timeout
        while (count := self._count(operation)) < times:
            if real_time.monotonic() >= end:
                raise AssertionError(
                    f"expected {operation} to be called {_times(times)} within {timeout:g} s, "
                    f"but it was called {_times(count)}\n{self._all()}"
                )
            yield POLL_SECONDS

    def report(self) -> dict[str, Any]:
        """Return the report: which faults were injected, and how the client reacted."""
        return self._call("GET", "report")

    # ── Time and state ───────────────────────────────────────────────────────────

    def advance(self, by: str | float | timedelta) -> int:
        """Move the clock by `"10m"`, whole seconds or a timedelta; return the time, in seconds."""
        length = by.total_seconds() if isinstance(by, timedelta) else by
        now: int = self._call("POST", "clock", {"advance": length})["now"]
        return now

    def state(self) -> dict[str, Any]:
        """Return all objects, by kind, for `restore`."""
        return self._call("GET", "state")

    def restore(self, state: Mapping[str, Any]) -> None:
        """Replace all objects by those that `state` returned."""
        self._call("PUT", "state", dict(state))

    def reset(self) -> None:
        """Forget everything of this key except the settings of `configure`."""
        settings = self._settings
        self.forget()
        if settings:
            self.configure(**settings)

    def forget(self) -> None:
        """Forget this key, as if it had never been used."""
        self._end()

    def verify(self) -> None:
        """Check this key's requests and stubs so far; warn instead where the level is `warn`.

        Raises:
            AssertionError: no stub expected a request, or a stub was never matched.
        """
        _judge(self._call("GET", "namespace", accept=409))

    def finish(self) -> None:
        """Forget this key, then raise or warn as `verify` would have done.

        Raises:
            AssertionError: no stub expected a request, or a stub was never matched.
        """
        _judge(self._end())

    def _end(self) -> dict[str, Any]:
        self._settings = {}
        return self._call("DELETE", "namespace", accept=409)

    def close(self) -> None:
        """Close the connection, and stop the server that `start` started."""
        if not self._shares_client:
            self._client.close()
        if self._own is not None:
            self._own.stop()
            self._own = None

    def __enter__(self) -> "MockServer":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if kind is None:
                self._verify_at_exit()
        finally:
            self.close()

    def _verify_at_exit(self) -> None:
        """Verify, unless the server has gone. A silent server is not waited for long."""
        try:
            unmet = self._call("GET", "namespace", accept=409, timeout=SHORT_TIMEOUT_SECONDS)
        except ServerSilentError as error:
            warnings.warn(f"not verified: {error}", stacklevel=3)
        except MockServerError:
            pass  # the test has stopped the server itself
        else:
            _judge(unmet)

    def __repr__(self) -> str:
        return f"<MockServer {self.url}>"

    def _count(self, operation: str) -> int:
        query = urlencode({"operation": operation, "limit": 0})
        counts: dict[str, int] = self._call("GET", f"requests?{query}")["counts"]
        return counts.get(operation, 0)

    def _all(self) -> str:
        return format_requests(self.requests(limit=20))

    def _call(
        self,
        method: str,
        path: str,
        body: object = None,
        content_type: str = "application/json",
        accept: int = 200,
        timeout: float | None = None,
    ) -> dict[str, Any]:
        if method == "POST" and path in ("stubs", "faults"):
            path = f"{path}?{urlencode({'caller': caller()})}"
        return self._client.call(self.api_key, method, path, body, content_type, accept, timeout)


def _judge(unmet: Mapping[str, Any]) -> None:
    """Raise an error or warn, as the level says, where strictness was violated."""
    if unmet["level"] == "ignore":
        return
    lines = ["strictness violated:"]
    if entries := unmet["unexpected_requests"]:
        requests = format_requests(map(ReceivedRequest.from_entry, entries))
        lines += ["no stub expected these requests:", requests]
    lines += [f"stub never matched: {name}" for name in unmet["unused_stubs"]]
    if unmet["level"] == "error":
        raise AssertionError("\n".join(lines))
    warnings.warn("\n".join(lines), stacklevel=3)


async def _sleep_aside(seconds: float) -> None:
    """Sleep in another thread: asyncio and trio both do, and a stopped clock does not matter."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        await import_module("trio").to_thread.run_sync(time.sleep, seconds)
    else:
        await asyncio.to_thread(time.sleep, seconds)


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that are not None."""
    return {name: value for name, value in values.items() if value is not None}
