"""The files of a store: attach, list, retrieve, change, detach, read; how their index is made."""

from typing import Any

import pytest

from tests.api.conversation import laid_out, posted, refusal, stub
from tests.api.vector_stores.shelf import (
    DEFAULT_CHUNKING,
    STORES,
    attach,
    counts,
    file,
    files_path,
    listed,
    search,
    store,
)
from tests.conftest import Start
from tests.forms import FILES, upload
from tests.support import Api

LAYOUT = """{
  "id": <id>,
  "object": "vector_store.file",
  "usage_bytes": 1045,
  "created_at": 1735689602,
  "vector_store_id": <store>,
  "status": "completed",
  "last_error": null,
  "chunking_strategy": {
    "type": "static",
    "static": {
      "max_chunk_size_tokens": 800,
      "chunk_overlap_tokens": 400
    }
  },
  "attributes": {}
}"""


def test_a_file_has_the_recorded_layout_and_size(api: Api) -> None:
    file_id, store_id = file(api, "x" * 21), store(api)
    shown = {"id": f'"{file_id}"', "store": f'"{store_id}"'}

    laid_out(api.post(files_path(store_id), {"file_id": file_id}), LAYOUT, **shown)
    laid_out(api.get(files_path(store_id, file_id)), LAYOUT, **shown)
    assert api.get(f"{STORES}/{store_id}").json["usage_bytes"] == 1045


def test_a_file_in_several_chunks_takes_room_for_each(api: Api) -> None:
    small = {"type": "static", "static": {"max_chunk_size_tokens": 100, "chunk_overlap_tokens": 0}}
    file_id, store_id = file(api, "word " * 200), store(api)  # 1,000 bytes in chunks of 400

    attached = attach(api, store_id, file_id, chunking_strategy=small)

    assert attached["chunking_strategy"] == small
    assert attached["usage_bytes"] == 1000 + 3 * 1024


@pytest.mark.parametrize("given", [{}, {"chunking_strategy": {"type": "auto"}}])
def test_chunks_have_their_usual_size_unless_said(api: Api, given: dict[str, Any]) -> None:
    attached = attach(api, store(api), file(api), **given)

    assert attached["chunking_strategy"] == DEFAULT_CHUNKING


def test_the_chunking_of_a_store_is_that_of_its_first_files(api: Api) -> None:
    small = {"type": "static", "static": {"max_chunk_size_tokens": 100, "chunk_overlap_tokens": 50}}
    store_id = store(api, file(api), chunking_strategy=small)

    [first] = api.get(files_path(store_id)).json["data"]

    assert first["chunking_strategy"] == small


def test_attributes_come_back_as_they_were_sent(api: Api) -> None:
    attributes = {"region": "us", "year": 2024, "score": 0.5, "draft": True}
    file_id, store_id = file(api), store(api)

    attached = attach(api, store_id, file_id, attributes=attributes)
    assert (attached["attributes"], type(attached["attributes"]["year"])) == (attributes, int)

    path = files_path(store_id, file_id)
    assert posted(api, path, {"attributes": {"a": "b"}}) == attached | {"attributes": {"a": "b"}}
    assert posted(api, path, {"attributes": None})["attributes"] == {}
    assert api.get(path).json["attributes"] == {}


def test_a_detached_file_stays_a_file(api: Api) -> None:
    file_id = file(api, "Breathe slowly.")
    store_id = store(api, file_id)

    reply = api.delete(files_path(store_id, file_id))

    laid_out(
        reply,
        f'{{\n  "id": "{file_id}",\n  "object": "vector_store.file.deleted",\n'
        '  "deleted": true\n}',
    )
    assert api.get(f"{STORES}/{store_id}").json["file_counts"] == counts()
    assert search(api, store_id, "breathe") == []
    attach(api, store_id, file_id)
    assert search(api, store_id, "breathe")[0]["content"][0]["text"] == "Breathe slowly."


def test_a_deleted_file_leaves_every_store(api: Api) -> None:
    file_id, other = file(api, "Breathe."), file(api, "Breathe deeply.")
    stores = [store(api, file_id, other), store(api, file_id)]

    api.delete(f"{FILES}/{file_id}")

    assert [listed(api.get(files_path(one))) for one in stores] == [[other], []]
    assert [one["file_id"] for one in search(api, stores[0], "breathe")] == [other]
    assert refusal(api.get(files_path(stores[0], file_id)))[0] == 404


def test_a_file_that_has_expired_is_not_found(api: Api) -> None:
    an_hour = {"expires_after[anchor]": "created_at", "expires_after[seconds]": "3600"}
    file_id = upload(api, further=an_hour)["id"]
    store_id = store(api, file_id)
    assert len(search(api, store_id, "hello")) == 1

    api.post("/_mock/clock", {"advance": "1h"})

    assert search(api, store_id, "hello") == []
    expected = (404, f"No file found with id '{file_id}'.", None, None)
    assert refusal(api.get(f"{files_path(store_id, file_id)}/content")) == expected


