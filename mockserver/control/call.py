"""A call of the control API: whose it is, what it says, and what it can see."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from mockserver.api.shared.known_models import Models
from mockserver.api.shared.routing import parameters
from mockserver.http import credentials, json_codec
from mockserver.loading.document import read
from mockserver.loading.initial_objects import Seed, plant
from mockserver.pipeline.exchange import Answer, Exchange
from mockserver.settings import Settings
from mockserver.state.namespace import Namespace, Namespaces
from mockserver.stubs.registry import Rules

PREFIX = "/_mock/"

AROUND_OBJECTS = 20
"""How many levels of nesting a state and an object have around what clients sent."""


class RefusedError(Exception):
    """A call that cannot be done: a status, and every problem with its remedy."""

    def __init__(self, status: int, problems: list[dict[str, Any]]) -> None:
        super().__init__(status)
        self.status = status
        self.problems = problems
        self.headers: dict[str, str] = {}


def refuse(status: int, what: str, remedy: str, place: str = "") -> RefusedError:
    """Make a refusal for one problem."""
    return RefusedError(status, [{"place": place, "what": what, "remedy": remedy}])


@dataclass
class World:
    """Everything that the control API can see and change.

    `seeds` and `start` are what calls without a key have said: objects and settings
    that namespaces yet to come begin with.
    """

    settings: Settings
    namespaces: Namespaces
    rules: Rules
    models: Models
    seeds: list[Seed] = field(default_factory=list)
    start: dict[str, Any] = field(default_factory=dict)
    not_ready: list[str] = field(default_factory=list)

    def furnish(self, namespace: Namespace) -> None:
        """Give a new namespace what was said for the whole server before it came."""
        settle(namespace, self.start)
        namespace.clock.advance(self.start.get("advance", 0))
        plant(self.seeds, namespace, self.models)

    def selected(self, key: str | None, *, make: bool = False) -> list[Namespace]:
        """Give the namespaces that a call acts on.

        A key that has not come yet has none: to make it one could take another's place. With
        `make` it gets one.
        """
        if key is None:
            return self.namespaces.all()
        found = self.namespaces.get(key) if make else self.namespaces.find(key)
        return [] if found is None else [found]


def settle(namespace: Namespace, settings: Mapping[str, Any]) -> None:
    """Put settings into force in a namespace."""
    if "seed" in settings:
        namespace.seed = b"%d" % settings["seed"]
    if "clock" in settings:
        namespace.clock.mode = settings["clock"]
    if "strict" in settings:
        namespace.strictness = settings["strict"]


class Call:
    """A call of the control API: whose it is, and what its body says."""

    def __init__(self, exchange: Exchange, world: World) -> None:
        self.exchange = exchange
        self.key = credentials.find(exchange.headers, azure=True)
        if self.key is None and exchange.headers.get("Authorization"):
            raise refuse(
                400,
                "the Authorization header says no key, and with none this is for the whole server",
                "send Authorization: Bearer KEY, or leave the header out",
            )
        if self.key is not None and not credentials.is_well_formed(self.key):
            raise refuse(400, "no key could be so", "use visible ASCII characters, no spaces")
        self._world = world

    @cached_property
    def namespace(self) -> Namespace | None:
        """The namespace that the call is about; made where it is asked for, and is not yet."""
        return None if self.key is None else self._world.namespaces.get(self.key)

    @property
    def content_type(self) -> str:
        """The media type of the body, without its parameters."""
        return self.exchange.headers.get("Content-Type", "").partition(";")[0].strip().lower()

    def json(self, *, by_size: bool = True) -> dict[str, Any]:
        """Give the body, an object; with `by_size`, one as small as a document may be.

        Raises:
            RefusedError: it is none, or does not say that it is JSON.
        """
        self.demand_json()
        if by_size:
            value = read(self.exchange.body, "the body", as_json=True).sound()
        else:
            try:
                value = json_codec.loads(
                    self.exchange.body, levels=json_codec.MAX_DEPTH + AROUND_OBJECTS
                )
            except json_codec.TooDeepError:
                raise refuse(400, "nested too deep", "nest less") from None
            except ValueError as error:
                raise refuse(400, f"not JSON: {error}", "mend the syntax") from None
        if not isinstance(value, dict):
            raise refuse(400, "the body is no object", "send an object")
        return value

    def demand_json(self) -> None:
        """Refuse a body that does not say that it is JSON: a page of the web could send it.

        Raises:
            RefusedError: it does not.
        """
        if self.content_type != "application/json":
            raise refuse(
                415, "the body has to say that it is JSON", "send Content-Type: application/json"
            )

    @property
    def parameters(self) -> dict[str, str]:
        """The query."""
        return parameters(self.exchange.query)


def json_answer(status: int, value: Any) -> Answer:
    """Make an answer of plain JSON."""
    return Answer(status, json_codec.dumps(value), {"Content-Type": "application/json"})
