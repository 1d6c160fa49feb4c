"""What an endpoint is: one row of the table that the dispatcher reads."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from mockserver.api.shared.known_models import Models
from mockserver.state import ids
from mockserver.state.namespace import Namespace

Body = TypeVar("Body", bound=BaseModel | None)
Query = TypeVar("Query", bound=BaseModel | None)

Object = dict[str, Any]
"""An API object, its keys in the order of the wire."""


@dataclass(slots=True)
class Call(Generic[Body, Query]):
    """A valid request, as a handler sees it: no HTTP, no stubs, no faults.

    `path_ids` has the path's ids by name; `models` what this client may use;
    `identity` is what makes this very request.
    """

    namespace: Namespace
    models: Models
    path_ids: dict[str, str]
    body: Body
    query: Query
    identity: bytes = b""
    _ids_given: int = 0

    def new_id(self, kind: str) -> str:
        """Derive the id of an object that this call makes.

        The n-th time that the same request makes an object, it gets the same n-th
        id: in any order, for any key, from any client.
        """
        namespace, nth = self.namespace, self.namespace.times_made(self.identity)
        while True:
            which = b"%d %d" % (nth, self._ids_given)
            source = ids.digest(namespace.seed, which, self.identity)
            new_id = ids.FORMATS[kind](source, namespace.clock.start)
            if not namespace.holds(new_id):
                break
            nth += 1
        self._ids_given += 1
        return new_id


@dataclass(frozen=True, slots=True)
class Operation:
    """An endpoint.

    `path` names its ids in braces, with the prefix that they must have:
    `/assistants/{assistant_id:asst}`. `handler` takes a `Call` and gives the
    answer: an `Object`, or bytes that are encoded already. With `saves` the
    answer is an object of that collection, and is stored as it goes out.
    """

    operation_id: str
    method: str
    path: str
    handler: Callable[[Call[Any, Any]], Object | bytes]
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    saves: str | None = None
    creates: bool = False
    beta: bool = False
    segments: tuple[str, ...] = field(init=False)
    prefixes: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        prefixes = dict(re.findall(r"{(\w+):(\w+)}", self.path))
        plain = re.sub(r"{(\w+):\w+}", r"{\1}", self.path)
        object.__setattr__(self, "prefixes", prefixes)
        object.__setattr__(self, "segments", tuple(plain.strip("/").split("/")))
