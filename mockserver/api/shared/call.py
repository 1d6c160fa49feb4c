"""A valid request as a handler sees it."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import BaseModel

from mockserver.api.shared.known_models import Models
from mockserver.state import ids
from mockserver.state.namespace import Namespace

Body = TypeVar("Body", bound=BaseModel | None)
Query = TypeVar("Query", bound=BaseModel | None)


@dataclass(slots=True)
class Call(Generic[Body, Query]):
    """A valid request: no HTTP, no stubs, no faults.

    `path_ids` has the path's ids by name, `models` those that this client may use, and
    `request_hash` is a hash of what the request means.
    """

    namespace: Namespace
    models: Models
    path_ids: dict[str, str]
    body: Body
    query: Query
    request_hash: bytes = b""
    _ids_given: int = 0

    def new_id(self, kind: str) -> str:
        """Derive the id of an object that this call creates.

        The n-th time that the same request creates an object, it gets the same n-th id: in any
        order, for any key, from any client.
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
