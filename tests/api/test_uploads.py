"""Uploads: parts that become a file, the states of an upload, and what it refuses."""

import hashlib
from typing import Any

import pytest

from tests import forms
from tests.conftest import Start
from tests.forms import form
from tests.support import Api, Reply

UPLOADS = "/v1/uploads"
NEW = {"filename": "big.jsonl", "purpose": "fine-tune", "bytes": 8, "mime_type": "text/jsonl"}


def created(api: Api, **fields: Any) -> Any:
    reply = api.post(UPLOADS, {**NEW, **fields})
    assert reply.status == 200, reply.body
    return reply.json


def add(api: Api, upload_id: str, content: bytes) -> Reply:
    return forms.post(api, f"{UPLOADS}/{upload_id}/parts", form({"data": ("upload", content)}))


def part(api: Api, upload_id: str, content: bytes) -> str:
    return str(add(api, upload_id, content).json["id"])


def complete(api: Api, upload_id: str, *part_ids: str, **fields: Any) -> Reply:
    return api.post(f"{UPLOADS}/{upload_id}/complete", {"part_ids": part_ids, **fields})


def refusal(reply: Reply) -> tuple[int, str, str | None, str | None]:
    error = reply.error
    assert reply.body.endswith(b"}\n")
    return reply.status, error["message"], error["param"], error["code"]


def test_an_upload_has_the_recorded_layout(api: Api) -> None:
    reply = api.post(UPLOADS, NEW)

    assert reply.body.decode() == (
        "{\n"
        f'  "id": "{reply.json["id"]}",\n'
        '  "object": "upload",\n'
        '  "bytes": 8,\n'
        '  "created_at": 1735689600,\n'
        '  "filename": "big.jsonl",\n'
        '  "purpose": "fine-tune",\n'
        '  "status": "pending",\n'
        '  "expires_at": 1735693200\n'
        "}\n"
    )
    assert reply.headers["Access-Control-Allow-Origin"] == "*"


def test_a_part_has_the_recorded_layout(api: Api) -> None:
    upload_id = created(api)["id"]

    reply = add(api, upload_id, b"hello")

    assert reply.body.decode() == (
        "{\n"
        f'  "id": "{reply.json["id"]}",\n'
        '  "object": "upload.part",\n'
        '  "created_at": 1735689601,\n'
        f'  "upload_id": "{upload_id}"\n'
        "}\n"
    )


def test_a_completed_upload_has_its_file(api: Api) -> None:
    upload = created(api, purpose="vision")
    later, sooner = part(api, upload["id"], b"efgh"), part(api, upload["id"], b"abcd")
    md5 = hashlib.md5(b"abcdefgh", usedforsecurity=False).hexdigest()

    done = complete(api, upload["id"], sooner, later, md5=md5.upper()).json

    assert list(done) == [*upload, "file"]
    assert done == {**upload, "status": "completed", "file": done["file"]}
    assert list(done["file"].items()) == [
        ("object", "file"),
        ("id", done["file"]["id"]),
        ("purpose", "vision"),
        ("filename", "big.jsonl"),
        ("bytes", 8),
        ("created_at", upload["created_at"]),  # as recorded: as old as its upload
        ("expires_at", None),
        ("status", "processed"),
        ("status_details", None),
    ]
    path = f"/v1/files/{done['file']['id']}"
    assert api.get(path).json == done["file"]
    assert api.get(f"{path}/content").body == b"abcdefgh"
    assert api.get("/_mock/state").json["upload_parts"] == []


def test_parts_that_are_not_named_are_left_out_and_let_go(start: Start) -> None:
    api = start(files_limit=20)
    upload_id = created(api)["id"]
    part(api, upload_id, b"not used")
    used = part(api, upload_id, b"abcdefgh")

    assert complete(api, upload_id, used).status == 200
    assert forms.upload(api, b"x" * 12)["bytes"] == 12


def test_a_file_of_an_upload_expires_as_the_upload_said(api: Api) -> None:
    upload = created(api, expires_after={"anchor": "created_at", "seconds": 7200})

    done = complete(api, upload["id"], part(api, upload["id"], b"abcdefgh")).json

    assert done["file"]["expires_at"] == upload["created_at"] + 7200


