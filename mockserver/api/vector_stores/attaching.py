"""Files are attached to a vector store: one by one, in a batch, or together with a new store."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from mockserver.api.shared.call import Call
from mockserver.api.shared.errors import ApiError
from mockserver.api.shared.results import Changes, Object
from mockserver.api.shared.stored_files import StoredFile, stored_file
from mockserver.api.shared.tools import ChunkingStrategy, NewToolResources, StaticChunkingStrategy
from mockserver.api.vector_stores.documents import extension, is_supported
from mockserver.api.vector_stores.records import (
    STORE_FILES,
    STORES,
    put,
    store_file_record,
    store_record,
)
from mockserver.state.changes import Put


class Attachment(NamedTuple):
    """A file to attach, with what the request says of it."""

    file_id: str
    strategy: ChunkingStrategy | None = None
    attributes: Object | None = None


def attach(
    call: Call[Any, Any], store_id: str, attachments: Iterable[Attachment]
) -> tuple[Put, ...]:
    """Return the changes that attach files to a store.

    Raises:
        ApiError: a file does not exist, or cannot be searched.
    """
    # A file that is named twice is in the store once, as it was named last.
    by_file = {one.file_id: one for one in attachments}
    given = [(one, existing_file(call, file_id)) for file_id, one in by_file.items()]
    check_searchable(file for _, file in given)
    namespace, now = call.namespace, call.namespace.clock.now()
    return tuple(
        put(
            namespace,
            STORE_FILES,
            store_id,
            store_file_record(
                file,
                store_id,
                now,
                strategy=one.strategy,
                attributes=one.attributes,
                reads=namespace.index_polls,
            ),
            is_new=True,
        )
        for one, file in given
    )


class NewStores(NamedTuple):
    """The stores that a create makes beside its object: their ids, and the changes."""

    ids: list[str]
    changes: Changes


NO_STORES = NewStores([], ())


def new_stores(
    call: Call[Any, Any], resources: NewToolResources | None, days: int | None = None
) -> NewStores:
    """Return the stores that `vector_stores` in the resources of an assistant or a thread asks for.

    They expire so many days after their last use, or never.

    Raises:
        ApiError: a file does not exist, or cannot be searched.
    """
    if resources is None or resources.file_search is None:
        return NO_STORES
    asked = resources.file_search.vector_stores
    store_ids: list[str] = []
    changes: Changes = ()
    for one in asked or ():
        store_id = call.new_id("vector_store")
        now = call.namespace.clock.now()
        store = store_record(store_id, now, days=days, metadata=one.metadata)
        files = [Attachment(file_id, one.chunking_strategy) for file_id in one.file_ids or ()]
        store_ids.append(store_id)
        changes += (put(call.namespace, STORES, "", store, is_new=True),)
        changes += attach(call, store_id, files)
    return NewStores(store_ids, changes)


def existing_file(call: Call[Any, Any], file_id: str) -> StoredFile:
    """Return a file.

    Raises:
        ApiError: there is none of this id.
    """
    found = stored_file(call.namespace, file_id)
    if found is None:
        raise ApiError("no_such_file", id=file_id)
    return found


def check_searchable(files: Iterable[StoredFile]) -> None:
    """Check that files are of a kind that can be searched.

    Raises:
        ApiError: some are not; the error names their extensions.
    """
    names = [str(file.record.get("filename")) for file in files]
    refused = dict.fromkeys(extension(name) for name in names if not is_supported(name))
    if refused:
        raise ApiError("unsupported_file", extensions=", ".join(refused))


def check_chunking(strategy: ChunkingStrategy | None, place: str) -> None:
    """Check that chunks overlap by half of their size at most.

    Raises:
        ApiError: they overlap by more.
    """
    if isinstance(strategy, StaticChunkingStrategy):
        sizes, most = strategy.static, strategy.static.max_chunk_size_tokens // 2
        if sizes.chunk_overlap_tokens > most:
            raise ApiError(
                "integer_above_maximum",
                param=f"{place}.static.chunk_overlap_tokens",
                bound=most,
                got=sizes.chunk_overlap_tokens,
            )
