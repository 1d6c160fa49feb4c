"""Vector stores: create, list, retrieve, modify and delete, in the recorded layouts."""

from typing import Any

import pytest

from tests.api.conversation import laid_out, posted, refusal, stub
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

EPOCH = 1735689600
DAY = 86400

LAYOUT = """{
  "id": <id>,
  "object": "vector_store",
  "created_at": <created>,
  "name": <name>,
  "description": <description>,
  "usage_bytes": <bytes>,
  "file_counts": {
    "in_progress": 0,
    "completed": <completed>,
    "failed": 0,
    "cancelled": 0,
    "total": <completed>
  },
  "status": "completed",
  "expires_after": <after>,
  "expires_at": <at>,
  "last_active_at": <created>,
  "metadata": <metadata>
}"""


def test_an_empty_store_has_the_recorded_layout(api: Api) -> None:
    reply = api.post(STORES, {})

    shown = {"id": f'"{reply.json["id"]}"', "created": str(EPOCH), "bytes": "0", "completed": "0"}
    laid_out(reply, LAYOUT, metadata="{}", **shown)
    laid_out(api.get(f"{STORES}/{reply.json['id']}"), LAYOUT, metadata="{}", **shown)
    assert reply.json["id"].startswith("vs_67748580")  # the clock's start, in hexadecimal digits
    assert len(reply.json["id"]) == len("vs_") + 32


def test_a_store_shows_its_files_and_when_it_expires(api: Api) -> None:
    reply = api.post(
        STORES,
        {
            "name": "Tips",
            "description": "What helps",
            "file_ids": [file(api, "x" * 21)],
            "expires_after": {"anchor": "last_active_at", "days": 7},
            "metadata": {"team": "maths"},
        },
    )

    shown = {
        "id": f'"{reply.json["id"]}"',
        "created": str(EPOCH + 1),
        "name": '"Tips"',
        "description": '"What helps"',
        "bytes": "1045",
        "completed": "1",
        "after": '{\n    "anchor": "last_active_at",\n    "days": 7\n  }',
        "at": str(EPOCH + 1 + 7 * DAY),
        "metadata": '{\n    "team": "maths"\n  }',
    }
    laid_out(reply, LAYOUT, **shown)
    laid_out(api.get(f"{STORES}/{reply.json['id']}"), LAYOUT, **shown)


def test_a_store_needs_no_beta_header(api: Api) -> None:
    without = {"OpenAI-Beta": None}

    created = api.post(STORES, {}, headers=without)

    assert created.status == 200
    assert api.get(f"{STORES}/{created.json['id']}", headers=without).status == 200


def test_the_same_store_has_the_same_id_for_every_key(api: Api) -> None:
    other = Api(api.url, f"{api.key}-other")
    ids = [[store(one, name="Tips"), store(one, name="Tips"), store(one)] for one in (api, other)]

    assert ids[0] == ids[1]
    assert len(set(ids[0])) == 3


def test_a_key_does_not_see_the_stores_of_another(api: Api) -> None:
    store_id = store(api)
    other = Api(api.url, f"{api.key}-other")

    assert other.get(f"{STORES}/{store_id}").status == 404
    assert listed(other.get(STORES)) == []


# ── Modify, delete, list ─────────────────────────────────────────────────────────


def test_a_modified_store_keeps_what_was_left_out(api: Api) -> None:
    created = posted(api, STORES, {"name": "Tips", "metadata": {"a": "1"}})
    path = f"{STORES}/{created['id']}"

    renamed = posted(api, path, {"name": "More tips"})
    assert renamed == created | {"name": "More tips"}

    days = {"anchor": "last_active_at", "days": 1}
    expiring = posted(api, path, {"expires_after": days, "metadata": {"b": "2"}})
    at = created["last_active_at"] + DAY
    assert expiring == renamed | {
        "expires_after": days,
        "expires_at": at,
        "metadata": {"b": "2"},
    }

    cleared = posted(api, path, {"name": None, "expires_after": None, "metadata": None})
    assert cleared == created | {"name": None, "metadata": {}}
    assert api.get(path).json == cleared


