"""The transport edge: aiohttp on one side, the pipeline on the other."""

import asyncio
import sys
from collections.abc import Callable
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from mockserver.api.shared import known_models
from mockserver.api.shared.known_models import Models
from mockserver.control.control_api import PREFIX, Control, World
from mockserver.http import credentials
from mockserver.loading.compile import Fixtures
from mockserver.loading.fault_rules import compile_flags
from mockserver.loading.files import load, stamp
from mockserver.loading.initial_objects import plant
from mockserver.pipeline.cors import Cors
from mockserver.pipeline.exchange import Answer, Exchange
from mockserver.pipeline.pipeline import BODY_LIMIT, Pipeline
from mockserver.problems import FixtureError, gathered
from mockserver.server import index_page, serving_loops
from mockserver.server.access_log import AccessLog
from mockserver.server.response_writer import WireResponse
from mockserver.server.write_batcher import Outbox
from mockserver.settings import Settings
from mockserver.state.namespace import Namespace, Namespaces, Strictness
from mockserver.stubs.registry import Rules

PATIENCE = 30.0
"""How long the next part of a body may take, in seconds."""

DRAIN_LIMIT = 4 * BODY_LIMIT
"""How much of a body that is too large is read and dropped, in bytes, so that the
client reads its 413 and not a broken pipe; beyond it the connection is closed."""

NOBODY = Answer(400, b"")
"""The answer to a client that has gone: aiohttp finds the connection closed, and no more."""


class Dispatcher:
    """Takes a request off the wire, has the pipeline answer it, and puts that back.

    One object is a handler for `web.Server` and for `web.Application` alike; with
    `continues` it also tells clients that ask first to go on and send their body,
    which an application's router does by itself.
    """

    def __init__(self, settings: Settings, *, continues: bool = False) -> None:
        models = known_models.any_model() if settings.any_model else known_models.shipped()
        # Before they are read: a change in between shows as one.
        self._stamp = stamp(settings.fixtures) if settings.watch else {}
        self._fixtures, rules = _load(settings, models)

        def furnish(namespace: Namespace) -> None:
            if settings.strict:
                namespace.strictness = Strictness("error", "error")
            plant(self._fixtures.seeds, namespace, models)
            self._world.furnish(namespace)

        namespaces = Namespaces(
            seed=settings.seed,
            clock=settings.clock,
            limit=settings.namespaces,
            journal=settings.journal,
            on_evict=lambda key: _tell_of_eviction(key, settings.namespaces),
            on_new=furnish,
        )
        self._world = World(settings, namespaces, rules, models)
        self._pipeline = Pipeline(settings, namespaces, rules, models)
        self._control = Control(self._world)
        self._settings = settings
        self._log = AccessLog(settings.log)
        self._api = Cors(settings.cors, self._ask_api) if settings.cors else self._ask_api
        self._continues = continues
        self._outbox = Outbox()
        self._stopping = False

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request."""
        path, _, query = request.raw_path.partition("?")
        if "://" in path[:8]:  # the absolute form, as a proxy gets it
            path = urlsplit(path).path or "/"
        payload = request.content
        if payload.is_eof() and payload.exception() is None:  # as a rule: it is all here
            body, body_error = payload.read_nowait(), None
        else:
            try:
                body, body_error = await self._read_body(request)
            except ConnectionError:
                return self._respond(NOBODY)
        exchange = Exchange(request.method, path, query, request.headers, body, body_error)
        last = body_error in ("not_json", "request_timeout")
        if path.startswith(PREFIX) or path + "/" == PREFIX:
            return self._respond(self._control.answer(exchange), last=last)
        if index_page.is_asked_for(exchange):
            return self._respond(index_page.front_page(exchange), last=last)
        return self._respond(self._api(exchange), last=last)

    def _ask_api(self, exchange: Exchange) -> Answer:
        answer = self._pipeline.answer(exchange)
        self._log.add(exchange, answer)
        return answer

    def _respond(self, answer: Answer, *, last: bool = False) -> WireResponse:
        return WireResponse(answer, self._outbox, last=last, is_stopping=self._is_stopping)

    async def watch(self, every: float = 0.25) -> None:
        """Load the fixture files again whenever they change; a bad file keeps the old set.

        Files are looked at `every` so many seconds: mounted folders do not always
        tell of their changes.
        """
        paths = self._settings.fixtures
        while True:
            await asyncio.sleep(every)
            now = await asyncio.to_thread(stamp, paths)
            if now == self._stamp:
                continue
            self._stamp = now
            try:
                fixtures = await asyncio.to_thread(load, paths, self._world.models)
            except FixtureError as error:
                self._world.not_ready = [str(problem) for problem in error.problems]
                print(error, file=sys.stderr)
            else:
                self._fixtures = fixtures
                self._world.rules.load(fixtures.stubs)
                self._world.not_ready = []
                print("mockserver: the fixture files have changed: loaded again", file=sys.stderr)

    def unused_stubs(self) -> list[str]:
        """Name the stubs that nothing has matched, where the server is strict about them."""
        if not self._settings.strict:
            return []
        return [f"{stub.name} ({stub.source})" for stub in self._world.rules.unused()]

    def stop(self) -> None:
        """Send what is ready, and let go of every connection that a fault holds."""
        self._outbox.send()
        self._stopping = True

    def _is_stopping(self) -> bool:
        return self._stopping

    def close(self) -> None:
        """Write what is still to be logged."""
        self._log.flush()

    async def _read_body(self, request: web.BaseRequest) -> tuple[bytes, str | None]:
        """Read a request's body whole, or name the error that it has earned."""
        if self._continues and request.headers.get("Expect", "").lower() == "100-continue":
            self._outbox.send()
            await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            request.writer.output_size = 0
        read = 0
        chunks: list[bytes] = []
        try:
            while chunk := await asyncio.wait_for(request.content.readany(), PATIENCE):
                read += len(chunk)
                if read <= BODY_LIMIT:
                    chunks.append(chunk)
                else:
                    chunks.clear()
                    if read > DRAIN_LIMIT:
                        break
        except (HttpProcessingError, web.RequestPayloadError):
            # Compressed or chunked, but not so that it can be read: nor can what follows.
            return b"", "not_json"
        except TimeoutError:
            return b"", "request_timeout"
        return (b"".join(chunks), None) if read <= BODY_LIMIT else (b"", "body_too_large")


