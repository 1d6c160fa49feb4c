"""Files: upload, list, retrieve, download and delete."""

import re
from functools import partial
from typing import Annotated, Any, ClassVar, Literal
from urllib.parse import quote

from pydantic import AfterValidator, BeforeValidator, Field, InstanceOf, WithJsonSchema

from mockserver.api.shared.call import Call
from mockserver.api.shared.dialect import known_purpose, known_upload_field
from mockserver.api.shared.errors import ApiError
from mockserver.api.shared.layout import FILES_LAYOUT
from mockserver.api.shared.operation import Operation
from mockserver.api.shared.pagination import ListQuery, page, whole_number
from mockserver.api.shared.resource import Resource
from mockserver.api.shared.results import Content, Result
from mockserver.api.shared.stored_files import (
    FILE_KIND,
    StoredFile,
    file_record,
    has_expired,
    make_room,
    stored_file,
)
from mockserver.api.shared.validation import Strict
from mockserver.api.vector_stores.records import STORE_FILES
from mockserver.http import json_codec
from mockserver.http.form import FilePart, meaning
from mockserver.state.changes import Delete, PutContent

MAX_FILE_BYTES = 512 * 2**20
"""How many bytes the service takes in one file."""

NOT_FOR_DOWNLOAD = frozenset({"assistants", "user_data"})
"""The purposes of the files that go in and do not come out again [recorded]."""

_NEVER_EXPIRES = b'"expires_at": null'
_NOT_IN_A_FILENAME = re.compile(r'[^\x20-\x7e]|["\\]')

# ── Requests. The order of the fields is the order of the checks. ─────────────────

File = Annotated[
    InstanceOf[FilePart], WithJsonSchema({"type": "string", "contentMediaType": "*/*"})
]
Purpose = Annotated[str, AfterValidator(known_purpose)]
Lifetime = Annotated[int, Field(ge=3600, le=2_592_000)]


class ExpiresAfter(Strict):
    """When a file expires, in seconds after its creation."""

    anchor: Literal["created_at"]
    seconds: Lifetime


class ExpiresAfterInForm(ExpiresAfter):
    """The same in a form, whose values are texts."""

    seconds: Annotated[Lifetime, BeforeValidator(whole_number)]


class CreateFile(Strict):
    """The form of `createFile`. `filename` is a field of Foundry's."""

    errors_of: ClassVar = {
        "missing": "required_property",
        "extra_forbidden": "additional_property",
    }

    file: File
    purpose: Purpose
    expires_after: ExpiresAfterInForm | None = None
    filename: Annotated[str | None, BeforeValidator(known_upload_field)] = None


class ListFiles(ListQuery):
    """The query of `listFiles`."""

    limit: Annotated[int, Field(ge=1, le=10_000, strict=True), BeforeValidator(whole_number)] = (
        10_000
    )
    purpose: str | None = None


FILES = Resource(
    kind=FILE_KIND,
    prefix="",  # it looks for any id, whatever its form [recorded]
    path_id="file_id",
    not_found="file_not_found",
    deleted="file",
    has_content=True,
)


# ── Handlers ─────────────────────────────────────────────────────────────────────


def create_file(call: Call[CreateFile, None]) -> Result:
    """Keep a file, whose id derives from its content, its name and the other fields."""
    body = call.body
    content = body.file.content
    if not content:
        raise ApiError("file_is_empty")
    filename = body.filename or body.file.filename
    return kept_file(call, filename, body.purpose, content, body.expires_after)


def kept_file(
    call: Call[Any, Any],
    filename: str,
    purpose: str,
    content: bytes,
    expires_after: ExpiresAfter | None,
) -> Result:
    """Return the result that keeps a new file.

    Raises:
        ApiError: there is no room for it.
    """
    record = file_record(
        call.new_id(call.dialect.file_kind),
        call.namespace.clock.now(),
        filename,
        purpose,
        len(content),
        None if expires_after is None else expires_after.seconds,
    )
    result = FILES.created(call, record)
    result.changes = make_room(call, len(content), MAX_FILE_BYTES)
    files = FILES.collection(call)
    result.children = lambda file_id: (PutContent(files, file_id, content),)
    return result


