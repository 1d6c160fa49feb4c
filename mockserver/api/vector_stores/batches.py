"""Batches of files for a vector store: create, retrieve, cancel, and list their files."""

from typing import Annotated

from pydantic import Field

from mockserver.api.shared.call import Call
from mockserver.api.shared.errors import ApiError
from mockserver.api.shared.operation import Operation
from mockserver.api.shared.resource import Resource
from mockserver.api.shared.results import Object, Result
from mockserver.api.shared.tools import ChunkingStrategy, FileId
from mockserver.api.shared.validation import Strict
from mockserver.api.vector_stores.attaching import Attachment, attach, check_chunking
from mockserver.api.vector_stores.attributes import Attributes
from mockserver.api.vector_stores.records import (
    BATCHES,
    INDEX,
    STORE_FILES,
    current_batch,
    files_of_batch,
    ids_in_batch,
    put,
    shown,
    with_files_of_batch,
)
from mockserver.api.vector_stores.store_files import (
    FILES_OF_STORE,
    CreateVectorStoreFile,
    ListStoreFiles,
    keep_status,
)
from mockserver.api.vector_stores.stores import read_store
from mockserver.http import json_codec

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
    prefix="vsfb_",
    path_id="batch_id",
    not_found="file_batch_not_found",
    deleted="",
    view=shown,
    parent="vector_store_id",
    current=current_batch,
)


def create_file_batch(call: Call[CreateFileBatch, None]) -> Result:
    """Attach several files to a store."""
    body, store_id = call.body, call.path_ids["vector_store_id"]
    read_store(call)
    if (body.file_ids is None) == (body.files is None):
        raise ApiError("one_kind_of_batch")
    for at, file in enumerate(body.files or ()):
        check_chunking(file.chunking_strategy, f"files[{at}].chunking_strategy")
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
    changes = attach(call, store_id, attachments)
    batch[INDEX] = {"files": [one.object_id for one in changes]}
    files = [json_codec.loads(one.encoded) for one in changes]
    result = FILE_BATCHES.created(call, with_files_of_batch(batch, files))
    result.hidden = (INDEX,)
    result.changes = changes
    return result


def get_file_batch(call: Call[None, None]) -> Result:
    """Return a batch; the indexing of its files moves on."""
    changes, namespace = read_store(call), call.namespace
    FILE_BATCHES.find(call)
    return Result(
        lambda: shown(current_batch(namespace, FILE_BATCHES.record(call))), changes=changes
    )


def cancel_file_batch(call: Call[None, None]) -> Result:
    """Stop the indexing of a batch; one that is finished stays as it is [recorded]."""
    read_store(call)
    batch, namespace = FILE_BATCHES.record(call), call.namespace
    files = files_of_batch(namespace, batch)
    batch = with_files_of_batch(batch, files)
    result = FILE_BATCHES.modified(call, batch)
    if batch["status"] == "in_progress":
        open_files = [file for file in files if file.get("status") == "in_progress"]
        for file in open_files:
            file["status"] = "cancelled"
        store_id = call.path_ids["vector_store_id"]
        result.changes = tuple(
            put(namespace, STORE_FILES, store_id, file, is_new=False) for file in open_files
        )
        result.value = with_files_of_batch(batch | {"status": "cancelled"}, files)
    result.hidden = (INDEX,)
    return result


def list_files_of_batch(call: Call[None, ListStoreFiles]) -> Result:
    """Return one page of the files of a batch, of one status where the query says so."""
    changes = read_store(call)
    keep = keep_status(call.query.filter, ids_in_batch(FILE_BATCHES.record(call)))
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
        _PATH + "/{batch_id:vsfb_}",
        get_file_batch,
    ),
    Operation(
        "cancelVectorStoreFileBatch",
        "Stop the indexing of a batch of files.",
        "POST",
        _PATH + "/{batch_id:vsfb_}/cancel",
        cancel_file_batch,
    ),
    Operation(
        "listFilesInVectorStoreBatch",
        "Return a list of the files of a batch.",
        "GET",
        _PATH + "/{batch_id:vsfb_}/files",
        list_files_of_batch,
        query=ListStoreFiles,
    ),
)
