"""Runs a server: on its own until a signal comes, or in a thread beside a program."""

import asyncio
import contextlib
import gc
import logging
import os
import signal
import threading
from collections.abc import Callable, Coroutine
from importlib import import_module
from types import TracebackType

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from mockserver.server import serving_loops
from mockserver.server.app import Dispatcher
from mockserver.settings import Settings


class CannotListenError(OSError):
    """The address cannot be listened on; the message says why, and what to do."""


class UnusedStubsError(Exception):
    """A strict server has stopped, and nothing has matched these stubs."""

    def __init__(self, stubs: list[str]) -> None:
        super().__init__("\n".join(f"never matched: {stub}" for stub in stubs))


class Server:
    """A server on a socket, in the running event loop."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._dispatcher = Dispatcher(settings, continues=True)
        self._watcher: asyncio.Task[None] | None = None
        self._runner = web.ServerRunner(
            web.Server(
                self._dispatcher.__call__,
                access_log=None,
                logger=_http_log(),
            ),
            shutdown_timeout=serving_loops.GRACE,
        )

    async def start(self) -> str:
        """Listen, and give the address: `http://127.0.0.1:4010`.

        Raises:
            CannotListenError: the address is taken, or is not this machine's.
        """
        host, port = self._settings.host, self._settings.port
        serving_loops.begin()
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, host, port).start()
        except (OSError, UnicodeError) as error:
            await self.stop()
            number = getattr(error, "errno", None)
            reason = os.strerror(number) if number and number > 0 else str(error)
            raise CannotListenError(
                f"cannot listen on {host}:{port}: {reason}; "
                "choose another address with --host and --port (--port 0 picks a free one)"
            ) from error
        if self._settings.watch:
            self._watcher = asyncio.create_task(self._dispatcher.watch())
        port = self._runner.addresses[0][1]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def unused_stubs(self) -> list[str]:
        """Name the stubs that nothing has matched, where the server is strict about them."""
        return self._dispatcher.unused_stubs()

    async def stop(self) -> None:
        """Stop listening and close every connection, in well under a second."""
        if self._watcher is not None:
            self._watcher.cancel()
        self._dispatcher.stop()
        serving_loops.end()
        await self._runner.cleanup()
        self._dispatcher.close()


def _http_log() -> logging.Logger:
    """Give aiohttp a log in which a client's fault is a line, and only ours a traceback."""

    def shorten(record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, HttpProcessingError | web.RequestPayloadError):
            what = str(getattr(error, "message", error)).partition("\n")[0]
            record.msg, record.args = "mockserver: a client sent no proper HTTP: %s", (what,)
            record.exc_info = None
        return True

    log = logging.getLogger("mockserver.http")
    if not log.filters:
        log.addFilter(shorten)
    return log


def run(main: Coroutine[None, None, None]) -> None:
    """Run `main` in an event loop of its own: uvloop's, a tenth faster, where it is installed."""
    factory: Callable[[], asyncio.AbstractEventLoop] = asyncio.new_event_loop
    with contextlib.suppress(ImportError):
        factory = import_module("uvloop").new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(main)


async def serve(settings: Settings, announce: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT. `announce` gets the address once it is open.

    Raises:
        CannotListenError: the address is taken, or is not this machine's.
        UnusedStubsError: the server is strict, and nothing has matched some stubs.
    """
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    server = Server(settings)
    address = await server.start()
    # What is loaded by now stays: the garbage collector need not walk it again.
    gc.collect()
    gc.freeze()
    announce(address)
    try:
        await stopped.wait()
    finally:
        await server.stop()
    unused = server.unused_stubs()
    if unused:
        raise UnusedStubsError(unused)


class BackgroundServer:
    """A server in a thread of its own, for programs that are busy with something else.

    ```python
    with BackgroundServer() as server:
        client = openai.OpenAI(base_url=server.base_url, api_key="sk-anything")
    ```

    Without settings it takes a free port and logs nothing. `url` is the address, `base_url`
    what OpenAI's clients want.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        self._settings = settings or Settings(port=0, log="none")
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
        """Start, and return when the address is open.

        Raises:
            CannotListenError: the address is taken, or is not this machine's.
            FixtureError: a fixture file, or a fault of the settings, cannot be used.
        """
        self._thread.start()
        try:
            self._ready.wait()
        except BaseException:  # interrupted: nobody else could stop it
            self.stop()
            raise
        if self._failure is not None:
            raise self._failure
        return self

    def stop(self) -> None:
        """Stop, and return when every connection is closed."""
        if self._thread.ident is None:
            return
        self._is_to_stop = True  # for a thread that has not got so far as to have a loop
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
            run(self._main())
        except BaseException as error:  # noqa: BLE001  it is raised again where start() waits
            self._failure = error
        finally:
            self._ready.set()

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopped = asyncio.Event()
        if self._is_to_stop:
            return
        server = Server(self._settings)
        self.url = await server.start()
        self._ready.set()
        try:
            await self._stopped.wait()
        finally:
            await server.stop()
