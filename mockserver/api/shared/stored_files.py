"""The files that are kept: their records, their contents, and how much room is left for more.

`stored_file` is the way to a file for whatever needs one, such as a vector store.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from mockserver.api.shared.call import Call
from mockserver.api.shared.errors import ApiError
from mockserver.api.shared.results import Changes, Object
from mockserver.http import json_codec
from mockserver.sizes import as_text
from mockserver.state.changes import Delete, Put, PutContent
from mockserver.state.contents import Contents
from mockserver.state.namespace import Namespace

FILE_KIND = "files"
UPLOAD_KIND = "uploads"
PART_KIND = "upload_parts"
"""The kinds of objects that have contents, or are waiting for some."""

BATCH_LIFETIME_SECONDS = 30 * 86400
"""How long a file of purpose `batch` lives unless it says otherwise [the SDKs' documentation]."""


class StoredFile(NamedTuple):
    """A file: its record, as the API shows it, and its content."""

    record: Object
    content: bytes


def stored_file(namespace: Namespace, file_id: str) -> StoredFile | None:
    """Return a file, or None where there is none of this id, or where it has expired."""
    encoded = namespace.collection(FILE_KIND).get(file_id)
    if encoded is None:
        return None
    record = json_codec.loads(encoded)
    if has_expired(record, namespace.clock.now()):
        return None
    return StoredFile(record, namespace.contents.get(file_id) or b"")


def has_expired(record: Object, now: int) -> bool:
    """Return whether a file or an upload has expired at `now`, in seconds since 1970."""
    expires_at = record.get("expires_at")
    return type(expires_at) is int and expires_at <= now


def file_record(
    file_id: str,
    created_at: int,
    filename: str,
    purpose: str,
    size: int,
    lifetime: int | None = None,
) -> Object:
    """Return the record of a new file, in the order of the wire [recorded].

    `size` is in bytes; `lifetime` is in seconds, None for that of its purpose.
    """
    if lifetime is None and purpose == "batch":
        lifetime = BATCH_LIFETIME_SECONDS
    return {
        "object": "file",
        "id": file_id,
        "purpose": purpose,
        "filename": filename,
        "bytes": size,
        "created_at": created_at,
        "expires_at": None if lifetime is None else created_at + lifetime,
        "status": "processed",
        "status_details": None,
    }


def puts_file(
    namespace: Namespace, file_id: str, created_at: int, record: Object, content: bytes
) -> Changes:
    """Return the changes that store a new file, with its content."""
    encoded = json_codec.dumps(record)
    files = namespace.collection(FILE_KIND)
    return Put(files, file_id, created_at, encoded, is_new=True), PutContent(
        files, file_id, content
    )


def make_room(call: Call[Any, Any], needed: int, most: int) -> Changes:
    """Return the changes that make room for `needed` bytes: what has expired is let go.

    `most` is how many bytes the service itself takes at once.

    Raises:
        ApiError: there is no room.
    """
    namespace, contents = call.namespace, call.namespace.contents
    if needed > most:
        raise ApiError("file_too_large", limit=most)
    if contents.size + needed <= contents.limit:
        return ()
    expired = tuple(_expired(namespace))
    freed = sum(len(contents.get(one.object_id) or b"") for one in expired)
    if contents.size - freed + needed > contents.limit:
        raise no_room(contents, most)
    return expired


def no_room(contents: Contents, most: int) -> ApiError:
    """Return the error of a file that is too large for the limit of this server, or of the API."""
    if most <= contents.limit:
        return ApiError("file_too_large", limit=most)
    return ApiError("files_limit", limit=as_text(contents.limit), used=as_text(contents.size))


def _expired(namespace: Namespace) -> Iterator[Delete]:
    """Yield the deletes of the files, and of the parts of uploads, that have expired."""
    files = namespace.collection(FILE_KIND)
    yield from (Delete(files, file_id) for file_id in _expired_ids(namespace, FILE_KIND))
    for upload_id in _expired_ids(namespace, UPLOAD_KIND):
        parts = namespace.collection(PART_KIND, upload_id)
        yield from (Delete(parts, part_id) for part_id in parts)


def _expired_ids(namespace: Namespace, kind: str) -> Iterator[str]:
    now, collection = namespace.clock.now(), namespace.collection(kind)
    for object_id, encoded in zip(collection, collection.records(), strict=True):
        if has_expired(json_codec.loads(encoded), now):
            yield object_id