def test_a_cancelled_upload_lets_its_parts_go(start: Start) -> None:
    api = start(files_limit=10)
    upload = created(api)
    part(api, upload["id"], b"x" * 10)

    reply = api.post(f"{UPLOADS}/{upload['id']}/cancel")

    assert reply.json == {**upload, "status": "cancelled"}
    forms.upload(api, b"y" * 10)


# ── States ───────────────────────────────────────────────────────────────────────


def over(api: Api, status: str) -> str:
    """Return the id of an upload that is over in one of three ways."""
    upload_id = str(created(api)["id"])
    if status == "completed":
        complete(api, upload_id, part(api, upload_id, b"abcdefgh"))
    elif status == "cancelled":
        api.post(f"{UPLOADS}/{upload_id}/cancel")
    else:
        api.post("/_mock/clock", {"advance": "1h"})
    return upload_id


@pytest.mark.parametrize("status", ["completed", "cancelled", "expired"])
def test_an_upload_that_is_over_stays_so(api: Api, status: str) -> None:
    upload_id = over(api, status)

    for what, reply in (
        ("add a part to", add(api, upload_id, b"x")),
        ("complete", complete(api, upload_id)),
        ("cancel", api.post(f"{UPLOADS}/{upload_id}/cancel")),
    ):
        message = f"Cannot {what} upload with status '{status}'."
        assert refusal(reply) == (400, message, None, None)


def test_an_upload_that_was_refused_may_still_be_completed(api: Api) -> None:
    upload_id = created(api)["id"]
    first = part(api, upload_id, b"abcd")
    assert complete(api, upload_id, first).status == 400

    assert complete(api, upload_id, first, part(api, upload_id, b"efgh")).status == 200


def test_what_has_expired_makes_room(start: Start) -> None:
    api = start(files_limit=10)
    part(api, created(api)["id"], b"x" * 10)
    assert add(api, created(api)["id"], b"y").status == 413

    api.post("/_mock/clock", {"advance": "1h"})

    assert add(api, created(api)["id"], b"y" * 10).status == 200


# ── What is refused ──────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("fields", "param", "code"),
    [
        ({"bytes": 0}, "bytes", "integer_below_min_value"),
        ({"bytes": 8 * 2**30 + 1}, "bytes", "integer_above_max_value"),
        ({"bytes": "8"}, "bytes", "invalid_type"),
        ({"filename": None}, "filename", "invalid_type"),
        ({"purpose": "world_domination"}, "purpose", None),
        ({"mime_type": 1}, "mime_type", "invalid_type"),
        ({"size": 8}, "size", "unknown_parameter"),
        (
            {"expires_after": {"anchor": "created_at", "seconds": "3600"}},
            "expires_after.seconds",
            "invalid_type",
        ),
    ],
)
def test_a_new_upload_is_checked(api: Api, fields: Any, param: str, code: str | None) -> None:
    reply = api.post(UPLOADS, {**NEW, **fields})

    assert (refusal(reply)[0], *refusal(reply)[2:]) == (400, param, code)


@pytest.mark.parametrize("missing", NEW)
def test_all_that_an_upload_needs_is_named(api: Api, missing: str) -> None:
    reply = api.post(UPLOADS, {name: value for name, value in NEW.items() if name != missing})

    assert refusal(reply)[1] == f"Missing required parameter: '{missing}'."


