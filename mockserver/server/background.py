"""A server in a background thread."""

import asyncio
import contextlib
import threading
from collections.abc import Sequence
from types import TracebackType

from mockserver.api import OPERATIONS
from mockserver.api.shared.operation import Operation
from mockserver.expressions import fake
from mockserver.server.process import Server, run
from mockserver.settings import Settings


class BackgroundServer:
    """A server in a thread of its own, so that a program can use it while it runs.

    ```python
    with BackgroundServer() as server:
        client = openai.OpenAI(base_url=server.base_url, api_key="sk-anything")
    ```

    Without settings it listens on a free port and logs nothing. `url` is the address. `base_url` is
    the address for OpenAI's clients.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        operations: Sequence[Operation] = OPERATIONS,
    ) -> None:
        """`operations` are the operations to serve."""
        self._settings = settings or Settings(port=0, log="none")
        self._operations = operations
        self._ready = threading.Event()
        self._failure: BaseException | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopped: asyncio.Event | None = None
        self._is_to_stop = False
        self._thread = threading.Thread(target=self._run, name="mockserver", daemon=True)
        self.url = ""

    @property
    def base_url(self) -> str:
        """The address of the API, as `OPENAI_BASE_URL` wants it."""
        return f"{self.url}/v1"

    def start(self) -> "BackgroundServer":
        """Start the server and return when its address is open.

        Raises:
            CannotListenError: the address is in use, or not one of this machine.
            FixtureError: a fixture file, or a fault rule of the settings, cannot be used.
        """
        self._thread.start()
        try:
            self._ready.wait()
        except BaseException:  # interrupted: nothing else would stop the thread
            self.stop()
            raise
        if self._failure is not None:
            raise self._failure
        return self

    def stop(self) -> None:
        """Stop the server and return when every connection is closed."""
        if self._thread.ident is None:
            return
        self._is_to_stop = True  # for a thread that has no event loop yet
        if self._loop is not None and self._stopped is not None:
            with contextlib.suppress(RuntimeError):  # the loop is closed already
                self._loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join()

    def __enter__(self) -> "BackgroundServer":
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _run(self) -> None:
        try:
            # Files are read before the loop runs, and before a test puts fake ones in their place.
            fake.providers()
            run(self._main(Server(self._settings, self._operations)))
        except BaseException as error:  # noqa: BLE001  it is raised again where start() waits
            self._failure = error
        finally:
            self._ready.set()

    async def _main(self, server: Server) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopped = asyncio.Event()
        if self._is_to_stop:
            return
        self.url = await server.start()
        self._ready.set()
        try:
            await self._stopped.wait()
        finally:
            await server.stop()