def test_a_file_that_is_attached_again_is_in_the_store_once(api: Api) -> None:
    first, second, store_id = file(api), file(api, "other"), store(api)
    for one in (first, second):
        attach(api, store_id, one, attributes={"round": 1})

    attach(api, store_id, first, attributes={"round": 2})

    assert listed(api.get(files_path(store_id))) == [first, second]
    assert api.get(files_path(store_id, first)).json["attributes"] == {"round": 2}
    assert api.get(f"{STORES}/{store_id}").json["file_counts"] == counts(completed=2)


def test_the_text_of_a_file_is_read_in_its_chunks(api: Api) -> None:
    small = {"type": "static", "static": {"max_chunk_size_tokens": 100, "chunk_overlap_tokens": 0}}
    file_id = file(api, "word " * 100)
    store_id = store(api, file_id, chunking_strategy=small)

    page = api.get(f"{files_path(store_id, file_id)}/content").json

    assert page == {
        "object": "vector_store.file_content.page",
        "data": [{"type": "text", "text": "word " * 80}, {"type": "text", "text": "word " * 20}],
        "has_more": False,
        "next_page": None,
    }


# ── Lists ────────────────────────────────────────────────────────────────────────


def test_files_are_listed_in_pages(api: Api) -> None:
    store_id = store(api)
    ids = [file(api, f"{n}") for n in range(5)]
    for one in ids:
        attach(api, store_id, one)

    page = api.get(f"{files_path(store_id)}?limit=2&order=asc&after={ids[0]}")

    assert listed(page) == ids[1:3]
    assert (page.json["first_id"], page.json["last_id"]) == (ids[1], ids[2])
    assert page.json["has_more"] is True
    assert listed(api.get(f"{files_path(store_id)}?before={ids[3]}")) == [ids[4]]


def test_a_loop_may_detach_what_it_pages_through(api: Api) -> None:
    store_id = store(api, *(file(api, f"{n}") for n in range(5)))
    path, seen = f"{files_path(store_id)}?limit=2", list[str]()
    page = listed(api.get(path))
    while page:
        for one in page:
            api.delete(files_path(store_id, one))
        seen += page
        page = listed(api.get(f"{path}&after={page[-1]}"))

    assert len(set(seen)) == 5


def test_a_list_may_be_of_one_status(api: Api) -> None:
    failed = {"status": "failed", "usage_bytes": 0}
    stub(
        api,
        {"body": failed},
        {"operation": "createVectorStoreFile", "body": {"attributes": {"bad": True}}},
    )
    store_id, ids = store(api), [file(api, f"{n}") for n in range(4)]
    for n, one in enumerate(ids):
        attach(api, store_id, one, attributes={"bad": n % 2 == 1})

    path = files_path(store_id)
    assert listed(api.get(f"{path}?filter=failed&order=asc")) == [ids[1], ids[3]]
    assert listed(api.get(f"{path}?filter=completed&order=asc&limit=1")) == [ids[0]]
    assert api.get(f"{path}?filter=completed&order=asc&limit=1").json["has_more"] is True
    assert listed(api.get(f"{path}?filter=cancelled")) == []
    assert refusal(api.get(f"{path}?filter=done")) == (
        400,
        "Invalid value: 'done'. Supported values are: 'in_progress', 'completed', 'failed', "
        "and 'cancelled'.",
        "filter",
        "invalid_value",
    )


# ── Indexing ─────────────────────────────────────────────────────────────────────


def test_an_index_is_complete_after_so_many_reads(start: Start) -> None:
    api = start(index_polls=2)
    file_id = file(api, "x" * 21)
    created = posted(api, STORES, {"file_ids": [file_id]})
    assert (created["status"], created["usage_bytes"]) == ("in_progress", 0)
    assert created["file_counts"] == counts(in_progress=1)
    assert search(api, created["id"], "x" * 21) == []  # a search is no read

    path = f"{STORES}/{created['id']}"
    assert api.get(path).json["status"] == "in_progress"
    ready = api.get(path).json

    assert (ready["status"], ready["usage_bytes"]) == ("completed", 1045)
    assert ready["file_counts"] == counts(completed=1)
    assert len(search(api, created["id"], "x" * 21)) == 1


@pytest.mark.parametrize("what", ["the file", "the list of files", "the store"])
def test_any_read_moves_an_index_on(api: Api, what: str) -> None:
    assert api.request("PUT", "/_mock/settings", {"index_polls": 1}).status == 200
    file_id, store_id = file(api), store(api)
    assert attach(api, store_id, file_id)["status"] == "in_progress"
    path = {
        "the file": files_path(store_id, file_id),
        "the list of files": files_path(store_id),
        "the store": f"{STORES}/{store_id}",
    }[what]

    shown = api.get(path).json

    assert (shown["data"][0] if "data" in shown else shown)["status"] == "completed"