def test_the_parts_have_to_be_what_was_announced(api: Api) -> None:
    upload_id, other = created(api)["id"], created(api, filename="other.jsonl")["id"]
    first, foreign = part(api, upload_id, b"abcdefgh"), part(api, other, b"abcdefgh")

    assert refusal(complete(api, upload_id, first, md5="0" * 32)) == (
        400,
        "The MD5 checksum of the upload's parts is 'e8dc4081b13434b45189a720b77b6818', "
        f"but '{'0' * 32}' was given.",
        "md5",
        None,
    )
    assert refusal(complete(api, upload_id))[1] == (
        "The upload was created with 8 bytes, but its parts have 0 bytes."
    )
    assert refusal(complete(api, upload_id, first, first))[1] == (
        f"Upload Part {first} is in the list twice."
    )
    for unknown in (foreign, "part_x", ""):
        assert refusal(complete(api, upload_id, unknown))[1] == (
            f"No such Upload Part object in this upload: {unknown}"
        )


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({}, "Missing required parameter: 'data'."),
        ({"data": "text"}, "Invalid type for 'data': expected a file, but got a string instead."),
        ({"data": ("a", b"")}, "File is empty."),
        ({"data": ("a", b"x"), "at": "1"}, "Unknown parameter: 'at'."),
    ],
)
def test_a_part_is_checked(api: Api, fields: Any, message: str) -> None:
    path = f"{UPLOADS}/{created(api)['id']}/parts"

    assert refusal(forms.post(api, path, form(fields)))[:2] == (400, message)


def test_a_part_has_to_come_as_a_form(api: Api) -> None:
    path = f"{UPLOADS}/{created(api)['id']}/parts"

    assert refusal(api.post(path, {"data": "x"}))[0] == 415


@pytest.mark.parametrize("path", ["parts", "complete", "cancel"])
def test_an_upload_that_is_not_there_is_named(api: Api, path: str) -> None:
    def sent(upload_id: str) -> Reply:
        if path == "parts":
            return add(api, upload_id, b"x")
        return api.post(f"{UPLOADS}/{upload_id}/{path}", {"part_ids": []})

    expected = (404, "No such Upload object: upload_x", "id", None)
    assert refusal(sent("upload_x")) == expected
    assert refusal(sent("file-x"))[2:] == ("upload_id", "invalid_value")


def test_a_part_beyond_64_mib_is_refused_though_there_were_room(start: Start) -> None:
    api = start(files_limit="1GiB")
    upload_id = created(api, bytes=2**27)["id"]

    reply = add(api, upload_id, b"x" * (64 * 2**20 + 1))

    assert refusal(reply)[:2] == (413, "Maximum content size limit (67108864) exceeded.")


# ── Determinism, stubs ───────────────────────────────────────────────────────────


def test_the_same_parts_get_the_same_ids_whatever_clients_call_them(start: Start) -> None:
    url, seen = start().url, set()
    for at, name in enumerate(["upload", "blob", "part1"]):
        api = Api(url, f"sk-{at}")
        path = f"{UPLOADS}/{created(api)['id']}/parts"
        body = form({"data": (name, b"abcdefgh")}, name)
        part_id = forms.post(api, path, body, **forms.multipart(name)).json["id"]
        done = complete(api, path.split("/")[3], part_id).json
        seen.add((part_id, done["id"], done["file"]["id"]))

    assert len(seen) == 1


def test_equal_parts_of_one_upload_have_ids_of_their_own(api: Api) -> None:
    upload_id = created(api)["id"]
    parts = [part(api, upload_id, b"abcd") for _ in range(2)]

    assert len(set(parts)) == 2
    assert complete(api, upload_id, *parts).json["status"] == "completed"


def test_a_stub_may_give_a_completed_upload_s_file_an_id(api: Api) -> None:
    when = {"operation": "completeUpload"}
    api.post("/_mock/stubs", {"when": when, "then": {"body": {"file": {"id": "file-fixed"}}}})
    upload_id = created(api, purpose="vision")["id"]

    done = complete(api, upload_id, part(api, upload_id, b"abcdefgh")).json

    assert done["file"]["id"] == "file-fixed"
    assert api.get("/v1/files/file-fixed").json == done["file"]
    assert api.get("/v1/files/file-fixed/content").body == b"abcdefgh"


@pytest.mark.parametrize("patch", [{"file": None}, {"file": {"id": 1}}, {"bytes": "x"}])
def test_a_stub_may_patch_anything_and_the_file_is_there(api: Api, patch: Any) -> None:
    api.post("/_mock/stubs", {"when": {"operation": "completeUpload"}, "then": {"body": patch}})
    upload_id = created(api)["id"]

    assert complete(api, upload_id, part(api, upload_id, b"abcdefgh")).status == 200
    assert len(api.get("/v1/files").json["data"]) == 1
