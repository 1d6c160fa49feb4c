"""Lists: the query and the page that all of them share."""

import re
from collections.abc import Callable, Sequence
from typing import Annotated, Literal

import orjson
from pydantic import BaseModel, BeforeValidator, Field

from mockserver.api.shared.errors import ApiError
from mockserver.api.shared.results import View
from mockserver.api.shared.validation import check_id
from mockserver.http import json_codec
from mockserver.state.collection import Collection

_DIGITS = re.compile(r"-?[0-9]{1,300}")


def whole_number(value: object) -> object:
    """Convert a text of digits to an integer; the service treats others as strings."""
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        return int(value)
    return value


class ListQuery(BaseModel):
    """The query of every list. Unknown parameters are ignored."""

    limit: Annotated[int, Field(ge=1, le=100, strict=True), BeforeValidator(whole_number)] = 20
    order: Literal["asc", "desc"] = "desc"
    after: str | None = None
    before: str | None = None


def check_cursors(collection: Collection, query: ListQuery, *, prefix: str, not_found: str) -> None:
    """Check what a page is to stand behind and before.

    A cursor may name an object that was deleted since, so that a loop can delete
    what it pages through [inferred]. `prefix` is the prefix of the collection's ids. `not_found` is
    the name of the error for a cursor that names no object.

    Raises:
        ApiError: `after` or `before` is not a valid id, or names no object.
    """
    for param, cursor in (("after", query.after), ("before", query.before)):
        if cursor is not None:
            check_id(param, cursor, prefix)
            if not collection.has_had(cursor):
                raise ApiError(not_found, id=cursor)


def page(
    collection: Collection,
    query: ListQuery,
    *,
    view: View | None = None,
    keep: Callable[[bytes], bool] | None = None,
    has_more_first: bool = False,
) -> bytes:
    """Return one page of a list, encoded: the stored bytes of each object inside the envelope.

    The cursors were checked before. `view` converts each record, where the API does not show it as
    it is stored. `keep` says of an encoded record whether it is on the list. `has_more_first` is
    the order of the list's fields.
    """
    ids, has_more = collection.page(
        limit=query.limit,
        newest_first=query.order == "desc",
        after=query.after,
        before=query.before,
        keep=keep,
    )
    records = [record for id_ in ids if (record := collection.get(id_)) is not None]
    if view is not None:
        records = [json_codec.dumps(view(json_codec.loads(record))) for record in records]
    return _envelope(records, ids, has_more, has_more_first)


def _envelope(
    records: Sequence[bytes], ids: Sequence[str], has_more: bool, has_more_first: bool
) -> bytes:
    """Return the bytes that the codec would write for the page, without decoding the records.

    A newline in a record is always layout, since newlines in strings are escaped. So indenting
    each line is enough to nest a record.
    """
    data = b",\n    ".join(record.replace(b"\n", b"\n    ") for record in records)
    more = b',\n  "has_more": ' + (b"true" if has_more else b"false")
    return b"".join(
        (
            b'{\n  "object": "list",\n  "data": ',
            b"[\n    " + data + b"\n  ]" if records else b"[]",
            more if has_more_first else b"",
            b',\n  "first_id": ',
            orjson.dumps(ids[0] if ids else None),
            b',\n  "last_id": ',
            orjson.dumps(ids[-1] if ids else None),
            b"" if has_more_first else more,
            b"\n}",
        )
    )
