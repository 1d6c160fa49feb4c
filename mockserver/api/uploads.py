"""Uploads: a large file in parts. Create, add parts, complete and cancel."""

import hashlib
from functools import partial
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from mockserver.api.files import ExpiresAfter, File, Purpose
from mockserver.api.shared.call import Call
from mockserver.api.shared.errors import ApiError
from mockserver.api.shared.layout import UPLOADS_LAYOUT
from mockserver.api.shared.operation import Operation
from mockserver.api.shared.resource import Resource
from mockserver.api.shared.results import Changes, Object, Result
from mockserver.api.shared.stored_files import (
    PART_KIND,
    UPLOAD_KIND,
    file_record,
    has_expired,
    make_room,
    puts_file,
)
from mockserver.api.shared.validation import Strict
from mockserver.http import json_codec
from mockserver.http.form import FilePart, meaning
from mockserver.state.changes import Delete, PutContent

MAX_UPLOAD_BYTES = 8 * 2**30
MAX_PART_BYTES = 64 * 2**20

LIFETIME_SECONDS = 3600
"""How long an upload takes parts [recorded]."""

# ── Requests. The order of the fields is the order of the checks. ─────────────────


class CreateUpload(Strict):
    """The body of `createUpload`."""

    filename: str
    purpose: Purpose
    bytes: Annotated[int, Field(ge=1, le=MAX_UPLOAD_BYTES)]
    mime_type: str
    expires_after: ExpiresAfter | None = None


def _nameless(part: FilePart) -> FilePart:
    """Return a part of a file without a name: each client has another, which means nothing."""
    return FilePart("", part.content_type, part.content, part.sha256)


class AddPart(Strict):
    """The form of `addUploadPart`."""

    data: Annotated[File, AfterValidator(_nameless)]


class CompleteUpload(Strict):
    """The body of `completeUpload`."""

    part_ids: list[str]
    md5: str | None = None


# ── Responses ────────────────────────────────────────────────────────────────────


def _shown(record: Object) -> Object:
    """Return an upload without what is kept for the file that it becomes."""
    return {name: value for name, value in record.items() if name not in ("lifetime", "mime_type")}


UPLOADS = Resource(
    kind=UPLOAD_KIND,
    prefix="upload",
    path_id="upload_id",
    not_found="upload_not_found",
    deleted="upload.deleted",
    view=_shown,
    defaults={"bytes": 0, "filename": "", "purpose": "", "status": "pending"},
)

PARTS = Resource(
    kind=PART_KIND,
    prefix="part",
    path_id="part_id",
    not_found="upload_part_not_found",
    deleted="upload.part.deleted",
    parent="upload_id",
    has_content=True,
)


# ── Handlers ─────────────────────────────────────────────────────────────────────


def create_upload(call: Call[CreateUpload, None]) -> Result:
    """Create an upload, which is open for an hour."""
    body, now = call.body, call.namespace.clock.now()
    upload: Object = {
        "id": call.new_id("upload"),
        "object": "upload",
        "bytes": body.bytes,
        "created_at": now,
        "filename": body.filename,
        "purpose": body.purpose,
        "status": "pending",
        "expires_at": now + LIFETIME_SECONDS,
        "mime_type": body.mime_type,
        "lifetime": None if body.expires_after is None else body.expires_after.seconds,
    }
    return UPLOADS.created(call, upload)


def _open(call: Call[Any, None], what: str) -> Object:
    """Return the upload that the path names.

    Raises:
        ApiError: there is none, or it is completed, cancelled or expired; `what` was to be done.
    """
    upload = UPLOADS.record(call)
    status = upload.get("status")
    if status == "pending" and has_expired(upload, call.namespace.clock.now()):
        status = "expired"
    if status != "pending":
        raise ApiError("upload_is_over", what=what, status=status)
    return upload


def add_upload_part(call: Call[AddPart, None]) -> Result:
    """Keep a part; its place in the file is decided when the upload is completed."""
    _open(call, "add a part to")
    content = call.body.data.content
    if not content:
        raise ApiError("file_is_empty")
    part: Object = {
        "id": call.new_id("upload_part"),
        "object": "upload.part",
        "created_at": call.namespace.clock.now(),
        "upload_id": call.path_ids["upload_id"],
    }
    result = PARTS.created(call, part)
    result.changes = make_room(call, len(content), MAX_PART_BYTES)
    parts = PARTS.collection(call)
    result.children = lambda part_id: (PutContent(parts, part_id, content),)
    return result


