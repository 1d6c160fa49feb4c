"""The files of a vector store: attach, list, retrieve, change, detach, and their chunks."""

from collections.abc import Iterable
from functools import partial
from typing import Any, Literal

from mockserver.api.shared.call import Call
from mockserver.api.shared.errors import ApiError
from mockserver.api.shared.operation import Operation
from mockserver.api.shared.pagination import ListQuery
from mockserver.api.shared.resource import Resource
from mockserver.api.shared.results import Object, Result
from mockserver.api.shared.tools import ChunkingStrategy, FileId
from mockserver.api.shared.validation import Strict
from mockserver.api.vector_stores.attaching import Attachment, attach, check_chunking, existing_file
from mockserver.api.vector_stores.attributes import Attributes
from mockserver.api.vector_stores.chunks import chunks
from mockserver.api.vector_stores.documents import text_of_file
from mockserver.api.vector_stores.records import INDEX, STORE_FILES, recorded_chunking, shown
from mockserver.api.vector_stores.stores import read_store
from mockserver.http import json_codec
from mockserver.state.changes import Delete

# ── Requests. The order of the fields is the order of the checks. ─────────────────


class CreateVectorStoreFile(Strict):
    """The body of `createVectorStoreFile`; also one of the files of a batch."""

    file_id: FileId
    attributes: Attributes | None = None
    chunking_strategy: ChunkingStrategy | None = None

    def attachment(self) -> Attachment:
        """Return the file to attach."""
        return Attachment(self.file_id, self.chunking_strategy, self.attributes)


class UpdateAttributes(Strict):
    """The body of `updateVectorStoreFileAttributes`."""

    attributes: Attributes | None


class ListStoreFiles(ListQuery):
    """The query of `listVectorStoreFiles`."""

    filter: Literal["in_progress", "completed", "failed", "cancelled"] | None = None


FILES_OF_STORE = Resource(
    kind=STORE_FILES,
    prefix="",
    path_id="file_id",
    not_found="no_such_file",
    deleted="vector_store.file.deleted",
    view=shown,
    parent="vector_store_id",
)


# ── Handlers ─────────────────────────────────────────────────────────────────────


def create_vector_store_file(call: Call[CreateVectorStoreFile, None]) -> Result:
    """Attach a file to a store."""
    read_store(call)
    check_chunking(call.body.chunking_strategy, "chunking_strategy")
    [put] = attach(call, call.path_ids["vector_store_id"], [call.body.attachment()])
    record: Object = json_codec.loads(put.encoded)
    return Result(record, put.collection, creates=True, view=shown, hidden=(INDEX,))


def list_vector_store_files(call: Call[None, ListStoreFiles]) -> Result:
    """Return one page of the files of a store, of one status where the query says so."""
    return FILES_OF_STORE.listed_after(call, read_store(call), keep_status(call.query.filter))


def keep_status(status: str | None, among: Iterable[str] | None = None) -> Any:
    """Return a function that keeps the files of a status, among those of some ids.

    It is None where all are kept.
    """
    if status is None and among is None:
        return None
    return partial(_is_kept, status, None if among is None else frozenset(among))


def _is_kept(status: str | None, among: frozenset[str] | None, encoded: bytes) -> bool:
    record = json_codec.loads(encoded)
    is_among = among is None or record["id"] in among
    return is_among and status in (None, record.get("status"))


def get_vector_store_file(call: Call[None, None]) -> Result:
    """Return a file of a store; its indexing moves on."""
    changes = read_store(call)
    _require(call)
    return FILES_OF_STORE.retrieved_after(call, changes)


def update_attributes(call: Call[UpdateAttributes, None]) -> Result:
    """Replace the attributes of a file."""
    read_store(call)
    record = _require(call)
    record["attributes"] = call.body.attributes or {}
    result = FILES_OF_STORE.modified(call, record)
    result.hidden = (INDEX,)
    return result


def delete_vector_store_file(call: Call[None, None]) -> Result:
    """Detach a file from a store; the file stays."""
    read_store(call)
    _require(call)
    file_id = call.path_ids["file_id"]
    return Result(
        {"id": file_id, "object": FILES_OF_STORE.deleted, "deleted": True},
        changes=(Delete(FILES_OF_STORE.collection(call), file_id),),
    )


def retrieve_content(call: Call[None, None]) -> Result:
    """Return the text of a file, in its chunks."""
    read_store(call)
    record = _require(call)
    file = existing_file(call, call.path_ids["file_id"])
    text = text_of_file(str(file.record.get("filename")), file.content)
    return Result(
        {
            "object": "vector_store.file_content.page",
            "data": [
                {"type": "text", "text": chunk} for chunk in chunks(text, recorded_chunking(record))
            ],
            "has_more": False,
            "next_page": None,
        }
    )


def _require(call: Call[Any, Any]) -> Object:
    """Return the record of the file that a path names.

    Raises:
        ApiError: it is not in the store.
    """
    encoded = FILES_OF_STORE.collection(call).get(call.path_ids["file_id"])
    if encoded is None:
        raise ApiError(
            "no_file_in_store",
            id=call.path_ids["file_id"],
            store=call.path_ids["vector_store_id"],
        )
    record: Object = json_codec.loads(encoded)
    return record


RESOURCES = (FILES_OF_STORE,)

_PATH = "/vector_stores/{vector_store_id:vs}/files"

OPERATIONS = (
    Operation(
        "listVectorStoreFiles",
        "Return a list of the files of a vector store.",
        "GET",
        _PATH,
        list_vector_store_files,
        query=ListStoreFiles,
    ),
    Operation(
        "createVectorStoreFile",
        "Attach a file to a vector store.",
        "POST",
        _PATH,
        create_vector_store_file,
        body=CreateVectorStoreFile,
    ),
    Operation(
        "getVectorStoreFile",
        "Retrieve a file of a vector store.",
        "GET",
        _PATH + "/{file_id}",
        get_vector_store_file,
    ),
    Operation(
        "updateVectorStoreFileAttributes",
        "Replace the attributes of a file of a vector store.",
        "POST",
        _PATH + "/{file_id}",
        update_attributes,
        body=UpdateAttributes,
    ),
    Operation(
        "deleteVectorStoreFile",
        "Detach a file from a vector store.",
        "DELETE",
        _PATH + "/{file_id}",
        delete_vector_store_file,
    ),
    Operation(
        "retrieveVectorStoreFileContent",
        "Return the text of a file of a vector store.",
        "GET",
        _PATH + "/{file_id}/content",
        retrieve_content,
    ),
)
