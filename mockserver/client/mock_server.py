"""`MockServer`: a test's handle on a server, which uses only the control API."""

import os
import warnings
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

from mockserver.client.call_assertions import given
from mockserver.client.caller import caller
from mockserver.client.control_client import (
    SHORT_TIMEOUT_SECONDS,
    ControlClient,
    MockServerError,
    ServerSilentError,
)
from mockserver.client.conversations import Conversations
from mockserver.client.run_assertions import RunAssertions
from mockserver.client.strictness import judge
from mockserver.http import credentials
from mockserver.problems import FixtureError
from mockserver.settings import ClockMode

if TYPE_CHECKING:
    from mockserver.client.awaitable_calls import AwaitableCalls
    from mockserver.server.background import BackgroundServer

__tracebackhide__ = True  # of every function here: a test's own line is what matters


class _Addition(NamedTuple):
    """A call that added stubs or objects, to make again after a reset, and the stubs' ids."""

    path: str
    body: object
    content_type: str
    ids: tuple[str, ...]


class MockServer(Conversations, RunAssertions):
    """One API key's namespace on a server: in this process, in another, or in a container.

    ```python
    with MockServer.start() as mock:
        mock.fault("overloaded", on="createAssistant", times=2)
        ...
        mock.assert_called("createAssistant", times=3)
    ```

    Calls block for about a millisecond, so async tests may use them too, as long as
    the server runs in another thread or process; `aio` has them in an awaitable form. A call raises
    `MockServerError` where the server refuses it, with every problem, or cannot be reached. A
    `with` block that ends without an error calls `verify`.
    """

    def __init__(
        self, url: str, api_key: str | None = None, *, client: ControlClient | None = None
    ) -> None:
        """`url` is the address of the server or of its API.

        `api_key` selects the namespace: it has to be the key that the code under test sends.
        Without it a random key is generated. A `client` that is given is not closed.

        Raises:
            MockServerError: `url` is no address, or `api_key` no key.
        """
        if api_key and not credentials.is_well_formed(api_key):
            raise MockServerError("not an API key: use visible ASCII characters and spaces")
        self._client = client or ControlClient(url)
        self._shares_client = client is not None
        self.url = self._client.url
        self.api_key = api_key or f"sk-mock-{os.urandom(12).hex()}"
        self._settings: dict[str, Any] = {}
        self._additions: list[_Addition] = []
        self._kept: list[_Addition] = []
        self._kept_state: dict[str, Any] | None = None
        self._used_before: set[str] = set()
        self._base: MockServer | None = None
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

    def for_one_test(self) -> "MockServer":
        """Return a handle on the same key for one test, which ends with its `finish`.

        What this handle has added, and the objects that there are now, are there again after the
        test. Its journal begins empty, and strictness does not require this handle's stubs of it.
        """
        self.keep()
        self.reset()
        mock = self.another(self.api_key)
        mock._base = self
        return mock

    @property
    def aio(self) -> "AwaitableCalls":
        """The same calls, to be awaited: `await mock.aio.reset()`; under asyncio and trio."""
        from mockserver.client.awaitable_calls import AwaitableCalls

        return AwaitableCalls(self)

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
        optional: bool | None = None,
    ) -> "MockServer":
        """Add a stub in front; `then` is an action or a list of them, as in a fixture file.

        Strictness does not report an `optional` stub that nothing matches.
        """
        stub = given(
            name=name,
            when=when,
            times=times,
            probability=probability,
            priority=priority,
            optional=optional,
        )
        return self._add("stubs", {"then": then} | stub)

    def load(self, path: str | Path) -> "MockServer":
        """Add the stubs and objects of a fixture file, a folder of them or a glob.

        `path` may be relative to the working folder.

        Raises:
            MockServerError: a file cannot be used; the message has every problem with its remedy.
        """
        from mockserver.loading.posting import postings

        try:
            files = postings(str(path))
        except FixtureError as error:
            raise MockServerError(str(error)) from None
        for file in reversed(files):  # the last one posted is matched first
            self._add(file.path, file.content, file.media_type)
        return self

    def objects(self, objects: Mapping[str, Any]) -> "MockServer":
        """Add objects, as a fixture file has them, by kind: assistants, threads and runs.

        `{"threads": [{"id": "thread_a", "messages": [{"role": "user", "content": "Hello?"}]}]}`.
        """
        return self._add("stubs", {"objects": objects})

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
        `when`, `priority` and `optional`.
        """
        rule = given(fault=fault, on=on, times=times, probability=probability)
        return self._add("faults", rule | options)

    def expect(self, operation: str, *, optional: bool | None = None) -> "MockServer":
        """Expect an operation: strictness then allows it, and `verify` fails if it never came.

        An `optional` one is allowed and may stay away.
        """
        name = f"expected {operation}"
        when = {"operation": operation}
        return self.stub("default", when, name=name, priority=-1000, optional=optional)

    def configure(
        self,
        *,
        seed: int | None = None,
        clock: ClockMode | None = None,
        strict: bool | Mapping[str, str] | None = None,
        any_model: bool | None = None,
        run_polls: int | None = None,
        index_polls: int | None = None,
    ) -> "MockServer":
        """Set this key's settings; an argument left out changes nothing.

        `any_model` accepts any model name. `run_polls` is how many reads a run takes that no stub
        gave a script, `index_polls` how many a file of a vector store takes.
        """
        settings = given(
            seed=seed,
            clock=clock,
            strict=strict,
            any_model=any_model,
            run_polls=run_polls,
            index_polls=index_polls,
        )
        self._call("PUT", "settings", settings)
        self._settings |= settings
        return self

    def strict(self, level: bool | Mapping[str, str] = True) -> "MockServer":
        """Refuse requests that no stub expects; `verify` reports them, and stubs never matched.

        `level` may differ for the two: `{"unmatched_requests": "error", "unused_stubs": "warn"}`.
        """
        return self.configure(strict=level)

    async def async_wait_for(self, operation: str, times: int = 1, timeout: float = 5.0) -> None:  # noqa: ASYNC109
        """Wait as `wait_for` does, without blocking the event loop; the same as `aio.wait_for`.

        Raises:
            AssertionError: the timeout is over; the message lists the requests that were received.
        """
        await self.aio.wait_for(operation, times, timeout)

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
        self._call("PUT", "state", state)

    def keep(self) -> "MockServer":
        """Have `reset` come back to what there is now: the stubs, faults and objects so far."""
        self._kept = list(self._additions)
        self._kept_state = self.state()
        return self

    def reset(self) -> None:
        """Forget everything of this key except the settings of `configure`, and what `keep` kept.

        To `verify`, a kept stub that was matched before counts as matched.
        """
        settings, kept, state = self._settings, self._kept, self._kept_state
        before = [stub_id for addition in kept for stub_id in addition.ids]
        used = set(before) & self._used_before
        used |= set(before) - self._end()["never_matched"].keys()
        if settings:
            self.configure(**settings)
        for path, body, content_type, _ in kept:
            try:
                self._add(path, body, content_type)
            except MockServerError:  # an object refers to what only the state has
                self._add(f"{path}&only=stubs", body, content_type)
        self._kept, self._kept_state = list(self._additions), state
        now = [stub_id for addition in self._additions for stub_id in addition.ids]
        self._used_before = {new for old, new in zip(before, now, strict=True) if old in used}
        if state is not None and self.state() != state:
            self.restore(state)

    def forget(self) -> None:
        """Forget this key, as if it had never been used."""
        self._end()

    def verify(self) -> None:
        """Check this key's requests and stubs so far; warn instead where the level is `warn`.

        Raises:
            AssertionError: no stub expected a request, or a stub was never matched.
        """
        judge(self._call("GET", "namespace", accept=409), self._not_required())

    def finish(self) -> None:
        """Forget this key, then raise or warn as `verify` would have done.

        Raises:
            AssertionError: no stub expected a request, or a stub was never matched.
        """
        not_required = self._not_required()
        judge(self._end(), not_required)

    def _not_required(self) -> set[str]:
        """Return the ids of stubs that need not be matched any more, or not in this test."""
        additions = [] if self._base is None else self._base._additions
        return self._used_before.union(*(addition.ids for addition in additions))

    def _end(self) -> dict[str, Any]:
        """Forget the key, or what this handle did to the key of its base; return the verdict."""
        self._settings, self._additions, self._used_before = {}, [], set()
        self._kept, self._kept_state = [], None
        if self._base is None:
            return self._call("DELETE", "namespace", accept=409)
        verdict = self._call("GET", "namespace", accept=409)
        self._base.reset()
        return verdict

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
            judge(unmet, self._not_required())

    def __repr__(self) -> str:
        return f"<MockServer {self.url}>"

    def _add(self, path: str, body: object, content_type: str = "application/json") -> "MockServer":
        """Add stubs or objects, and note the call for a reset."""
        if path in ("stubs", "faults"):
            path = f"{path}?{urlencode({'caller': caller()})}"
        added = self._call("POST", path, body, content_type)["stubs"]
        ids = tuple(stub["id"] for stub in added)
        self._additions.append(_Addition(path, body, content_type, ids))
        return self

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
