"""What is kept of stores: what a stub said of them, and a state that goes out and comes in."""

from typing import Any

import pytest

from tests.api.conversation import posted, stub
from tests.api.vector_stores.shelf import (
    STORES,
    attach,
    counts,
    file,
    files_path,
    listed,
    search,
    store,
)
from tests.forms import FILES
from tests.support import Api


def test_what_a_stub_says_of_a_store_stays(api: Api) -> None:
    stub(
        api,
        {"body": {"id": "vs_tips", "status": "in_progress", "usage_bytes": 7}},
        {"operation": "createVectorStore"},
    )
    file_id = file(api, "Breathe.")

    created = posted(api, STORES, {"file_ids": [file_id]})

    assert (created["id"], created["status"], created["usage_bytes"]) == (
        "vs_tips",
        "in_progress",
        7,
    )
    assert api.get(f"{STORES}/vs_tips").json == created
    assert posted(api, f"{STORES}/vs_tips", {"name": "Tips"}) == created | {"name": "Tips"}
    assert api.get(files_path("vs_tips")).json["data"][0]["vector_store_id"] == "vs_tips"
    assert search(api, "vs_tips", "breathe")[0]["file_id"] == file_id


def test_a_faulty_create_leaves_nothing(api: Api) -> None:
    stub(api, {"fault": "server_error"}, {"operation": "createVectorStore"})

    assert api.post(STORES, {}).status == 500
    assert listed(api.get(STORES)) == []


def test_a_state_shows_stores_as_they_are_and_comes_back(api: Api) -> None:
    first, second = store(api, name="First"), store(api, name="Second")
    file_id = file(api, "Breathe slowly.")
    for one in (first, second):  # one file in two stores
        attach(api, one, file_id, attributes={"of": one})
    before = api.get(STORES).body
    state = api.get("/_mock/state").json
    assert [one["file_counts"] for one in state["vector_stores"]] == [counts(completed=1)] * 2

    api.delete(f"{STORES}/{first}")
    api.delete(f"{FILES}/{file_id}")
    assert api.request("PUT", "/_mock/state", state).status == 200

    assert api.get(STORES).body == before
    for one in (first, second):
        [found] = search(api, one, "breathe")
        assert found["attributes"] == {"of": one}
    attach(api, first, file(api, "Drink water."))
    assert api.get(f"{STORES}/{first}").json["file_counts"] == counts(completed=2)


ODD: tuple[object, ...] = ({}, [], None, "x", -1, 2**70, True)


@pytest.mark.parametrize("odd", ODD, ids=repr)
@pytest.mark.parametrize(
    "kind", ["vector_stores", "vector_store_files", "vector_store_file_batches"]
)
def test_a_restored_state_with_odd_values_does_not_break_the_server(
    api: Api, kind: str, odd: object
) -> None:
    file_id = file(api, "Breathe slowly.")
    store_id = store(api, expires_after={"anchor": "last_active_at", "days": 1})
    batch = posted(api, f"{STORES}/{store_id}/file_batches", {"file_ids": [file_id]})
    state = api.get("/_mock/state").json
    [record] = state[kind]
    fixed = ("id", "object", "created_at", "vector_store_id")
    path = f"{STORES}/{store_id}"
    calls: list[tuple[str, str, Any]] = [
        ("GET", STORES, None),
        ("GET", path, None),
        ("POST", path, {"expires_after": {"anchor": "last_active_at", "days": 2}}),
        ("POST", f"{path}/search", {"query": "breathe"}),
        ("GET", f"{path}/files?filter=completed", None),
        ("GET", f"{path}/files/{file_id}", None),
        ("GET", f"{path}/files/{file_id}/content", None),
        ("POST", f"{path}/files/{file_id}", {"attributes": {"a": 1}}),
        ("GET", f"{path}/file_batches/{batch['id']}", None),
        ("GET", f"{path}/file_batches/{batch['id']}/files", None),
        ("POST", f"{path}/file_batches/{batch['id']}/cancel", None),
        ("GET", "/_mock/state", None),
    ]
    for field in [name for name in record if name not in fixed]:
        changed = state | {kind: [record | {field: odd}]}
        assert api.request("PUT", "/_mock/state", changed).status == 200
        for method, where, body in calls:
            reply = api.request(method, where, body)
            assert reply.status in (200, 400), (field, method, where, reply.body)
