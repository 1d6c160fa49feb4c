"""Changes to collections that belong together: all of them are made, or none."""

from collections.abc import Iterable
from typing import NamedTuple

from mockserver.state.collection import Collection
from mockserver.state.namespace import Namespace


class Put(NamedTuple):
    """Keep an object, encoded; one of the same id is replaced.

    `created_at` orders it, in seconds since 1970.
    """

    collection: Collection
    object_id: str
    created_at: int
    encoded: bytes


class Delete(NamedTuple):
    """Forget an object and all objects that belong to it."""

    collection: Collection
    object_id: str


def commit(namespace: Namespace, changes: Iterable[Put | Delete]) -> None:
    """Make changes, in their order.

    Whatever can fail, validation and encoding, has happened before a change exists. So a commit
    does not stop half-way.
    """
    for change in changes:
        if isinstance(change, Put):
            change.collection.put(change.object_id, change.created_at, change.encoded)
        else:
            change.collection.delete(change.object_id)
            namespace.drop_children(change.object_id)
