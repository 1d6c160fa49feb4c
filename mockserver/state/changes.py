"""Changes to collections that are committed together, or not at all."""

from collections.abc import Iterable
from typing import NamedTuple

from mockserver.state.collection import Collection
from mockserver.state.namespace import Namespace


class Put(NamedTuple):
    """Store an encoded object; an object of the same id is replaced.

    `created_at` is the time that it is ordered by, in seconds since 1970. An object that `is_new`
    ticks the clock.
    """

    collection: Collection
    object_id: str
    created_at: int
    encoded: bytes
    is_new: bool = False


class Delete(NamedTuple):
    """Delete an object with its content, and all objects that belong to it."""

    collection: Collection
    object_id: str


class PutContent(NamedTuple):
    """Keep the content of an object of a collection."""

    collection: Collection
    object_id: str
    content: bytes


Change = Put | Delete | PutContent


def commit(namespace: Namespace, changes: Iterable[Change]) -> None:
    """Apply changes, in order.

    Validation and encoding, which can fail, are done before a change is created. So a commit never
    stops half-way.
    """
    for change in changes:
        if isinstance(change, Put):
            change.collection.put(change.object_id, change.created_at, change.encoded)
            if change.is_new:
                namespace.clock.object_created()
        elif isinstance(change, PutContent):
            namespace.keep_content(change.collection, change.object_id, change.content)
        else:
            change.collection.delete(change.object_id)
            if change.collection.has_contents:
                namespace.contents.drop(change.object_id)
            namespace.drop_children(change.object_id)
