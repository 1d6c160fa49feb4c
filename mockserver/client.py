"""`MockServer`: a test's handle on a server, over the control API and nothing else."""

import os
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from mockserver.control_line import ControlLine
from mockserver.recorded import Request, told

if TYPE_CHECKING:
    from mockserver.server import BackgroundServer


class MockServer:
    """One API key's world on a server: in this process, in another, or in a container.

    ```python
    with MockServer.start() as mock:
        mock.fault("overloaded", on="createAssistant", times=2)
        ...
        mock.assert_called("createAssistant", times=3)
    ```

    Calls block for about a millisecond, so async tests may use them too, as long as
    the server runs in another thread or process.
    """

    def __init__(self, url: str, api_key: str | None = None) -> None:
        """`url` is the server's address, without `/v1`; a key is made up where none is given."""
        self.url = url.rstrip("/")
        self.api_key = api_key or f"sk-mock-{os.urandom(12).hex()}"
        self._settings: dict[str, Any] = {}
        self._line = ControlLine(self.url)
        self._shares_line = False
        self._own: BackgroundServer | None = None

    @classmethod
    def start(cls, **settings: Any) -> "MockServer":
        """Start a server in a thread of its own, on a free port; `close` stops it.

        `settings` are those of the command line: `seed=7`, `fixtures=("tutor.yaml",)`.
        """
        from mockserver.server import BackgroundServer
        from mockserver.settings import Settings

        server = BackgroundServer(Settings(**{"port": 0, "log": "none", **settings})).start()
        mock = cls(server.url)
        mock._own = server
        return mock

    def another(self, api_key: str | None = None) -> "MockServer":
        """Give a handle on another key's world on the same server, over the same connection.

        It works until this one is closed; a key is made up where none is given.
        """
        other = MockServer(self.url, api_key)
        other._line, other._shares_line = self._line, True
        return other

    @property
    def base_url(self) -> str:
        """The address of the API, as `OPENAI_BASE_URL` wants it."""
        return f"{self.url}/v1"

    @property
    def is_strict(self) -> bool:
        """Whether this handle has asked for strictness."""
        return bool(self._settings.get("strict"))

    # ── What is answered ─────────────────────────────────────────────────────────

    def stub(self, then: Any, when: Mapping[str, Any] | None = None, **more: Any) -> "MockServer":
        """Add a stub in front: `then` is its action, or a list; `more` has `times` and the like."""
        self._call("POST", "stubs", {"then": then, "when": dict(when or {}), **more})
        return self

    def load(self, path: str | Path) -> "MockServer":
        """Add the stubs and the objects of a fixture file."""
        file = Path(path)
        kind = "application/json" if file.suffix == ".json" else "application/yaml"
        self._call("POST", "stubs", file.read_bytes(), kind)
        return self

    def fault(
        self,
        name: str,
        *,
        on: str | Sequence[str] | None = None,
        times: int | None = None,
        probability: float | None = None,
        **options: Any,
    ) -> "MockServer":
        """Fail requests: those for an operation (or several, or a glob), or all of them."""
        rule = {"fault": name, "on": on, "times": times, "probability": probability}
        self._call("POST", "faults", {k: v for k, v in rule.items() if v is not None} | options)
        return self

    def expect(self, operation: str) -> "MockServer":
        """Expect an operation: a strict server lets it through, and tells if it never came."""
        return self.stub(
            "default", {"operation": operation}, name=f"expected {operation}", priority=-1000
        )

    def configure(self, **settings: Any) -> "MockServer":
        """Set this key's `seed`, `clock` or `strict`."""
        self._call("PUT", "settings", settings)
        self._settings |= settings
        return self

    def strict(self, level: bool | Mapping[str, str] = True) -> "MockServer":
        """Refuse requests that no stub expects, and tell of stubs never used."""
        return self.configure(strict=level if isinstance(level, bool) else dict(level))

    # ── What was asked ───────────────────────────────────────────────────────────

    def requests(
        self, operation: str | None = None, status: int | None = None, limit: int | None = None
    ) -> list[Request]:
        """Give what the journal has of this key's requests, newest first."""
        wanted = {"operation": operation, "status": status, "limit": limit}
        query = urlencode({k: v for k, v in wanted.items() if v is not None})
        entries = self._call("GET", f"requests?{query}")["requests"]
        return [Request.of(entry) for entry in entries]

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
        came = self.counts().get(operation, 0)
        if came != times if times is not None else not came:
            wanted = f"{times} times" if times is not None else "at least once"
            raise AssertionError(
                f"{operation} was asked for {came} times, not {wanted}\n{self._all()}"
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

        Raises:
            AssertionError: the time is over; the message has what was asked instead.
        """
        __tracebackhide__ = True
        end = time.monotonic() + timeout
        while (came := self.counts().get(operation, 0)) < times:
            if time.monotonic() >= end:
                raise AssertionError(
                    f"{operation} was asked for {came} times in {timeout:g} s, not {times}"
                    f"\n{self._all()}"
                )
            time.sleep(0.01)

    def report(self) -> dict[str, Any]:
        """Give the verdict on the client: what faults struck, and what it made of them."""
        report: dict[str, Any] = self._call("GET", "report")
        return report

    # ── Time and state ───────────────────────────────────────────────────────────

    def advance(self, by: str | float | timedelta) -> int:
        """Move the clock: by `"10m"`, seconds or a timedelta. Gives the new time, in seconds."""
        length = by.total_seconds() if isinstance(by, timedelta) else by
        now: int = self._call("POST", "clock", {"advance": length})["now"]
        return now

    def state(self) -> dict[str, Any]:
        """Give all objects, for `restore`."""
        state: dict[str, Any] = self._call("GET", "state")
        return state

    def restore(self, state: Mapping[str, Any]) -> None:
        """Put back all objects that `state` gave."""
        self._call("PUT", "state", dict(state))

    def reset(self) -> None:
        """Forget everything of this key but what `configure` said."""
        settings = self._settings
        self.forget()
        if settings:
            self.configure(**settings)

    def forget(self) -> list[str]:
        """Forget this key, as if it had never come.

        Gives the stubs that nothing has matched, where the key was strict about them.
        """
        self._settings = {}
        unused: list[str] = self._call("DELETE", "namespace", accept=409)["unused_stubs"]
        return unused

    def close(self) -> None:
        """Close the connection, and stop the server that `start` started."""
        if not self._shares_line:
            self._line.close()
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
        self.close()

    def __repr__(self) -> str:
        return f"<MockServer {self.url}>"

    def _all(self) -> str:
        return told(self.requests(limit=20))

    def _call(
        self,
        method: str,
        path: str,
        body: object = None,
        content_type: str = "application/json",
        accept: int = 200,
    ) -> Any:
        return self._line.call(self.api_key, method, path, body, content_type, accept)