def test_a_deleted_store_leaves_its_files(api: Api) -> None:
    file_id = file(api, "Breathe slowly.")
    store_id = store(api, file_id)

    reply = api.delete(f"{STORES}/{store_id}")

    laid_out(
        reply,
        f'{{\n  "id": "{store_id}",\n  "object": "vector_store.deleted",\n  "deleted": true\n}}',
    )
    gone = (404, f"Vector store with id '{store_id}' not found.", None, None)
    assert refusal(api.get(f"{STORES}/{store_id}")) == gone
    assert refusal(api.get(files_path(store_id))) == gone
    assert api.get(f"{FILES}/{file_id}").status == 200
    again = store(api, file_id)
    assert search(api, again, "breathe")[0]["content"][0]["text"] == "Breathe slowly."


def test_stores_are_listed_newest_first_in_pages(api: Api) -> None:
    created = [store(api, name=f"{n}") for n in range(5)]

    assert listed(api.get(STORES)) == created[::-1]
    page = api.get(f"{STORES}?limit=2&order=asc&after={created[1]}")
    assert listed(page) == created[2:4]
    assert list(page.json) == ["object", "data", "first_id", "last_id", "has_more"]
    assert page.json["has_more"] is True
    assert listed(api.get(f"{STORES}?before={created[3]}")) == [created[4]]


def test_a_list_shows_each_store_with_its_files(api: Api) -> None:
    store_id = store(api)
    attach(api, store_id, file(api, "x" * 21))

    [shown] = api.get(STORES).json["data"]

    assert shown == api.get(f"{STORES}/{store_id}").json
    assert (shown["usage_bytes"], shown["file_counts"]) == (1045, counts(completed=1))


# ── Expiry ───────────────────────────────────────────────────────────────────────


def advance(api: Api, time: str) -> None:
    assert api.post("/_mock/clock", {"advance": time}).status == 200


def test_a_store_expires_so_many_days_after_its_last_use(api: Api) -> None:
    store_id = store(api, file(api), expires_after={"anchor": "last_active_at", "days": 2})
    path = f"{STORES}/{store_id}"
    advance(api, "47h")
    assert search(api, store_id, "hello") != []  # a use

    advance(api, "47h")
    assert api.get(path).json["status"] == "completed"

    advance(api, "1h")
    assert api.get(path).json["status"] == "expired"
    assert [one["status"] for one in api.get(STORES).json["data"]] == ["expired"]
    assert refusal(api.post(f"{path}/search", {"query": "hello"})) == (
        400,
        f"Vector store with id '{store_id}' has expired.",
        None,
        None,
    )


def test_a_read_is_no_use_and_a_modified_expiry_revives(api: Api) -> None:
    store_id = store(api, file(api), expires_after={"anchor": "last_active_at", "days": 1})
    path = f"{STORES}/{store_id}"
    advance(api, "23h")
    api.get(path)
    advance(api, "1h")
    assert api.get(path).json["status"] == "expired"

    posted(api, path, {"expires_after": {"anchor": "last_active_at", "days": 3}})

    assert api.get(path).json["status"] == "completed"
    assert search(api, store_id, "hello") != []


# ── Refusals ─────────────────────────────────────────────────────────────────────

AFTER = "expires_after"


