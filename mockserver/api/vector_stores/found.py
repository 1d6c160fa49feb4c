"""What a search finds in vector stores: chunks of their files, the best first."""

from collections import Counter, OrderedDict
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from mockserver.api.shared.results import Object
from mockserver.api.shared.stored_files import stored_file
from mockserver.api.vector_stores.chunks import Chunking, chunks
from mockserver.api.vector_stores.documents import text_of_file
from mockserver.api.vector_stores.filters import Comparison, Compound, keeps
from mockserver.api.vector_stores.records import (
    STORES,
    files_of,
    has_expired,
    recorded_chunking,
    used,
)
from mockserver.api.vector_stores.search import Chunk, best, words_of
from mockserver.http import json_codec
from mockserver.state.namespace import Namespace

MAX_KEPT_CHUNKS = 4_000
"""How many chunks of one key are kept with their words; those of other files are made anew."""


class Asked(NamedTuple):
    """What a search asks for."""

    queries: Sequence[str]
    filters: Comparison | Compound | None = None
    most: int = 10
    threshold: float = 0.0


class Found(NamedTuple):
    """A chunk that was found, with its file."""

    file_id: str
    filename: str
    score: float
    attributes: Object
    text: str


def expired(namespace: Namespace, store_ids: Sequence[str]) -> str | None:
    """Return the id of a store that has expired, or None where all can be searched."""
    stores = namespace.collection(STORES)
    for store_id in store_ids:
        encoded = stores.get(store_id)
        if encoded is not None and has_expired(namespace, json_codec.loads(encoded)):
            return store_id
    return None


def uses(namespace: Namespace, store_ids: Sequence[str]) -> Iterator[Object]:
    """Yield the records of stores that are used now, each of which expires later for it."""
    stores, now = namespace.collection(STORES), namespace.clock.now()
    for encoded in map(stores.get, store_ids):
        if encoded is not None:
            yield used(json_codec.loads(encoded), now)


def find(
    namespace: Namespace, store_ids: Sequence[str], asked: Asked, file_ids: Sequence[str] = ()
) -> list[Found]:
    """Return the chunks that match best, of the files whose index is complete.

    `file_ids` are files that are searched though they are in no store.
    """
    names: dict[str, str] = {}
    attributes: dict[str, Object] = {}
    candidates: list[Chunk] = []
    alone: list[Object] = [{"id": file_id} for file_id in file_ids]
    for store_file in [*_complete(namespace, store_ids), *alone]:
        own = store_file.get("attributes")
        own = own if isinstance(own, dict) else {}
        file_id = str(store_file.get("id"))
        file = stored_file(namespace, file_id)
        if file is None or file_id in names or not keeps(asked.filters, own):
            continue
        names[file_id] = str(file.record.get("filename"))
        attributes[file_id] = own
        chunking = recorded_chunking(store_file)
        candidates += _chunks(namespace, file_id, names[file_id], file.content, chunking)
    return [
        Found(chunk.file_id, names[chunk.file_id], score, attributes[chunk.file_id], chunk.text)
        for score, chunk in best(asked.queries, candidates, asked.most, asked.threshold)
    ]


def _complete(namespace: Namespace, store_ids: Sequence[str]) -> Iterator[Object]:
    for store_id in store_ids:
        yield from (
            one for one in files_of(namespace, store_id) if one.get("status") == "completed"
        )


class _Kept(NamedTuple):
    """The chunks of a file, and the content that they were made of."""

    content: bytes
    chunks: list[Chunk]


_kept: WeakKeyDictionary[Namespace, OrderedDict[Any, _Kept]] = WeakKeyDictionary()


def _chunks(
    namespace: Namespace, file_id: str, filename: str, content: bytes, chunking: Chunking
) -> list[Chunk]:
    """Return the chunks of a file with their words; those used last are kept."""
    kept = _kept.setdefault(namespace, OrderedDict())
    key = (file_id, filename, chunking)
    known = kept.get(key)
    if known is None or known.content is not content:
        texts = chunks(text_of_file(filename, content), chunking)
        made = [Chunk(file_id, text, Counter(words_of(text))) for text in texts]
        known = kept[key] = _Kept(content, made)
        count = sum(len(one.chunks) for one in kept.values())
        while count > MAX_KEPT_CHUNKS and len(kept) > 1:
            count -= len(kept.popitem(last=False)[1].chunks)
    kept.move_to_end(key)
    return known.chunks
