"""Vector stores: create, list, retrieve, modify, delete and search."""

from dataclasses import replace
from functools import partial
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field

from mockserver.api.shared.call import Call
from mockserver.api.shared.errors import ApiError
from mockserver.api.shared.operation import Operation
from mockserver.api.shared.pagination import ListQuery
from mockserver.api.shared.resource import Resource
from mockserver.api.shared.results import Changes, Object, Result
from mockserver.api.shared.tools import ChunkingStrategy, FileId, Metadata
from mockserver.api.shared.validation import WORD, Strict, tag, word_or_list
from mockserver.api.vector_stores.attaching import Attachment, attach, check_chunking
from mockserver.api.vector_stores.filters import Filter
from mockserver.api.vector_stores.found import Asked, expired, find, uses
from mockserver.api.vector_stores.records import (
    INDEX,
    STORES,
    current_store,
    files_of,
    indexed_by_a_read,
    put,
    puts_in_store,
    shown,
    store_record,
    with_expiry,
    with_files,
)
from mockserver.http import json_codec

# ── Requests. The order of the fields is the order of the checks. ─────────────────


class ExpiresAfter(Strict):
    """When a store expires: so many days after it was last used."""

    anchor: Literal["last_active_at"]
    days: Annotated[int, Field(ge=1, le=365)]


class CreateVectorStore(Strict):
    """The body of `createVectorStore`."""

    file_ids: Annotated[list[FileId], Field(max_length=500)] | None = None
    name: str | None = None
    description: str | None = None
    expires_after: ExpiresAfter | None = None
    chunking_strategy: ChunkingStrategy | None = None
    metadata: Metadata | None = None


class ModifyVectorStore(Strict):
    """The body of `modifyVectorStore`. A field that is left out keeps its value."""

    name: str | None = None
    expires_after: ExpiresAfter | None = None
    metadata: Metadata | None = None


class SearchRanking(Strict):
    """How results are ranked. A mock has one way; only the threshold counts."""

    ranker: Literal["none", "auto", "default-2024-11-15"] | None = None
    score_threshold: Annotated[float, Field(ge=0, le=1)] | None = None


Query = Annotated[
    Annotated[str, tag(WORD)] | Annotated[list[str], Field(min_length=1), tag("queries")],
    Discriminator(word_or_list("queries")),
]


class SearchVectorStore(Strict):
    """The body of `searchVectorStore`."""

    query: Query
    filters: Filter | None = None
    max_num_results: Annotated[int, Field(ge=1, le=50)] | None = None
    ranking_options: SearchRanking | None = None
    rewrite_query: bool | None = None


VECTOR_STORES = Resource(
    kind=STORES,
    prefix="vs",
    path_id="vector_store_id",
    not_found="vector_store_not_found",
    deleted="vector_store.deleted",
    view=shown,
    current=current_store,
)


# ── Handlers ─────────────────────────────────────────────────────────────────────


def create_vector_store(call: Call[CreateVectorStore, None]) -> Result:
    """Create a store, with files where the body has some."""
    body, now = call.body, call.namespace.clock.now()
    check_chunking(body.chunking_strategy, "chunking_strategy")
    store = store_record(
        call.new_id("vector_store"),
        now,
        name=body.name,
        description=body.description,
        days=None if body.expires_after is None else body.expires_after.days,
        metadata=body.metadata,
    )
    attachments = [Attachment(one, body.chunking_strategy) for one in body.file_ids or ()]
    files = [json_codec.loads(one.encoded) for one in attach(call, store["id"], attachments)]
    result = VECTOR_STORES.created(call, with_files(store, files))
    result.hidden = (INDEX,)
    result.children = partial(puts_in_store, call.namespace, files)
    return result


def get_vector_store(call: Call[None, None]) -> Result:
    """Return a store; the indexing of its files moves on."""
    return _current(call).retrieved_after(call, read_store(call))


def list_vector_stores(call: Call[None, ListQuery]) -> Result:
    """Return one page of the stores."""
    return _current(call).list(call)


def modify_vector_store(call: Call[ModifyVectorStore, None]) -> Result:
    """Replace the fields that the body has."""
    body, store = call.body, VECTOR_STORES.record(call)
    store = with_files(store, list(files_of(call.namespace, str(store["id"]))))
    if "name" in body.model_fields_set:
        store["name"] = body.name
    if "expires_after" in body.model_fields_set:
        store = with_expiry(store, None if body.expires_after is None else body.expires_after.days)
    if "metadata" in body.model_fields_set:
        store["metadata"] = body.metadata or {}
    result = _current(call).modified(call, store)
    result.hidden = (INDEX,)
    return result


def search_vector_store(call: Call[SearchVectorStore, None]) -> Result:
    """Return the chunks of a store's files that match a query best; that uses the store."""
    body, namespace = call.body, call.namespace
    store = VECTOR_STORES.record(call)
    if expired(namespace, [store["id"]]):
        raise ApiError("vector_store_expired", id=store["id"])
    queries = [body.query] if isinstance(body.query, str) else body.query
    ranking = body.ranking_options or SearchRanking()
    asked = Asked(queries, body.filters, body.max_num_results or 10, ranking.score_threshold or 0.0)
    found = find(namespace, [store["id"]], asked)
    value: Object = {
        "object": "vector_store.search_results.page",
        "search_query": queries,
        "data": [
            {
                "file_id": one.file_id,
                "filename": one.filename,
                "score": one.score,
                "attributes": one.attributes,
                "content": [{"type": "text", "text": one.text}],
            }
            for one in found
        ],
        "has_more": False,
        "next_page": None,
    }
    changes = [
        put(namespace, STORES, "", one, is_new=False) for one in uses(namespace, [store["id"]])
    ]
    return Result(value, changes=tuple(changes))


# ── Stores and their files ───────────────────────────────────────────────────────


def read_store(call: Call[Any, Any]) -> Changes:
    """Return the changes by which a read of a store, or of its files, moves it on.

    Raises:
        ApiError: there is no such store.
    """
    VECTOR_STORES.find(call)
    return indexed_by_a_read(call.namespace, call.path_ids[VECTOR_STORES.path_id])


def _current(call: Call[Any, Any]) -> Resource:
    """Return the resource with a view of stores as their files and the time make them."""
    return replace(VECTOR_STORES, view=lambda store: shown(current_store(call.namespace, store)))


RESOURCES = (VECTOR_STORES,)

_PATH = "/vector_stores/{vector_store_id:vs}"

OPERATIONS = (
    Operation(
        "listVectorStores",
        "Return a list of vector stores.",
        "GET",
        "/vector_stores",
        list_vector_stores,
        query=ListQuery,
    ),
    Operation(
        "createVectorStore",
        "Create a vector store.",
        "POST",
        "/vector_stores",
        create_vector_store,
        body=CreateVectorStore,
    ),
    Operation(
        "getVectorStore",
        "Retrieve a vector store.",
        "GET",
        _PATH,
        get_vector_store,
    ),
    Operation(
        "modifyVectorStore",
        "Modify a vector store.",
        "POST",
        _PATH,
        modify_vector_store,
        body=ModifyVectorStore,
    ),
    Operation(
        "deleteVectorStore",
        "Delete a vector store; its files stay.",
        "DELETE",
        _PATH,
        VECTOR_STORES.delete,
    ),
    Operation(
        "searchVectorStore",
        "Search a vector store.",
        "POST",
        _PATH + "/search",
        search_vector_store,
        body=SearchVectorStore,
    ),
)
