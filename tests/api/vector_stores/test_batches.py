"""Batches of files: create, retrieve, cancel, list; many files at once."""

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
from tests.support import Api

LAYOUT = """{
  "id": <id>,
  "object": "vector_store.file_batch",
  "created_at": <created>,
  "status": <status>,
  "vector_store_id": <store>,
  "file_counts": {
    "in_progress": <open>,
    "completed": <completed>,
    "failed": 0,
    "cancelled": <cancelled>,
    "total": 2
  }
}"""


def batches_path(store_id: str, batch_id: str = "") -> str:
    return f"{STORES}/{store_id}/file_batches" + (f"/{batch_id}" if batch_id else "")


def two_files(api: Api) -> list[str]:
    return [file(api, "Breathe slowly."), file(api, "Drink water.")]


def slowly(api: Api, reads: int) -> None:
    """Have the index of a file take so many reads."""
    assert api.request("PUT", "/_mock/settings", {"index_polls": reads}).status == 200


def test_a_batch_has_the_recorded_layout(api: Api) -> None:
    ids, store_id = two_files(api), store(api)

    reply = api.post(batches_path(store_id), {"file_ids": ids})

    shown = {
        "id": f'"{reply.json["id"]}"',
        "created": "1735689603",
        "store": f'"{store_id}"',
        "status": '"completed"',
        "open": "0",
        "completed": "2",
        "cancelled": "0",
    }
    laid_out(reply, LAYOUT, **shown)
    laid_out(api.get(batches_path(store_id, reply.json["id"])), LAYOUT, **shown)
    assert reply.json["id"].startswith("vsfb_")
    assert listed(api.get(f"{files_path(store_id)}?order=asc")) == ids


def test_a_batch_is_complete_after_as_many_reads_as_its_files(api: Api) -> None:
    slowly(api, 2)
    store_id = store(api)
    created = posted(api, batches_path(store_id), {"file_ids": two_files(api)})
    path = batches_path(store_id, created["id"])
    assert (created["status"], created["file_counts"]) == ("in_progress", counts(in_progress=2))

    assert api.get(path).json == created
    assert api.get(path).json == created | {
        "status": "completed",
        "file_counts": counts(completed=2),
    }


def test_files_of_a_batch_may_each_be_described(api: Api) -> None:
    (first, second), store_id = two_files(api), store(api)
    small = {"type": "static", "static": {"max_chunk_size_tokens": 100, "chunk_overlap_tokens": 9}}
    files = [
        {"file_id": first, "attributes": {"of": "air"}},
        {"file_id": second, "chunking_strategy": small},
    ]

    posted(api, batches_path(store_id), {"files": files})

    one, two = api.get(f"{files_path(store_id)}?order=asc").json["data"]
    assert (one["attributes"], one["chunking_strategy"]) == ({"of": "air"}, DEFAULT_CHUNKING)
    assert (two["attributes"], two["chunking_strategy"]) == ({}, small)


def test_what_is_said_of_a_batch_is_said_of_each_file(api: Api) -> None:
    store_id = store(api)
    small = {"type": "static", "static": {"max_chunk_size_tokens": 100, "chunk_overlap_tokens": 9}}
    said = {"attributes": {"year": 2024}, "chunking_strategy": small}

    posted(api, batches_path(store_id), {"file_ids": two_files(api), **said})

    for one in api.get(files_path(store_id)).json["data"]:
        assert {name: one[name] for name in said} == said


def test_a_batch_lists_its_own_files(api: Api) -> None:
    ids, other = two_files(api), file(api, "Sleep.")
    store_id = store(api, other)
    batch = posted(api, batches_path(store_id), {"file_ids": ids})["id"]

    path = f"{batches_path(store_id, batch)}/files"
    assert listed(api.get(f"{path}?order=asc")) == ids
    assert listed(api.get(f"{path}?order=asc&limit=1&after={ids[0]}")) == ids[1:]
    assert listed(api.get(f"{path}?filter=failed")) == []


def test_a_file_that_comes_again_is_in_both_batches(api: Api) -> None:
    ids, store_id = two_files(api), store(api)
    first = posted(api, batches_path(store_id), {"file_ids": [*ids, ids[0]]})
    second = posted(api, batches_path(store_id), {"file_ids": ids[:1]})

    assert first["file_counts"] == counts(completed=2)
    for batch, size in ((first, 2), (second, 1)):
        path = batches_path(store_id, batch["id"])
        assert api.get(path).json["file_counts"] == counts(completed=size)
        assert len(listed(api.get(f"{path}/files"))) == size
    assert api.get(f"{STORES}/{store_id}").json["file_counts"] == counts(completed=2)


# ── Cancel ───────────────────────────────────────────────────────────────────────


def test_a_cancelled_batch_stays_so(api: Api) -> None:
    slowly(api, 2)
    store_id = store(api)
    batch = posted(api, batches_path(store_id), {"file_ids": two_files(api)})
    path = batches_path(store_id, batch["id"])

    reply = api.post(f"{path}/cancel")

    shown = {
        "id": f'"{batch["id"]}"',
        "created": str(batch["created_at"]),
        "store": f'"{store_id}"',
        "status": '"cancelled"',
        "open": "0",
        "completed": "0",
        "cancelled": "2",
    }
    laid_out(reply, LAYOUT, **shown)
    for _ in range(3):
        laid_out(api.get(path), LAYOUT, **shown)
    assert len(listed(api.get(f"{path}/files?filter=cancelled"))) == 2
    assert search(api, store_id, "breathe") == []
    whole = api.get(f"{STORES}/{store_id}").json
    assert (whole["status"], whole["file_counts"]) == ("completed", counts(cancelled=2))


