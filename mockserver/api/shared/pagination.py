"""Lists: the query that all of them take, and the page that all of them answer."""

import re
from collections.abc import Sequence
from typing import Annotated, Literal

import orjson
from pydantic import BaseModel, BeforeValidator, Field

from mockserver.api.shared.errors import ApiError
from mockserver.api.shared.validation import check_id
from mockserver.state.collection import Collection

_DIGITS = re.compile(r"-?[0-9]{1,300}")


def _whole_number(value: object) -> object:
    """Read `limit` as the service does: digits, or it is a string."""
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        return int(value)
    return value


class ListQuery(BaseModel):
    """The query of every list. Parameters that it does not know are let pass."""

    limit: Annotated[int, Field(ge=1, le=100, strict=True), BeforeValidator(_whole_number)] = 20
    order: Literal["asc", "desc"] = "desc"
    after: str | None = None
    before: str | None = None


def page(collection: Collection, query: ListQuery, *, prefix: str, not_found: str) -> bytes:
    """Answer a list: the stored bytes of each object, spliced into the envelope.

    A cursor may name an object that was deleted since, so that a loop can delete
    what it pages through [inferred]. `prefix` is what the collection's ids begin with,
    `not_found` the error for a cursor that names no object.

    Raises:
        ApiError: `after` or `before` is no id, or names nothing.
    """
    for param, cursor in (("after", query.after), ("before", query.before)):
        if cursor is not None:
            check_id(param, cursor, prefix)
            if not collection.has_had(cursor):
                raise ApiError(not_found, id=cursor)
    ids, has_more = collection.page(
        limit=query.limit,
        newest_first=query.order == "desc",
        after=query.after,
        before=query.before,
    )
    documents = [document for id_ in ids if (document := collection.get(id_)) is not None]
    return _envelope(documents, ids, has_more)


def _envelope(documents: Sequence[bytes], ids: Sequence[str], has_more: bool) -> bytes:
    """Write what the codec would write of the whole page, decoding nothing.

    A newline in a document is always layout, since inside a string it is escaped,
    so shifting the layout is all it takes to nest one.
    """
    data = b",\n    ".join(document.replace(b"\n", b"\n    ") for document in documents)
    return b"".join(
        (
            b'{\n  "object": "list",\n  "data": ',
            b"[\n    " + data + b"\n  ]" if documents else b"[]",
            b',\n  "first_id": ',
            orjson.dumps(ids[0] if ids else None),
            b',\n  "last_id": ',
            orjson.dumps(ids[-1] if ids else None),
            b',\n  "has_more": ',
            b"true" if has_more else b"false",
            b"\n}",
        )
    )
