"""The state of a server: everything that the control API reads and changes."""

from collections.abc import Mapping, Sequence
from typing import Any

from mockserver.api.shared import known_models
from mockserver.api.shared.known_models import Models
from mockserver.loading.compile import Fixtures
from mockserver.loading.objects.initial_object import InitialObject, add_initial_objects
from mockserver.problems import FixtureError
from mockserver.settings import Settings
from mockserver.state.namespace import Namespace, Strictness
from mockserver.state.namespaces import Namespaces
from mockserver.stubs.registry import StubRegistry


class ServerState:
    """Namespaces, stubs, and the initial objects and settings of a namespace.

    `posted_objects` and `posted_settings` come from calls without a key, and apply to namespaces
    that are created later. `not_ready` has the problems that keep a changed fixture file from being
    loaded.
    """

    def __init__(
        self,
        settings: Settings,
        namespaces: Namespaces,
        registry: StubRegistry,
        models: Models,
        file_objects: Sequence[InitialObject] = (),
    ) -> None:
        self.settings = settings
        self.namespaces = namespaces
        self.registry = registry
        self.models = models
        self.posted_objects: list[InitialObject] = []
        self.posted_settings: dict[str, Any] = {}
        self.not_ready: list[str] = []
        self._file_objects = file_objects

    def initialise(self, namespace: Namespace) -> None:
        """Apply settings and initial objects, of the server and posted without a key."""
        if self.settings.strict:
            namespace.strictness = Strictness("error", "error")
        add_initial_objects(self._file_objects, namespace, self.models)
        apply_settings(namespace, self.posted_settings)
        namespace.clock.advance(self.posted_settings.get("advance", 0))
        add_initial_objects(self.posted_objects, namespace, self.models_of(namespace))

    def models_of(self, namespace: Namespace | None) -> Models:
        """Return the models that a namespace accepts; with None, those of a new one."""
        if namespace is None:
            return known_models.chosen(self.posted_settings.get("any_model"), self.models)
        return known_models.chosen(namespace.any_model, self.models)

    def load(self, fixtures: Fixtures) -> None:
        """Replace the stubs and the initial objects of fixture files by those of changed files."""
        self._file_objects = fixtures.objects
        self.registry.load(fixtures.stubs)
        self.not_ready = []

    def refuse(self, error: FixtureError) -> None:
        """Keep the loaded fixture files, and note the problems of the changed ones."""
        self.not_ready = [str(problem) for problem in error.problems]

    def selected(self, key: str | None, *, create: bool = False) -> list[Namespace]:
        """Return the namespaces that a call acts on: the key's, or with None all of them.

        An unknown key has no namespace unless `create` is set: a new namespace could evict another.
        """
        if key is None:
            return self.namespaces.all()
        found = self.namespaces.get(key) if create else self.namespaces.find(key)
        return [] if found is None else [found]


def apply_settings(namespace: Namespace, settings: Mapping[str, Any]) -> None:
    """Apply settings to a namespace."""
    if "seed" in settings:
        namespace.seed = b"%d" % settings["seed"]
    if "clock" in settings:
        namespace.clock.mode = settings["clock"]
    if "strict" in settings:
        namespace.strictness = settings["strict"]
    if "any_model" in settings:
        namespace.any_model = settings["any_model"]
    if "run_polls" in settings:
        namespace.run_polls = settings["run_polls"]
    if "index_polls" in settings:
        namespace.index_polls = settings["index_polls"]