def test_a_finished_batch_is_not_cancelled_any_more(api: Api) -> None:
    store_id = store(api)
    batch = posted(api, batches_path(store_id), {"file_ids": two_files(api)})

    assert posted(api, f"{batches_path(store_id, batch['id'])}/cancel") == batch
    assert len(search(api, store_id, "breathe")) == 2


# ── Stubs ────────────────────────────────────────────────────────────────────────


def test_a_stub_has_a_batch_that_is_never_finished(api: Api) -> None:
    stub(api, {"body": {"status": "in_progress"}}, {"operation": "getVectorStoreFileBatch"})
    store_id = store(api)
    batch = posted(api, batches_path(store_id), {"file_ids": two_files(api)})["id"]

    states = {api.get(batches_path(store_id, batch)).json["status"] for _ in range(5)}

    assert states == {"in_progress"}


def test_what_a_stub_says_of_a_batch_stays(api: Api) -> None:
    said = {"id": "vsfb_mine", "status": "failed", "file_counts": counts(failed=2)}
    stub(api, {"body": said}, {"operation": "createVectorStoreFileBatch"})
    store_id = store(api)

    batch = posted(api, batches_path(store_id), {"file_ids": two_files(api)})

    assert {name: batch[name] for name in said} == said
    assert api.get(batches_path(store_id, "vsfb_mine")).json == batch
    assert len(listed(api.get(f"{batches_path(store_id, 'vsfb_mine')}/files"))) == 2


def test_the_real_services_store_in_the_place_of_a_batch_is_a_stub_away(api: Api) -> None:
    store_id = store(api)
    batch = posted(api, batches_path(store_id), {"file_ids": two_files(api)})["id"]
    whole = api.get(f"{STORES}/{store_id}").json
    stub(api, {"json": whole}, {"operation": "getVectorStoreFileBatch"})

    assert api.get(batches_path(store_id, batch)).json["id"] == store_id


# ── Refusals ─────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("body", "message", "param", "code"),
    [
        (
            {},
            "Invalid request: expected either 'file_ids' or 'files'.",
            None,
            "invalid_request_error",
        ),
        (
            {"file_ids": ["file-1"], "files": [{"file_id": "file-1"}]},
            "Invalid request: expected either 'file_ids' or 'files'.",
            None,
            "invalid_request_error",
        ),
        (
            {"file_ids": []},
            "Invalid 'file_ids': empty array. Expected an array with minimum length 1, but got an "
            "empty array instead.",
            "file_ids",
            "empty_array",
        ),
        (
            {"file_ids": ["file-1"] * 2001},
            "Invalid 'file_ids': array too long. Expected an array with maximum length 2000, "
            "but got an array with length 2001 instead.",
            "file_ids",
            "array_above_max_length",
        ),
        (
            {"files": [{"attributes": {}}]},
            "Missing required parameter: 'files[0].file_id'.",
            "files[0].file_id",
            "missing_required_parameter",
        ),
        (
            {"files": [{"file_id": "file-1", "attributes": {"a": {}}}]},
            "Invalid type for 'files[0].attributes.a': expected one of a string, decimal, or "
            "boolean, but got an object instead.",
            "files[0].attributes.a",
            "invalid_type",
        ),
    ],
)
def test_a_body_is_checked(
    api: Api, body: dict[str, Any], message: str, param: str | None, code: str
) -> None:
    assert refusal(api.post(batches_path(store(api)), body)) == (400, message, param, code)


def test_too_much_overlap_is_refused_in_each_file(api: Api) -> None:
    large = {"type": "static", "static": {"max_chunk_size_tokens": 100, "chunk_overlap_tokens": 60}}
    ids, store_id = two_files(api), store(api)
    files = [{"file_id": ids[0]}, {"file_id": ids[1], "chunking_strategy": large}]

    status, _, param, code = refusal(api.post(batches_path(store_id), {"files": files}))

    place = "files[1].chunking_strategy.static.chunk_overlap_tokens"
    assert (status, param, code) == (400, place, "integer_above_max_value")


def test_a_batch_attaches_all_files_or_none(api: Api) -> None:
    good, store_id = file(api), store(api)
    bad = {
        file(api, name="a.csv"): (400, "file_ids", "unsupported_file"),
        "file-none": (404, None, None),
    }

    for one, expected in bad.items():
        status, _, param, code = refusal(
            api.post(batches_path(store_id), {"file_ids": [good, one]})
        )
        assert (status, param, code) == expected
    assert listed(api.get(files_path(store_id))) == []


@pytest.mark.parametrize(("method", "path"), [("GET", ""), ("POST", "/cancel"), ("GET", "/files")])
def test_an_id_is_checked(api: Api, method: str, path: str) -> None:
    store_id = store(api)

    unknown = api.request(method, batches_path(store_id, "vsfb_none") + path)
    assert refusal(unknown) == (404, "No file batch found with id 'vsfb_none'.", None, None)

    mistaken = api.request(method, batches_path(store_id, store_id) + path)  # a common mistake
    assert refusal(mistaken) == (
        400,
        f"Invalid 'batch_id': '{store_id}'. Expected an ID that begins with 'vsfb_'.",
        "batch_id",
        "invalid_value",
    )


def test_two_thousand_files_are_attached_at_once(api: Api) -> None:
    ids = [file(api, f"Tip number {n}.") for n in range(20)]
    store_id = store(api)
    attach(api, store_id, ids[0])

    batch = posted(api, batches_path(store_id), {"file_ids": ids * 100})

    assert batch["file_counts"] == counts(completed=20)
    assert api.get(f"{STORES}/{store_id}").json["file_counts"] == counts(completed=20)