def _load(settings: Settings, models: Models) -> tuple[Fixtures, Rules]:
    """Load what the files and the flags say.

    Raises:
        FixtureError: with every problem of both.
    """
    makers: list[Callable[[], Fixtures]] = [
        lambda: load(settings.fixtures, models),
        lambda: Fixtures(tuple(compile_flags(settings.fault, models))),
    ]
    files, flags = gathered(makers)
    return files, Rules(files.stubs, flags.stubs)


def create_app(settings: Settings | None = None) -> web.Application:
    """Make the server as an aiohttp application, with a state of its own.

    For `aiohttp_client(create_app())`, `aiohttp_server` and `web.run_app`.
    """
    app = web.Application()
    dispatcher = Dispatcher(settings or Settings(log="none"))

    async def start(_: web.Application) -> None:
        serving_loops.begin()

    async def stop(_: web.Application) -> None:
        dispatcher.stop()
        serving_loops.end()

    async def close(_: web.Application) -> None:
        dispatcher.close()

    app.router.add_route("*", r"/{path:(?s:.*)}", dispatcher.__call__)
    app.on_startup.append(start)
    app.on_shutdown.append(stop)
    app.on_cleanup.append(close)
    return app


def _tell_of_eviction(key: str, limit: int) -> None:
    print(
        f"mockserver: forgot the namespace of key {credentials.hide(key)}, the least recently "
        f"used of {limit}; raise --namespaces to keep more",
        file=sys.stderr,
    )
