"""What a handler returns: a value, and the changes that go with it."""

from collections.abc import Callable
from typing import Any, NamedTuple

from mockserver.state.changes import Delete, Put
from mockserver.state.collection import Collection

Object = dict[str, Any]
"""A JSON object, its keys in the order of the wire."""

View = Callable[[Object], Object]
"""Returns a record as the API shows it at one place."""


class Result(NamedTuple):
    """What a request comes to. Nothing is stored until a stub's patch has met `value`.

    `value` is the object of the response, or its bytes where it is encoded already. With
    `saved_in`, it is a record that is then kept in that collection, and the response is its `view`:
    without one, the record as it is. `creates` says that the record is new. `changes` are all
    further puts and deletes.
    """

    value: Object | bytes
    saved_in: Collection | None = None
    creates: bool = False
    view: View | None = None
    changes: tuple[Put | Delete, ...] = ()