def list_files(call: Call[None, ListFiles]) -> Result:
    """Return one page of the files, of one purpose where the query says so."""
    purpose, now = call.query.purpose, call.namespace.clock.now()
    FILES.check_cursors(call)
    listed = page(
        FILES.collection(call),
        call.query,
        keep=partial(_is_listed, purpose, now),
        has_more_first=True,
    )
    return Result(listed)


def _is_listed(purpose: str | None, now: int, encoded: bytes) -> bool:
    if purpose is None and _NEVER_EXPIRES in encoded:  # as a rule
        return True
    record = json_codec.loads(encoded)
    return purpose in (None, record.get("purpose")) and not has_expired(record, now)


def _find(call: Call[None, None]) -> StoredFile:
    file_id = call.path_ids[FILES.path_id]
    found = stored_file(call.namespace, file_id)
    if found is None:
        raise ApiError(FILES.not_found, id=file_id)
    return found


def retrieve_file(call: Call[None, None]) -> Result:
    """Return a file's object."""
    return Result(_find(call).record)


def download_file(call: Call[None, None]) -> Result:
    """Return the content of a file, unless its purpose keeps it in."""
    record, content = _find(call)
    purpose, filename = str(record.get("purpose")), str(record.get("filename"))
    if purpose in NOT_FOR_DOWNLOAD:
        raise ApiError("file_not_for_download", purpose=purpose)
    headers = {
        "Content-Type": "application/octet-stream",
        "Content-Disposition": _attachment(filename),
    }
    return Result(Content(content, headers, {"filename": filename, "bytes": len(content)}))


def _attachment(filename: str) -> str:
    """Return the header that names a downloaded file [recorded; beyond ASCII inferred]."""
    plain = _NOT_IN_A_FILENAME.sub("_", filename)
    header = f'attachment; filename="{plain}"'
    if plain == filename:
        return header
    return f"{header}; filename*=UTF-8''{quote(filename, safe='', errors='replace')}"


def delete_file(call: Call[None, None]) -> Result:
    """Delete a file, and remove it from all vector stores [the SDKs' documentation].

    The response has its keys in an order of its own [recorded].
    """
    _find(call)
    file_id = call.path_ids[FILES.path_id]
    in_stores = [
        collection
        for kind, collection in call.namespace.collections()
        if kind == STORE_FILES and file_id in collection
    ]
    return Result(
        {"object": FILES.deleted, "deleted": True, "id": file_id},
        changes=tuple(Delete(one, file_id) for one in (FILES.collection(call), *in_stores)),
    )


RESOURCES = (FILES,)

OPERATIONS = (
    Operation(
        "listFiles",
        "Return a list of files.",
        "GET",
        "/files",
        list_files,
        query=ListFiles,
        layout=FILES_LAYOUT,
    ),
    Operation(
        "createFile",
        "Upload a file.",
        "POST",
        "/files",
        create_file,
        body=CreateFile,
        meaning=meaning,
        layout=FILES_LAYOUT,
        reader="multipart",
        body_limit=MAX_FILE_BYTES,
    ),
    Operation(
        "retrieveFile",
        "Return a file's object.",
        "GET",
        "/files/{file_id}",
        retrieve_file,
        layout=FILES_LAYOUT,
    ),
    Operation(
        "downloadFile",
        "Return the content of a file.",
        "GET",
        "/files/{file_id}/content",
        download_file,
        layout=FILES_LAYOUT,
    ),
    Operation(
        "deleteFile",
        "Delete a file.",
        "DELETE",
        "/files/{file_id}",
        delete_file,
        layout=FILES_LAYOUT,
    ),
)
