"""Batches of files for a vector store: create, retrieve, cancel, and list their files."""

from typing import Annotated, Any

from pydantic import Field

from mockserver.api.shared.call import Call
from mockserver.api.shared.errors import ApiError
from mockserver.api.shared.operation import Operation
from mockserver.api.shared.resource import Resource
from mockserver.api.shared.results import Changes, Object, Result
from mockserver.api.shared.tools import ChunkingStrategy, FileId
from mockserver.api.shared.validation import Strict
from mockserver.api.vector_stores.attaching import Attachment, attach, check_chunking
from mockserver.api.vector_stores.records import (
    BATCHES,
    INDEX,
    STORE_FILES,
    counts,
    files_of,
    put,
)
from mockserver.api.vector_stores.store_files import (
    FILES_OF_STORE,
    Attributes,
    CreateVectorStoreFile,
    ListStoreFiles,
    keep_status,
)
from mockserver.api.vector_stores.stores import read_store
from mockserver.http import json_codec
from mockserver.state.namespace import Namespace

MAX_FILES = 2000


class CreateFileBatch(Strict):
    """The body of `createVectorStoreFileBatch`: ids of files, or files with more about each."""

    file_ids: Annotated[list[FileId], Field(min_length=1, max_length=MAX_FILES)] | None = None
    files: (
        Annotated[list[CreateVectorStoreFile], Field(min_length=1, max_length=MAX_FILES)] | None
    ) = None
    attributes: Attributes | None = None
    chunking_strategy: ChunkingStrategy | None = None


FILE_BATCHES = Resource(
    kind=BATCHES,
    prefix="vsfb",
    path_id="batch_id",
    not_found="file_batch_not_found",
    deleted="",
    parent="vector_store_id",
)


def create_file_batch(call: Call[CreateFileBatch, None]) -> Result:
    """Attach several files to a store."""
    body, store_id = call.body, call.path_ids["vector_store_id"]
    read_store(call)
    if (body.file_ids is None) == (body.files is None):
        raise ApiError("one_kind_of_batch")
    check_chunking(body.chunking_strategy, "chunking_strategy")
    attachments = [file.attachment() for file in body.files or ()]
    attachments += [
        Attachment(file_id, body.chunking_strategy, body.attributes)
        for file_id in body.file_ids or ()
    ]
    batch: Object = {
        "id": call.new_id("file_batch"),
        "object": "vector_store.file_batch",
        "created_at": call.namespace.clock.now(),
        "status": "in_progress",
        "vector_store_id": store_id,
        "file_counts": {},
    }
    changes = attach(call, store_id, attachments, batch["id"])
    files = [json_codec.loads(one.encoded) for one in changes]
    result = FILE_BATCHES.created(call, _with_files(batch, files))
    result.children = lambda batch_id: attach(call, store_id, attachments, batch_id)
    return result


def _with_files(batch: Object, files: list[Object]) -> Object:
    """Return a batch as its files make it; one that was cancelled stays so."""
    counted = counts(files)
    status = batch.get("status")
    if status == "in_progress" and not counted["in_progress"]:
        status = "completed"
    return batch | {"status": status, "file_counts": counted}


def get_file_batch(call: Call[None, None]) -> Result:
    """Return a batch; the indexing of its files moves on."""
    changes = read_store(call)
    FILE_BATCHES.find(call)
    return Result(lambda: _current(call), changes=changes)


def _current(call: Call[Any, Any]) -> Object:
    batch = FILE_BATCHES.record(call)
    return _with_files(batch, list(_files(call.namespace, batch)))


def _files(namespace: Namespace, batch: Object) -> Any:
    for file in files_of(namespace, str(batch.get("vector_store_id"))):
        index = file.get(INDEX)
        if isinstance(index, dict) and index.get("batch") == batch["id"]:
            yield file


def cancel_file_batch(call: Call[None, None]) -> Result:
    """Stop the indexing of a batch; one that is finished stays as it is [recorded]."""
    read_store(call)
    batch, namespace = FILE_BATCHES.record(call), call.namespace
    files = list(_files(namespace, batch))
    changes: Changes = ()
    if _with_files(batch, files)["status"] == "in_progress":
        open_files = [file for file in files if file.get("status") == "in_progress"]
        for file in open_files:
            file["status"] = "cancelled"
        store_id = call.path_ids["vector_store_id"]
        changes = tuple(
            put(namespace, STORE_FILES, store_id, file, is_new=False) for file in open_files
        )
        batch["status"] = "cancelled"
    shown = _with_files(batch, files)
    return Result(shown, FILE_BATCHES.collection(call), changes=changes)


def list_files_of_batch(call: Call[None, ListStoreFiles]) -> Result:
    """Return one page of the files of a batch, of one status where the query says so."""
    changes = read_store(call)
    FILE_BATCHES.find(call)
    keep = keep_status(call.query.filter, call.path_ids["batch_id"])
    return FILES_OF_STORE.listed_after(call, changes, keep)


RESOURCES = (FILE_BATCHES,)

_PATH = "/vector_stores/{vector_store_id:vs}/file_batches"

OPERATIONS = (
    Operation(
        "createVectorStoreFileBatch",
        "Attach several files to a vector store.",
        "POST",
        _PATH,
        create_file_batch,
        body=CreateFileBatch,
    ),
    Operation(
        "getVectorStoreFileBatch",
        "Retrieve a batch of files.",
        "GET",
        _PATH + "/{batch_id:vsfb}",
        get_file_batch,
    ),
    Operation(
        "cancelVectorStoreFileBatch",
        "Stop the indexing of a batch of files.",
        "POST",
        _PATH + "/{batch_id:vsfb}/cancel",
        cancel_file_batch,
    ),
    Operation(
        "listFilesInVectorStoreBatch",
        "Return a list of the files of a batch.",
        "GET",
        _PATH + "/{batch_id:vsfb}/files",
        list_files_of_batch,
        query=ListStoreFiles,
    ),
)
