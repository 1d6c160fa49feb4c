"""`MockServer`: a test's handle on a server, over the control API and nothing else."""

import asyncio
import os
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlencode

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

POLL_SECONDS = 0.01
"""How often the server is asked while something is waited for."""


class MockServer:
    """One API key's namespace on a server: in this process, in another, or in a container.

    ```python
    with MockServer.start() as mock:
        mock.fault("overloaded", on="createAssistant", times=2)
        ...
        mock.assert_called("createAssistant", times=3)
    ```

    Calls block for about a millisecond, so async tests may use them too, as long as
    the server runs in another thread or process. Each raises `MockServerError` where it is
    refused, with every problem, or does not get there. Left without an error, a `with` block
    ends with `verify`.
    """

    def __init__(
        self, url: str, api_key: str | None = None, *, client: ControlClient | None = None
    ) -> None:
        """`url` is the server's address, or that of its API.

        The namespace is that of `api_key`: give the key that the code under test sends, or have it
        send the one that is made up where none is given. A `client` is used, and left open.

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

        `settings` are those of the command line: `seed=7`, `fixtures="tutor.yaml"` or several.

        Raises:
            SettingsError: one of them cannot be used.
            FixtureError: a fixture file cannot.
        """
        from mockserver.server.background import BackgroundServer
        from mockserver.settings import chosen_by_name

        chosen = chosen_by_name({"port": 0, "log": "none", **settings})
        server = BackgroundServer(chosen).start()
        mock = cls(server.url)
        mock._own = server
        return mock

    def another(self, api_key: str | None = None) -> "MockServer":
        """Return a handle on another key's namespace on the same server, over the same connection.

        Close this one last; a key is made up where none is given.
        """
        return MockServer(self.url, api_key, client=self._client)

    @property
    def base_url(self) -> str:
        """The address of the API, as `OPENAI_BASE_URL` wants it."""
        return f"{self.url}/v1"

    # ── What is answered ─────────────────────────────────────────────────────────

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
        """Add a stub in front: `then` is its action, or a list of them, as in a fixture file."""
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
        """Add the stubs and the objects of a fixture file; `path` is from the working folder.

        Raises:
            OSError: it cannot be read.
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
        """Fail requests: those for an operation (or several, or a glob), or all of them.

        `options` are the fault's own, such as `retry_after=1`, and a stub's `name`,
        `when` and `priority`.
        """
        rule = {"fault": fault, "on": on, "times": times, "probability": probability}
        self._call("POST", "faults", _given(rule) | options)
        return self

    def expect(self, operation: str) -> "MockServer":
        """Expect an operation: where strict, it is let through, and missed if it never came."""
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
        """Set this key's seed, clock or strictness; what is not given stays."""
        level = dict(strict) if isinstance(strict, Mapping) else strict
        settings = _given({"seed": seed, "clock": clock, "strict": level})
        self._call("PUT", "settings", settings)
        self._settings |= settings
        return self

    def strict(self, level: bool | Mapping[str, str] = True) -> "MockServer":
        """Refuse requests that no stub expects; `verify` tells of them, and of stubs never used.

        `level` may set the two apart: `{"unmatched_requests": "error", "unused_stubs": "warn"}`.
        """
        return self.configure(strict=level)

    # ── What was asked ───────────────────────────────────────────────────────────

    def requests(
        self,
        operation: str | None = None,
        status: int | Literal["none"] | None = None,
        limit: int | None = None,
    ) -> list[ReceivedRequest]:
        """Give what the journal has of this key's requests, newest first.

        `status="none"` gives those that no answer reached.
        """
        wanted = {"operation": operation, "status": status, "limit": limit}
        query = urlencode(_given(wanted))
        entries = self._call("GET", f"requests?{query}")["requests"]
        return [ReceivedRequest.from_entry(entry) for entry in entries]

    def counts(self) -> dict[str, int]:
        """Count the requests for each operation; the journal may have forgotten some of them."""
        counts: dict[str, int] = self._call("GET", "requests?limit=0")["counts"]
        return counts

    def assert_called(self, operation: str, times: int | None = None) -> None:
        """Assert that an operation was asked for: so many times, or at all.

        Raises:
            AssertionError: it was not; the message has what was asked instead.
        """
        __tracebackhide__ = True
        came = self._count(operation)
        if came != times if times is not None else not came:
            wanted = "at least once" if times is None else _times(times)
            raise AssertionError(
                f"{operation} was asked for {_times(came)}, not {wanted}\n{self._all()}"
            )

    def assert_not_called(self, operation: str) -> None:
        """Assert that an operation was never asked for.

        Raises:
            AssertionError: it was; the message has what was asked.
        """
        __tracebackhide__ = True
        self.assert_called(operation, times=0)

    def wait_for(self, operation: str, times: int = 1, timeout: float = 5.0) -> None:
        """Wait until an operation was asked for so many times; `timeout` is in seconds.

        It blocks: where that happens in the event loop of the calling code, `async_wait_for` waits.

        Raises:
            AssertionError: the time is over; the message has what was asked instead.
        """
        __tracebackhide__ = True
        for pause in self._until(operation, times, timeout):
            time.sleep(pause)

    async def async_wait_for(
        self,
        operation: str,
        times: int = 1,
        timeout: float = 5.0,  # noqa: ASYNC109  as wait_for has it
    ) -> None:
        """Wait as `wait_for` does, and let the code that is waited for run in the same loop.

        Raises:
            AssertionError: the time is over; the message has what was asked instead.
        """
        __tracebackhide__ = True
        for pause in self._until(operation, times, timeout):
            await asyncio.sleep(pause)

    def _until(self, operation: str, times: int, timeout: float) -> Iterator[float]:
        """Give how long to sleep before each further look, until it was asked for so often."""
        end = time.monotonic() + timeout
        while (came := self._count(operation)) < times:
            if time.monotonic() >= end:
                raise AssertionError(
                    f"{operation} was asked for {_times(came)} in {timeout:g} s, "
                    f"not {_times(times)}\n{self._all()}"
                )
            yield POLL_SECONDS

    def report(self) -> dict[str, Any]:
        """Give the verdict on the client: what faults struck, and what it made of them."""
        return self._call("GET", "report")

    # ── Time and state ───────────────────────────────────────────────────────────

    def advance(self, by: str | float | timedelta) -> int:
        """Move the clock: by `"10m"`, whole seconds, or a timedelta of them.

        Gives the new time, in seconds.
        """
        length = by.total_seconds() if isinstance(by, timedelta) else by
        now: int = self._call("POST", "clock", {"advance": length})["now"]
        return now

    def state(self) -> dict[str, Any]:
        """Give all objects, for `restore`."""
        return self._call("GET", "state")

    def restore(self, state: Mapping[str, Any]) -> None:
        """Put back all objects that `state` gave."""
        self._call("PUT", "state", dict(state))

    def reset(self) -> None:
        """Forget everything of this key but what `configure` said."""
        settings = self._settings
        self.forget()
        if settings:
            self.configure(**settings)

    def forget(self) -> None:
        """Forget this key, as if it had never come."""
        self._end()

    def verify(self) -> None:
        """Tell of what this key is strict about and was not met so far.

        Warns instead where the level is `warn`.

        Raises:
            AssertionError: no stub expected a request, or nothing matched a stub.
        """
        __tracebackhide__ = True
        _judge(self._call("GET", "namespace", accept=409))

    def finish(self) -> None:
        """Forget this key, and tell what `verify` would have told.

        Raises:
            AssertionError: no stub expected a request, or nothing matched a stub.
        """
        __tracebackhide__ = True
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
        """Verify, unless the server has gone; do not wait long for one that is silent."""
        __tracebackhide__ = True
        try:
            unmet = self._call("GET", "namespace", accept=409, timeout=SHORT_TIMEOUT_SECONDS)
        except ServerSilentError as error:
            warnings.warn(f"not verified: {error}", stacklevel=3)
        except MockServerError:
            pass  # whoever stopped the server knows
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
        return self._client.call(self.api_key, method, path, body, content_type, accept, timeout)


def _judge(unmet: Mapping[str, Any]) -> None:
    """Raise what strictness missed, or warn of it, as its level says."""
    __tracebackhide__ = True
    if unmet["level"] == "ignore":
        return
    lines = ["the server was strict:"]
    if unmet["unexpected_requests"]:
        lines += [
            "no stub expected",
            format_requests(map(ReceivedRequest.from_entry, unmet["unexpected_requests"])),
        ]
    lines += [f"nothing matched the stub: {name}" for name in unmet["unused_stubs"]]
    if unmet["level"] == "error":
        raise AssertionError("\n".join(lines))
    warnings.warn("\n".join(lines), stacklevel=3)


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values without those that were not given."""
    return {name: value for name, value in values.items() if value is not None}
