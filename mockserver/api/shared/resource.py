"""A resource: one kind of object, and the operations that every kind has."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mockserver.api.shared.call import Call
from mockserver.api.shared.errors import ApiError
from mockserver.api.shared.pagination import ListQuery, check_cursors, page
from mockserver.api.shared.results import Changes, Object, Result, View
from mockserver.http import json_codec
from mockserver.state.changes import Delete
from mockserver.state.collection import Collection
from mockserver.state.namespace import Namespace


def _no_problem(record: Object) -> None:
    """Find nothing wrong with a record."""


@dataclass(frozen=True, slots=True)
class Resource:
    """One kind of object.

    `kind` is the name of its collection. `prefix` is the prefix of its ids. `path_id` is the name
    of its id in paths. `not_found` is the name of the error for an id that names no object.
    `deleted` is the value of `object` in the response to a delete. `defaults` has the values of
    fields that a record lacks. `view` converts a record to the object that the API shows. `parent`
    is the name, in paths, of the id of the object that these objects belong to. `problem` returns
    what is wrong with a record that is restored, or None. `has_content` says whether its objects
    are files, or parts of some. `current` returns a record as the time and other objects make it.
    """

    kind: str
    prefix: str
    path_id: str
    not_found: str
    deleted: str
    defaults: Mapping[str, Any] = field(default_factory=dict)
    view: View | None = None
    parent: str | None = None
    problem: Callable[[Object], str | None] = _no_problem
    has_content: bool = False
    current: Callable[[Namespace, Object], Object] | None = None

    def collection(self, call: Call[Any, Any]) -> Collection:
        """Return the collection that a call refers to."""
        parent = "" if self.parent is None else call.path_ids[self.parent]
        return call.namespace.collection(self.kind, parent)

    def find(self, call: Call[Any, Any]) -> bytes:
        """Return the encoded record that the path names.

        Raises:
            ApiError: there is no such object.
        """
        object_id = call.path_ids[self.path_id]
        encoded = self.collection(call).get(object_id)
        if encoded is None:
            raise ApiError(self.not_found, id=object_id)
        return encoded

    def record(self, call: Call[Any, Any]) -> Object:
        """Return the record that the path names, with defaults for the fields that it lacks.

        Raises:
            ApiError: there is no such object.
        """
        record: Object = json_codec.loads(self.find(call))
        return record | {k: value for k, value in self.defaults.items() if k not in record}

    def created(self, call: Call[Any, Any], record: Object) -> Result:
        """Return the result that stores and shows a new record."""
        return Result(record, self.collection(call), True, self.view)

    def modified(self, call: Call[Any, Any], record: Object) -> Result:
        """Return the result that stores and shows a changed record."""
        return Result(record, self.collection(call), False, self.view)

    def retrieve(self, call: Call[None, None]) -> Result:
        """Return the object that the path names."""
        return Result(self._one(call))

    def list(self, call: Call[None, ListQuery]) -> Result:
        """Return one page of the objects.

        Raises:
            ApiError: a cursor names no object.
        """
        self.check_cursors(call)
        return Result(self._page(call))

    def retrieved_after(self, call: Call[Any, Any], changes: Changes) -> Result:
        """Return the object that the path names, as it is once the changes are made.

        Raises:
            ApiError: there is no such object; nothing changes then.
        """
        self.find(call)
        return Result(lambda: self._one(call), changes=changes)

    def listed_after(
        self,
        call: Call[Any, Any],
        changes: Changes,
        keep: Callable[[bytes], bool] | None = None,
    ) -> Result:
        """Return one page as it is once the changes are made, of the records that `keep` keeps.

        Raises:
            ApiError: a cursor names no object; nothing changes then.
        """
        self.check_cursors(call)
        return Result(lambda: self._page(call, keep), changes=changes)

    def _one(self, call: Call[Any, Any]) -> Object | bytes:
        encoded = self.find(call)
        return encoded if self.view is None else self.view(json_codec.loads(encoded))

    def _page(self, call: Call[Any, Any], keep: Callable[[bytes], bool] | None = None) -> bytes:
        return page(self.collection(call), call.query, view=self.view, keep=keep)

    def check_cursors(self, call: Call[Any, Any]) -> None:
        """Check what the page of a list is to stand behind and before.

        Raises:
            ApiError: a cursor names no object.
        """
        check_cursors(
            self.collection(call), call.query, prefix=self.prefix, not_found=self.not_found
        )

    def delete(self, call: Call[None, None]) -> Result:
        """Delete the object that the path names, and all objects that belong to it."""
        self.find(call)
        object_id = call.path_ids[self.path_id]
        return Result(
            {"id": object_id, "object": self.deleted, "deleted": True},
            changes=(Delete(self.collection(call), object_id),),
        )
