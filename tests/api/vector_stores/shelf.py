"""Vector stores and their files by hand, in as few words as tests need."""

from typing import Any

from tests.api.conversation import posted
from tests.forms import upload
from tests.support import Api, Reply

STORES = "/v1/vector_stores"

DEFAULT_CHUNKING = {
    "type": "static",
    "static": {"max_chunk_size_tokens": 800, "chunk_overlap_tokens": 400},
}


def file(api: Api, text: str | bytes = "hello", name: str = "notes.txt") -> str:
    """Upload a file for assistants, and return its id."""
    content = text.encode() if isinstance(text, str) else text
    return str(upload(api, content, name)["id"])


def store(api: Api, *file_ids: str, **fields: Any) -> str:
    """Create a store of files, and return its id."""
    return str(posted(api, STORES, {"file_ids": list(file_ids), **fields})["id"])


def files_path(store_id: str, file_id: str = "") -> str:
    """Return the path of the files of a store, or of one of them."""
    return f"{STORES}/{store_id}/files" + (f"/{file_id}" if file_id else "")


def attach(api: Api, store_id: str, file_id: str, **fields: Any) -> Any:
    """Attach a file to a store, and return its object."""
    return posted(api, files_path(store_id), {"file_id": file_id, **fields})


def search(api: Api, store_id: str, query: Any, **fields: Any) -> Any:
    """Search a store, and return what was found."""
    return posted(api, f"{STORES}/{store_id}/search", {"query": query, **fields})["data"]


def listed(reply: Reply) -> list[str]:
    """Return the ids on a page."""
    assert reply.status == 200, reply.body
    return [one["id"] for one in reply.json["data"]]


def counts(**states: int) -> dict[str, int]:
    """Return the counts of files that a store or a batch shows."""
    names = ("in_progress", "completed", "failed", "cancelled")
    return {name: states.get(name, 0) for name in names} | {"total": sum(states.values())}