@pytest.mark.parametrize(
    ("body", "message", "param", "code"),
    [
        ({"surname": "Tips"}, "Unknown parameter: 'surname'.", "surname", "unknown_parameter"),
        (
            {"name": 5},
            "Invalid type for 'name': expected a string, but got an integer instead.",
            "name",
            "invalid_type",
        ),
        (
            {"file_ids": ["asst_1"]},
            "Invalid 'file_ids[0]': 'asst_1'. Expected an ID that begins with 'file'.",
            "file_ids[0]",
            "invalid_value",
        ),
        (
            {"file_ids": ["file-1"] * 501},
            "Invalid 'file_ids': array too long. Expected an array with maximum length 500, "
            "but got an array with length 501 instead.",
            "file_ids",
            "array_above_max_length",
        ),
        (
            {AFTER: {"anchor": "created_at", "days": 1}},
            "Invalid value: 'created_at'. Supported values are: 'last_active_at'.",
            "expires_after.anchor",
            "invalid_value",
        ),
        (
            {AFTER: {"anchor": "last_active_at", "days": 366}},
            "Invalid 'expires_after.days': integer above maximum value. Expected a value <= 365, "
            "but got 366 instead.",
            "expires_after.days",
            "integer_above_max_value",
        ),
        (
            {AFTER: {"anchor": "last_active_at"}},
            "Missing required parameter: 'expires_after.days'.",
            "expires_after.days",
            "missing_required_parameter",
        ),
        (
            {"chunking_strategy": {"type": "semantic"}},
            "Invalid value: 'semantic'. Supported values are: 'auto' and 'static'.",
            "chunking_strategy.type",
            "invalid_value",
        ),
        (
            {
                "chunking_strategy": {
                    "type": "static",
                    "static": {"max_chunk_size_tokens": 100, "chunk_overlap_tokens": 51},
                }
            },
            "Invalid 'chunking_strategy.static.chunk_overlap_tokens': integer above maximum value. "
            "Expected a value <= 50, but got 51 instead.",
            "chunking_strategy.static.chunk_overlap_tokens",
            "integer_above_max_value",
        ),
        (
            {"metadata": {"a": 1}},
            "Invalid type for 'metadata.a': expected a string, but got an integer instead.",
            "metadata.a",
            "invalid_type",
        ),
    ],
)
def test_a_body_is_checked(
    api: Api, body: dict[str, Any], message: str, param: str, code: str
) -> None:
    assert refusal(api.post(STORES, body)) == (400, message, param, code)
    assert listed(api.get(STORES)) == []


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
@pytest.mark.parametrize(
    ("store_id", "status", "message", "param", "code"),
    [
        ("vs_none", 404, "Vector store with id 'vs_none' not found.", None, None),
        (
            "undefined",
            400,
            "Invalid 'vector_store_id': 'undefined'. Expected an ID that begins with 'vs'.",
            "vector_store_id",
            "invalid_value",
        ),
        (
            "a:b",
            400,
            "Invalid 'vector_store_id': 'a:b'. Expected an ID that contains letters, numbers, "
            "underscores, or dashes, but this value contained additional characters.",
            "vector_store_id",
            "invalid_value",
        ),
    ],
)
def test_an_id_is_checked(
    api: Api, method: str, store_id: str, status: int, message: str, param: Any, code: Any
) -> None:
    reply = api.request(method, f"{STORES}/{store_id}", b"{}" if method == "POST" else None)

    assert refusal(reply) == (status, message, param, code)


def test_nothing_is_created_where_a_file_cannot_be_searched(api: Api) -> None:
    good, table, picture = file(api), file(api, name="a.csv"), file(api, name="B.PNG")

    assert refusal(api.post(STORES, {"file_ids": [good, table, picture]})) == (
        400,
        "Files with extensions [.csv, .png] are not supported for retrieval. See "
        "https://platform.openai.com/docs/assistants/tools/file-search/supported-files",
        "file_ids",
        "unsupported_file",
    )
    assert refusal(api.post(STORES, {"file_ids": [good, "file-none"]})) == (
        404,
        "No file found with id 'file-none'.",
        None,
        None,
    )
    assert listed(api.get(STORES)) == []


def test_five_hundred_files_are_taken_at_once(api: Api) -> None:
    created = posted(api, STORES, {"file_ids": [file(api)] * 500})

    assert created["file_counts"] == counts(completed=1)  # it is one file after all
    assert api.get(f"{STORES}/{created['id']}").json == created


# ── Stubs and state ──────────────────────────────────────────────────────────────


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
