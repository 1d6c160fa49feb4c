"""A valid request as a handler receives it."""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from mockserver.api.shared.dialect import OPENAI, Dialect
from mockserver.api.shared.known_models import Models
from mockserver.state import ids
from mockserver.state.namespace import Namespace

Body = TypeVar("Body", bound=BaseModel | None)
Query = TypeVar("Query", bound=BaseModel | None)


@dataclass(slots=True)
class Call(Generic[Body, Query]):
    """A valid request, without anything of HTTP, stubs and faults.

    `path_ids` has the ids of the path by name. `models` has the models that this client may use.
    `request_hash` is equal for requests of the same meaning. `script` has the items that the run
    is to follow, where a stub says so. `dialect` is what the service takes.
    """

    namespace: Namespace
    models: Models
    path_ids: dict[str, str]
    body: Body
    query: Query
    request_hash: bytes = b""
    script: list[dict[str, Any]] | None = None
    dialect: Dialect = OPENAI
    _ids_given: int = 0

    def new_id(self, kind: str) -> str:
        """Return the id of an object that this call creates.

        `kind` is a key of `ids.FORMATS`. The n-th object that the same request creates always gets
        the same id: in any order of requests, for any key, from any client.
        """
        namespace, nth = self.namespace, self.namespace.times_created(self.request_hash)
        while True:
            which = b"%d %d" % (nth, self._ids_given)
            source = ids.digest(namespace.seed, which, self.request_hash)
            new_id = ids.FORMATS[kind](source, namespace.clock.start)
            if not namespace.has_restored_id(new_id):
                break
            nth += 1
        self._ids_given += 1
        return new_id
