"""What a handler returns: a value, and the changes that go with it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from mockserver.http.sse import Stream
from mockserver.state.changes import Change
from mockserver.state.collection import Collection

Object = dict[str, Any]
"""A JSON object, its keys in the order of the wire."""

View = Callable[[Object], Object]
"""Takes a record; returns the object that the API shows in one kind of response."""


Changes = tuple[Change, ...]


class Content(NamedTuple):
    """The content of a file, which is sent as it is; `about` is what the journal shows of it."""

    data: bytes
    headers: Mapping[str, str]
    about: Object


@dataclass(slots=True)
class Result:
    """The result of a handler. Nothing is stored until a stub's patch was applied to `value`.

    `value` is the object of the response, its encoded bytes, the content of a file, or a stream of
    events that is sent after the changes are committed. A function is called for it once they are:
    a read moves a run on by one state, whatever becomes of its response, and shows it so. With
    `saved_in`, `value` is a record to store in that collection, and the response is its `view`, or
    without a view the record itself. `creates` says whether the record is new. `changes` are
    further puts and deletes; `children` returns those of objects that belong to the record, from
    the id that it is stored under, since a patch may change it. `hidden` are the fields of the
    record that no response shows, and no patch may change. `hint` says in the journal what
    would decide otherwise. `stream` returns the response in the place of `value`, from the id that
    the record is stored under, once all changes are made.
    """

    value: Object | bytes | Content | Stream | Callable[[], Object | bytes]
    saved_in: Collection | None = None
    creates: bool = False
    view: View | None = None
    changes: Changes = ()
    children: Callable[[str], Changes] | None = None
    hidden: tuple[str, ...] = ()
    hint: str = ""
    stream: Callable[[str], Stream] | None = None
