"""The state with the contents of files: out of one server, and into another."""

from base64 import b64encode
from typing import Any

import pytest

from tests.api.test_uploads import add, complete, created, part
from tests.conftest import Start
from tests.forms import upload
from tests.support import Api

CONTENT = bytes(range(256))


def put(api: Api, state: Any) -> Any:
    return api.request("PUT", "/_mock/state", state)


def test_files_come_out_with_their_content_and_go_in_again(start: Start) -> None:
    one, other = start(), start(seed=1)
    file = upload(one, CONTENT, "é.bin", "vision")
    pending = created(one)["id"]
    first = part(one, pending, b"abcd")

    state = one.get("/_mock/state").json
    assert state["files"] == [{**file, "content_base64": b64encode(CONTENT).decode()}]
    assert put(other, state).json == {kind: len(objects) for kind, objects in state.items()}

    there = other.get("/_mock/state").json
    assert there == {kind: objects for kind, objects in state.items() if objects}
    assert other.get(f"/v1/files/{file['id']}").json == file
    assert other.get(f"/v1/files/{file['id']}/content").body == CONTENT
    assert complete(other, pending, first, part(other, pending, b"efgh")).status == 200


def test_a_state_takes_the_place_of_all_files(start: Start) -> None:
    api = start(files_limit=10)
    upload(api, b"x" * 10)

    put(api, {"files": []})

    assert api.get("/v1/files").json["data"] == []
    upload(api, b"y" * 10)


def test_the_files_of_a_state_may_be_larger_than_other_bodies(start: Start) -> None:
    api = start()
    file_id = upload(api, b"x" * 40_000_000, purpose="vision")["id"]

    assert put(api, api.get("/_mock/state").body).status == 200

    assert len(api.get(f"/v1/files/{file_id}/content").body) == 40_000_000


FILE = {"id": "file-1", "object": "file", "created_at": 1}


@pytest.mark.parametrize(
    "more", [{}, {"content_base64": None}, {"content_base64": 1}, {"content_base64": "no base64"}]
)
def test_a_file_without_its_content_is_refused_and_nothing_changes(api: Api, more: Any) -> None:
    upload(api)
    before = api.get("/_mock/state").json
    good = {**FILE, "id": "file-2", "content_base64": ""}

    reply = put(api, {"files": [good, {**FILE, **more}]})

    assert reply.status == 400
    [problem] = reply.json["errors"]
    assert problem["place"] == "files: file-1"
    assert "content_base64" in problem["what"]
    assert api.get("/_mock/state").json == before


def test_a_state_beyond_the_limit_says_which_option_raises_it(start: Start) -> None:
    api = start(files_limit=3)
    content = b64encode(b"four").decode()

    reply = put(api, {"files": [{**FILE, "content_base64": content}]})

    assert reply.status == 400
    [problem] = reply.json["errors"]
    assert "--files-limit" in problem["remedy"]


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"purpose": 1, "filename": None, "expires_at": "soon", "bytes": []},
        {"purpose": "vision", "filename": {"a": 1}},
    ],
)
def test_whatever_a_restored_file_says_its_operations_answer(api: Api, fields: Any) -> None:
    put(api, {"files": [{**FILE, **fields, "content_base64": b64encode(b"x").decode()}]})

    for path in ("/v1/files", "/v1/files?purpose=vision", "/v1/files/file-1"):
        assert api.get(path).status == 200
    assert api.get("/v1/files/file-1/content").body == b"x"
    assert api.delete("/v1/files/file-1").status == 200


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"status": 1},
        {"bytes": "x", "expires_at": [], "lifetime": "x", "filename": 1, "purpose": None},
        {"bytes": 4, "expires_at": [], "lifetime": "x", "filename": 1, "purpose": None},
    ],
)
def test_whatever_a_restored_upload_says_its_operations_answer(api: Api, fields: Any) -> None:
    upload_ = {"id": "upload_1", "object": "upload", "created_at": 1, **fields}
    put(api, {"uploads": [upload_]})

    added = add(api, "upload_1", b"abcd")
    parts = [added.json["id"]] if added.status == 200 else []
    for reply in (
        added,
        complete(api, "upload_1", *parts),
        api.post("/v1/uploads/upload_1/cancel"),
    ):
        assert reply.status < 500