def complete_upload(call: Call[CompleteUpload, None]) -> Result:
    """Join the parts, in the order of the body, to a file."""
    upload, body = _open(call, "complete"), call.body
    content = b"".join(_contents(call, body.part_ids))
    if len(content) != upload["bytes"]:
        raise ApiError("upload_of_other_size", expected=upload["bytes"], got=len(content))
    if body.md5 is not None:
        md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
        if md5 != body.md5.lower():
            raise ApiError("upload_of_other_md5", expected=body.md5, got=md5)
    lifetime = upload.get("lifetime")
    file = file_record(
        call.new_id(call.dialect.file_kind),
        _created_at(call),
        upload["filename"],
        upload["purpose"],
        len(content),
        lifetime if type(lifetime) is int else None,
    )
    result = UPLOADS.modified(call, upload | {"status": "completed", "file": file})
    result.changes = _drops_parts(call)
    result.children = partial(_puts_file, call, file, content)
    return result


def _created_at(call: Call[Any, None]) -> int:
    """Return the time of an upload, which is that of its file too [recorded], in seconds."""
    known = UPLOADS.collection(call).created_at(call.path_ids["upload_id"])
    return call.namespace.clock.now() if known is None else known


def _puts_file(
    call: Call[CompleteUpload, None], file: Object, content: bytes, upload_id: str
) -> Changes:
    """Return the changes that store the file of an upload, as a stub may have patched it."""
    upload = json_codec.loads(UPLOADS.collection(call).get(upload_id) or b"{}")
    shown = upload.get("file")
    record = shown if isinstance(shown, dict) else file
    file_id = record.get("id")
    if not isinstance(file_id, str):
        file_id = file["id"]
    return puts_file(call.namespace, file_id, _created_at(call), record, content)


def cancel_upload(call: Call[None, None]) -> Result:
    """Cancel an upload; its parts are let go."""
    upload = _open(call, "cancel")
    result = UPLOADS.modified(call, upload | {"status": "cancelled"})
    result.changes = _drops_parts(call)
    return result


def _contents(call: Call[CompleteUpload, None], part_ids: list[str]) -> list[bytes]:
    """Return the contents of the parts.

    Raises:
        ApiError: one of them is no part of this upload, or is named twice.
    """
    parts, contents = PARTS.collection(call), call.namespace.contents
    seen: set[str] = set()
    for part_id in part_ids:
        if part_id not in parts:
            raise ApiError(PARTS.not_found, id=part_id)
        if part_id in seen:
            raise ApiError("upload_part_twice", id=part_id)
        seen.add(part_id)
    return [contents.get(part_id) or b"" for part_id in part_ids]


def _drops_parts(call: Call[Any, None]) -> Changes:
    parts = PARTS.collection(call)
    return tuple(Delete(parts, part_id) for part_id in parts)


RESOURCES = (UPLOADS, PARTS)

_PATH = "/uploads/{upload_id:upload}"

OPERATIONS = (
    Operation(
        "createUpload",
        "Create an upload, to which parts are added.",
        "POST",
        "/uploads",
        create_upload,
        body=CreateUpload,
        layout=UPLOADS_LAYOUT,
    ),
    Operation(
        "addUploadPart",
        "Add a part to an upload.",
        "POST",
        _PATH + "/parts",
        add_upload_part,
        body=AddPart,
        meaning=meaning,
        layout=UPLOADS_LAYOUT,
        reader="multipart",
        body_limit=MAX_PART_BYTES,
    ),
    Operation(
        "completeUpload",
        "Complete an upload: its parts become a file.",
        "POST",
        _PATH + "/complete",
        complete_upload,
        body=CompleteUpload,
        layout=UPLOADS_LAYOUT,
    ),
    Operation(
        "cancelUpload",
        "Cancel an upload.",
        "POST",
        _PATH + "/cancel",
        cancel_upload,
        layout=UPLOADS_LAYOUT,
    ),
)
