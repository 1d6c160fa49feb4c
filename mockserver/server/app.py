"""All the wiring: what the parts of a server are, and which knows which."""

from collections.abc import Callable, Sequence
from functools import partial

from aiohttp import web

from mockserver.api import OPERATIONS
from mockserver.api.shared import known_models
from mockserver.api.shared.errors import error_catalogue
from mockserver.api.shared.known_models import Models
from mockserver.api.shared.known_operations import known_operations
from mockserver.api.shared.operation import Operation
from mockserver.api.shared.routing import Router
from mockserver.control.control_api import ControlApi
from mockserver.control.server_state import ServerState
from mockserver.faults.catalogue import faults
from mockserver.http import credentials
from mockserver.loading.compile import Fixtures
from mockserver.loading.fault_rules import compile_flags
from mockserver.loading.files import load
from mockserver.messages import Tell, teller
from mockserver.pipeline.cors import Cors
from mockserver.pipeline.pipeline import Pipeline
from mockserver.problems import call_all
from mockserver.server import serving_loops
from mockserver.server.access_log import AccessLog
from mockserver.server.dispatcher import Dispatcher
from mockserver.server.protocol import HTTP_OPTIONS
from mockserver.server.reloader import Reloader
from mockserver.settings import Settings
from mockserver.sizes import byte_count
from mockserver.state.namespaces import Namespaces
from mockserver.stubs.registry import StubRegistry


class App:
    """The parts of one server, put together as its settings say.

    `operations` are those that it serves. `tell` writes on standard error what it has to say.

    Raises:
        FixtureError: a fixture file, or a fault of the settings, cannot be used.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        operations: Sequence[Operation] = OPERATIONS,
    ) -> None:
        self.tell = tell = teller(as_json=settings.log == "json")
        _read_data()
        models = known_models.any_model() if settings.any_model else known_models.shipped()
        # Before the files are loaded: a change in between shows as one.
        self.reloader = self._make_reloader(settings, models, tell) if settings.watch else None
        fixtures, flags = _load(settings, models)
        if self.reloader is not None:
            self.reloader.watch_too(fixtures.included)
        registry = StubRegistry(fixtures.stubs, flags.stubs)
        namespaces = Namespaces(
            seed=settings.seed,
            clock=settings.clock,
            limit=settings.namespaces,
            journal=settings.journal,
            run_polls=settings.run_polls,
            index_polls=settings.index_polls,
            files_limit=byte_count(settings.files_limit),
            on_evict=partial(_tell_eviction, tell, settings.namespaces),
            on_new=lambda namespace: self.state.initialise(namespace),
        )
        self.state = ServerState(settings, namespaces, registry, models, fixtures.objects)
        self.access_log = AccessLog(settings.log)
        log = None if settings.log == "none" else self.access_log.add
        self.dispatcher = Dispatcher(
            Router(operations, known_operations().values()),
            Pipeline(settings, namespaces, registry, models, tell, log),
            ControlApi(self.state, tell),
            Cors(settings.cors) if settings.cors else None,
            tell,
            byte_count(settings.files_limit),
        )

    def close(self) -> None:
        """Write what is still to be logged."""
        self.access_log.flush()

    def unused_stubs(self) -> list[str]:
        """Return the stubs that nothing has matched, where the server is strict about them."""
        return (
            list(map(str, self.state.registry.unused(None))) if self.state.settings.strict else []
        )

    def _make_reloader(self, settings: Settings, models: Models, tell: Tell) -> Reloader:
        return Reloader(
            settings.fixtures,
            models,
            apply=lambda fixtures: self.state.load(fixtures),
            fail=lambda error: self.state.refuse(error),
            tell=tell,
        )


def create_app(settings: Settings | None = None) -> web.Application:
    """Return the server as an aiohttp application, with a state of its own.

    For `aiohttp_client(create_app())`, `aiohttp_server` and `web.run_app`.
    """
    application = web.Application(handler_args=HTTP_OPTIONS)
    app = App(settings or Settings(log="none"))

    async def start(_: web.Application) -> None:
        serving_loops.enter()

    async def stop(_: web.Application) -> None:
        app.dispatcher.stop()
        serving_loops.leave()

    async def close(_: web.Application) -> None:
        app.close()

    async def leave_expectations(_: web.Request) -> None:
        """Leave `Expect` to the dispatcher, which answers it only where it waits for the body."""

    application.router.add_route(
        "*", r"/{path:(?s:.*)}", app.dispatcher.__call__, expect_handler=leave_expectations
    )
    application.on_startup.append(start)
    application.on_shutdown.append(stop)
    application.on_cleanup.append(close)
    return application


def _read_data() -> None:
    """Read the data files now: later a test may have put a fake file system in place."""
    faults()
    error_catalogue()
    known_models.deployments()


def _load(settings: Settings, models: Models) -> tuple[Fixtures, Fixtures]:
    """Return what the files and the flags say.

    Raises:
        FixtureError: with every problem of both.
    """
    loaders: list[Callable[[], Fixtures]] = [
        lambda: load(settings.fixtures, models),
        lambda: Fixtures(tuple(compile_flags(settings.fault, models))),
    ]
    files, flags = call_all(loaders)
    return files, flags


def _tell_eviction(tell: Tell, limit: int, key: str) -> None:
    tell(
        "warning",
        f"mockserver: forgot the namespace of key {credentials.hide(key)}, the least recently "
        f"used of {limit}; raise --namespaces to keep more",
    )
