"""The records of vector stores, of their files and of batches, and the views that the API shows."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from mockserver.api.shared.results import Changes, Object
from mockserver.api.shared.stored_files import StoredFile
from mockserver.api.shared.tools import ChunkingStrategy, StaticChunkingStrategy
from mockserver.api.vector_stores.chunks import Chunking, chunks, usage_bytes
from mockserver.api.vector_stores.documents import text_of_file
from mockserver.http import json_codec
from mockserver.state.changes import Put
from mockserver.state.namespace import Namespace

STORES = "vector_stores"
STORE_FILES = "vector_store_files"
BATCHES = "vector_store_file_batches"

INDEX = "index"
"""The field of a record that is never shown. Of a file it has how many reads its index still takes,
and how much room it takes then; of a store or batch, what its files made of it, and of a batch also
their ids."""

STATES = ("in_progress", "completed", "failed", "cancelled")
DAY_SECONDS = 86_400


def shown(record: Object) -> Object:
    """Return a record as the API shows it."""
    return {name: value for name, value in record.items() if name != INDEX}


# ── Stores ───────────────────────────────────────────────────────────────────────


def store_record(
    store_id: str,
    now: int,
    *,
    name: str | None = None,
    description: str | None = None,
    days: int | None = None,
    metadata: dict[str, str] | None = None,
) -> Object:
    """Return the record of a new, empty store, in the order of the wire [recorded]."""
    record = {
        "id": store_id,
        "object": "vector_store",
        "created_at": now,
        "name": name,
        "description": description,
        "usage_bytes": 0,
        "file_counts": counts(()),
        "status": "completed",
        "expires_after": None,
        "expires_at": None,
        "last_active_at": now,
        "metadata": metadata or {},
    }
    return with_files(with_expiry(record, days), ())


def with_expiry(store: Object, days: int | None) -> Object:
    """Return a store that expires so many days after its last use, or never."""
    after = None if days is None else {"anchor": "last_active_at", "days": days}
    active_at = store.get("last_active_at")
    if type(active_at) is not int:  # a stub or a restored state made it something else
        active_at = store["created_at"]
    at = None if days is None else active_at + days * DAY_SECONDS
    return store | {"expires_after": after, "expires_at": at}


def counts(files: Iterable[Object]) -> Object:
    """Return how many files have each status [recorded]."""
    states = [file.get("status") for file in files]
    return {state: states.count(state) for state in STATES} | {"total": len(states)}


def with_files(store: Object, files: Sequence[Object]) -> Object:
    """Return a store as its files make it."""
    counted = counts(files)
    sizes = [file.get("usage_bytes") for file in files]
    made: Object = {
        "usage_bytes": sum(size for size in sizes if type(size) is int),
        "file_counts": counted,
        "status": "in_progress" if counted["in_progress"] else "completed",
    }
    return as_made(store, made)


def as_made(record: Object, made: Object) -> Object:
    """Return a record with what its files make of it; what a stub's patch said of that stays."""
    index = record.get(INDEX)
    index = index if isinstance(index, dict) else {}
    free = [name for name in made if name not in index or record.get(name) == index[name]]
    own = {name: made[name] for name in free}
    return record | own | {INDEX: index | own}


def current_store(namespace: Namespace, store: Object) -> Object:
    """Return a store as its files and the time make it."""
    store = with_files(store, list(files_of(namespace, str(store.get("id")))))
    expires_at = store.get("expires_at")
    is_past = type(expires_at) is int and expires_at <= namespace.clock.now()
    return as_made(store, {"status": "expired"}) if is_past else store


def has_expired(namespace: Namespace, store: Object) -> bool:
    """Return whether a store has expired, by the clock or by a stub's word."""
    return bool(current_store(namespace, store)["status"] == "expired")


def used(store: Object, now: int) -> Object:
    """Return a store that was just used: it expires later."""
    after = store.get("expires_after")
    days = after.get("days") if isinstance(after, dict) else None
    return with_expiry(store | {"last_active_at": now}, days if type(days) is int else None)


# ── Files of a store ─────────────────────────────────────────────────────────────


