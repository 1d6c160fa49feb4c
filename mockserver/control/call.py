"""A call of the control API: whose it is, what it says, and what it can see."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from mockserver import credentials, wire
from mockserver.api.catalogue import Models
from mockserver.exchange import Answer, Exchange
from mockserver.namespace import Namespace, Namespaces
from mockserver.rules.state import Rules
from mockserver.settings import Settings
from mockserver.stubs.document import read

PREFIX = "/_mock/"


class RefusedError(Exception):
    """A call that cannot be done: a status, and every problem with its remedy."""

    def __init__(self, status: int, problems: list[dict[str, Any]]) -> None:
        super().__init__(status)
        self.status = status
        self.problems = problems


def refuse(status: int, what: str, remedy: str, place: str = "") -> RefusedError:
    """Make a refusal for one problem."""
    return RefusedError(status, [{"place": place, "what": what, "remedy": remedy}])


@dataclass
class World:
    """Everything that the control API can see and change."""

    settings: Settings
    namespaces: Namespaces
    rules: Rules
    models: Models
    not_ready: list[str] = field(default_factory=list)

    def selected(self, key: str | None) -> list[Namespace]:
        """Give the namespaces that a call acts on."""
        return self.namespaces.all() if key is None else [self.namespaces.get(key)]


class Call:
    """A call of the control API: whose it is, and what its body says."""

    def __init__(self, exchange: Exchange, world: World) -> None:
        self.exchange = exchange
        self.key = credentials.find(exchange.headers, azure=True)
        self.namespace = None if self.key is None else world.namespaces.get(self.key)

    @property
    def content_type(self) -> str:
        """The media type of the body, without its parameters."""
        return self.exchange.headers.get("Content-Type", "").partition(";")[0].strip().lower()

    def json(self) -> dict[str, Any]:
        """Give the body, an object.

        Raises:
            RefusedError: it is none, or does not say that it is JSON.
        """
        if self.content_type != "application/json":
            raise refuse(
                415, "the body has to say that it is JSON", "send Content-Type: application/json"
            )
        document = read(self.exchange.body, "the body", as_json=True)
        if not isinstance(document.value, dict):
            raise refuse(400, "the body is no object", "send an object")
        return document.value

    @property
    def parameters(self) -> dict[str, str]:
        """The query."""
        return dict(parse_qsl(self.exchange.query, keep_blank_values=True))


def json_answer(status: int, value: Any) -> Answer:
    """Make an answer of plain JSON."""
    return Answer(status, wire.dumps(value), {"Content-Type": "application/json"})