def test_a_stub_has_a_file_fail(api: Api) -> None:
    error = {"code": "unsupported_file", "message": "The file could not be parsed."}
    then = {"body": {"status": "failed", "last_error": error, "usage_bytes": 0}}
    stub(api, then, {"operation": "createVectorStoreFile"})
    file_id, store_id = file(api), store(api)

    assert attach(api, store_id, file_id)["last_error"] == error

    shown = api.get(files_path(store_id, file_id)).json
    assert (shown["status"], shown["last_error"]) == ("failed", error)
    whole = api.get(f"{STORES}/{store_id}").json
    assert (whole["status"], whole["file_counts"]) == ("completed", counts(failed=1))
    assert search(api, store_id, "hello") == []


def test_a_stub_has_an_index_that_is_never_complete(api: Api) -> None:
    stub(api, {"body": {"status": "in_progress"}}, {"operation": "createVectorStoreFile"})
    file_id, store_id = file(api), store(api)
    attach(api, store_id, file_id)

    states = {api.get(files_path(store_id, file_id)).json["status"] for _ in range(20)}

    assert states == {"in_progress"}
    assert api.get(f"{STORES}/{store_id}").json["status"] == "in_progress"


def test_what_is_kept_of_an_index_is_never_shown_and_never_patched(start: Start) -> None:
    api = start(index_polls=1)
    stub(api, {"body": {"index": {"reads": 99}}}, {"operation": "createVectorStoreFile"})
    file_id, store_id = file(api), store(api)

    assert "index" not in attach(api, store_id, file_id)
    assert api.get(files_path(store_id, file_id)).json["status"] == "completed"


# ── Refusals ─────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "", None),
        ("POST", "", {"attributes": {}}),
        ("DELETE", "", None),
        ("GET", "/content", None),
    ],
)
def test_a_file_that_is_not_in_the_store_is_not_found(
    api: Api, method: str, path: str, body: Any
) -> None:
    file_id, store_id = file(api), store(api)

    assert refusal(api.request(method, files_path(store_id, file_id) + path, body)) == (
        404,
        f"No file found with id '{file_id}' in vector store '{store_id}'.",
        None,
        None,
    )


@pytest.mark.parametrize(
    ("body", "message", "param", "code"),
    [
        ({}, "Missing required parameter: 'file_id'.", "file_id", "missing_required_parameter"),
        (
            {"file_id": "vs_1"},
            "Invalid 'file_id': 'vs_1'. Expected an ID that begins with 'file'.",
            "file_id",
            "invalid_value",
        ),
        (
            {"file_id": "file-1", "attributes": {"a": [1]}},
            "Invalid type for 'attributes.a': expected one of a string, decimal, or boolean, "
            "but got an array instead.",
            "attributes.a",
            "invalid_type",
        ),
        (
            {"file_id": "file-1", "attributes": {"a": None}},
            "Invalid type for 'attributes.a': expected one of a string, decimal, or boolean, "
            "but got null instead.",
            "attributes.a",
            "invalid_type",
        ),
        (
            {"file_id": "file-1", "attributes": {"a": "x" * 513}},
            "Invalid 'attributes.a': string too long. Expected a string with maximum length 512, "
            "but got a string with length 513 instead.",
            "attributes.a",
            "string_above_max_length",
        ),
        (
            {"file_id": "file-1", "attributes": {"k" * 65: 1}},
            "Invalid property name in 'attributes': 'kkk...kkk' is too long. Expected a string "
            "with maximum length 64, but got a string with length 65 instead.",
            f"attributes.{'k' * 65}",
            "property_name_above_max_length",
        ),
        (
            {"file_id": "file-1", "attributes": {f"{n}": n for n in range(17)}},
            "Invalid 'attributes': too many properties. Expected an object with at most 16 "
            "properties, but got an object with 17 properties instead.",
            "attributes",
            "object_above_max_properties",
        ),
        (
            {"file_id": "file-1", "chunking_strategy": {"type": "static"}},
            "Missing required parameter: 'chunking_strategy.static'.",
            "chunking_strategy.static",
            "missing_required_parameter",
        ),
    ],
)
def test_a_body_is_checked(
    api: Api, body: dict[str, Any], message: str, param: str, code: str
) -> None:
    assert refusal(api.post(files_path(store(api)), body)) == (400, message, param, code)


def test_an_unknown_file_or_store_is_refused(api: Api) -> None:
    no_file = (404, "No file found with id 'file-none'.", None, None)
    no_store = (404, "Vector store with id 'vs_none' not found.", None, None)

    assert refusal(api.post(files_path(store(api)), {"file_id": "file-none"})) == no_file
    assert refusal(api.post(files_path("vs_none"), {"file_id": file(api)})) == no_store
    for path in (files_path("vs_none"), files_path("vs_none", file(api))):
        assert refusal(api.get(path)) == no_store


def test_a_cursor_has_to_be_of_a_file_that_is_or_was_there(api: Api) -> None:
    elsewhere, store_id = file(api), store(api)

    reply = api.get(f"{files_path(store_id)}?after={elsewhere}")

    assert refusal(reply) == (404, f"No file found with id '{elsewhere}'.", None, None)