def store_file_record(
    file: StoredFile,
    store_id: str,
    now: int,
    *,
    strategy: ChunkingStrategy | None,
    attributes: Object | None,
    reads: int,
) -> Object:
    """Return the record of a file in a store, in the order of the wire [recorded].

    Its index is complete after so many reads. Until then it takes no room.
    """
    chunking = chunking_of(strategy)
    text = text_of_file(str(file.record.get("filename")), file.content)
    size = usage_bytes(len(file.content), sum(1 for _ in chunks(text, chunking)))
    return {
        "id": file.record["id"],
        "object": "vector_store.file",
        "usage_bytes": 0 if reads else size,
        "created_at": now,
        "vector_store_id": store_id,
        "status": "in_progress" if reads else "completed",
        "last_error": None,
        "chunking_strategy": {
            "type": "static",
            "static": {
                "max_chunk_size_tokens": chunking.size,
                "chunk_overlap_tokens": chunking.overlap,
            },
        },
        "attributes": attributes or {},
        INDEX: {"reads": reads, "size": size},
    }


def chunking_of(strategy: ChunkingStrategy | None) -> Chunking:
    """Return the size of chunks that a request asks for."""
    if not isinstance(strategy, StaticChunkingStrategy):
        return Chunking()
    sizes = strategy.static
    return Chunking(sizes.max_chunk_size_tokens, sizes.chunk_overlap_tokens)


def recorded_chunking(store_file: Object) -> Chunking:
    """Return the size of chunks of a file in a store, whatever a stub made of it."""
    strategy = store_file.get("chunking_strategy")
    sizes = strategy.get("static") if isinstance(strategy, dict) else None
    given = sizes if isinstance(sizes, dict) else {}
    size, overlap = given.get("max_chunk_size_tokens"), given.get("chunk_overlap_tokens")
    if type(size) is not int or type(overlap) is not int or not 0 <= 2 * overlap <= size:
        return Chunking()
    return Chunking(size, overlap)


def files_of(namespace: Namespace, store_id: str) -> Iterator[Object]:
    """Yield the records of the files of a store, oldest first."""
    return map(json_codec.loads, namespace.collection(STORE_FILES, store_id).records())


def put(namespace: Namespace, kind: str, parent: str, record: Object, *, is_new: bool) -> Put:
    """Return the change that stores a record; one that is not new keeps its place in the order."""
    collection = namespace.collection(kind, parent)
    known = None if is_new else collection.created_at(record["id"])
    created_at = record["created_at"] if known is None else known
    return Put(collection, record["id"], created_at, json_codec.dumps(record), is_new)


def puts_in_store(namespace: Namespace, files: Sequence[Object], store_id: str) -> tuple[Put, ...]:
    """Return the changes that store new records of files in a store of this id."""
    return tuple(
        put(namespace, STORE_FILES, store_id, file | {"vector_store_id": store_id}, is_new=True)
        for file in files
    )


# ── Batches ──────────────────────────────────────────────────────────────────────


def with_files_of_batch(batch: Object, files: Sequence[Object]) -> Object:
    """Return a batch as its files make it; one that was cancelled stays so."""
    counted = counts(files)
    status = "in_progress" if counted["in_progress"] else "completed"
    return as_made(batch, {"status": status, "file_counts": counted})


def current_batch(namespace: Namespace, batch: Object) -> Object:
    """Return a batch as its files make it now."""
    return with_files_of_batch(batch, files_of_batch(namespace, batch))


def ids_in_batch(batch: Object) -> list[str]:
    """Return the ids of the files of a batch."""
    index = batch.get(INDEX)
    files = index.get("files") if isinstance(index, dict) else None
    return [one for one in files if isinstance(one, str)] if isinstance(files, list) else []


def files_of_batch(namespace: Namespace, batch: Object) -> list[Object]:
    """Return the records of the files of a batch that are still in its store."""
    collection = namespace.collection(STORE_FILES, str(batch.get("vector_store_id")))
    found = map(collection.get, ids_in_batch(batch))
    return [json_codec.loads(one) for one in found if one is not None]


# ── Indexing ─────────────────────────────────────────────────────────────────────


def indexed_by_a_read(namespace: Namespace, store_id: str) -> Changes:
    """Return the changes by which a read moves the indexing of a store's files on."""
    changes = []
    for encoded in namespace.collection(STORE_FILES, store_id).records():
        if b'"in_progress"' not in encoded:
            continue
        record: Any = json_codec.loads(encoded)
        index = record.get(INDEX)
        reads = index.get("reads") if isinstance(index, dict) else None
        if record.get("status") != "in_progress" or type(reads) is not int or reads < 1:
            continue  # a stub has said that it never ends
        index["reads"] = reads - 1
        if reads == 1:
            record["status"], record["usage_bytes"] = "completed", index.get("size") or 0
        changes.append(put(namespace, STORE_FILES, store_id, record, is_new=False))
    return tuple(changes)
