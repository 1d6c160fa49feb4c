"""A server on a socket, and a process that serves until a signal."""

import asyncio
import contextlib
import gc
import os
import signal
import sys
from collections.abc import Callable, Coroutine, Sequence
from importlib import import_module

from aiohttp import web

from mockserver import real_time
from mockserver.api import OPERATIONS
from mockserver.api.shared.operation import Operation
from mockserver.http.connection import SHUTDOWN_SECONDS
from mockserver.server import serving_loops
from mockserver.server.app import App
from mockserver.server.listening import listen
from mockserver.server.protocol import HttpServer
from mockserver.settings import Settings


class CannotListenError(OSError):
    """The server cannot listen on the address; the message has the reason and the remedy."""


class UnusedStubsError(Exception):
    """A strict server has stopped, and some stubs, which `stubs` has, were never matched."""

    def __init__(self, stubs: list[str]) -> None:
        super().__init__("\n".join(f"stub never matched: {stub}" for stub in stubs))
        self.stubs = stubs


class Server:
    """A server on a socket. It is made without an event loop, and runs in one."""

    def __init__(self, settings: Settings, operations: Sequence[Operation] = OPERATIONS) -> None:
        """Load the fixture files; `operations` are the operations to serve.

        Raises:
            FixtureError: a fixture file, or a fault rule of the settings, cannot be used.
        """
        self._settings = settings
        self._app = App(settings, operations=operations)
        self._reloading: asyncio.Task[None] | None = None
        self._runner: web.ServerRunner | None = None

    async def start(self) -> str:
        """Listen in the running loop and return the address, such as `http://127.0.0.1:4010`.

        Raises:
            CannotListenError: the address is in use, or not one of this machine.
        """
        host, port = self._settings.host, self._settings.port
        serving_loops.enter()
        server = HttpServer(self._app.dispatcher, self._app.tell)
        self._runner = web.ServerRunner(server, shutdown_timeout=SHUTDOWN_SECONDS)
        await self._runner.setup()
        try:
            for listening in await listen(host, port):
                await web.SockSite(self._runner, listening).start()
        except (OSError, UnicodeError) as error:
            await self.stop()
            number = getattr(error, "errno", None)
            reason = os.strerror(number) if number and number > 0 else str(error)
            raise CannotListenError(
                f"cannot listen on {host}:{port}: {reason}; "
                "choose another address with --host and --port (--port 0 picks a free one)"
            ) from error
        if self._app.reloader is not None:
            self._reloading = asyncio.create_task(self._app.reloader.run())
        port = self._runner.addresses[0][1]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def unused_stubs(self) -> list[str]:
        """Return the stubs that were never matched, where the server is strict about them."""
        return self._app.unused_stubs()

    async def stop(self) -> None:
        """Stop listening and close every connection, in much less than a second."""
        if self._reloading is not None:
            self._reloading.cancel()
        self._app.dispatcher.stop()
        serving_loops.leave()
        if self._runner is not None:
            await self._runner.cleanup()
        self._app.close()


if sys.platform == "win32":
    _Loop = asyncio.ProactorEventLoop
else:
    _Loop = asyncio.SelectorEventLoop


class RealTimeLoop(_Loop):
    """An event loop whose delays end also where a test has stopped `time.monotonic`."""

    def time(self) -> float:
        """Return the time by which the loop schedules, in seconds."""
        return real_time.monotonic()


def run(main: Coroutine[None, None, None]) -> None:
    """Run `main` in an event loop of its own: uvloop's where it is installed, a tenth faster.

    Not where gevent or eventlet has patched threads: uvloop would never give way to the others.
    """
    factory: Callable[[], asyncio.AbstractEventLoop] = RealTimeLoop
    if not _are_threads_green():
        with contextlib.suppress(ImportError):
            factory = import_module("uvloop").new_event_loop
    try:
        with asyncio.Runner(loop_factory=factory) as runner:
            runner.run(main)
    finally:
        main.close()  # where something keeps the loop from being made, it has never run


def _are_threads_green() -> bool:
    """Return whether all threads of this process share one thread of the system."""
    gevent, eventlet = sys.modules.get("gevent.monkey"), sys.modules.get("eventlet.patcher")
    return bool(
        (gevent is not None and gevent.is_module_patched("threading"))
        or (eventlet is not None and eventlet.is_monkey_patched("thread"))
    )


async def serve(
    settings: Settings,
    announce: Callable[[str], None],
    operations: Sequence[Operation] = OPERATIONS,
) -> None:
    """Serve until SIGTERM or SIGINT. `announce` is called with the address when it is open.

    Raises:
        CannotListenError: the address is in use, or not one of this machine.
        UnusedStubsError: the server is strict, and some stubs were never matched.
    """
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    server = Server(settings, operations)
    address = await server.start()
    # Objects that exist now live until the end: exclude them from garbage collection.
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
