"""Files: list, retrieve, download and delete, in the recorded layouts; expiry, and the limit."""

import pytest

from tests import forms
from tests.conftest import Start
from tests.forms import AN_HOUR, FILES, file_refusal, form, part, upload
from tests.support import Api, Reply


def too_large(api: Api, content: bytes) -> Reply:
    """Upload a file for which there is no room."""
    body = form({"purpose": "assistants", "file": ("b.txt", content)})
    return forms.post(api, FILES, body)


def test_files_need_no_beta_header(api: Api) -> None:
    assert api.get(FILES, headers={"OpenAI-Beta": None}).status == 200


def test_a_deleted_file_is_gone_with_its_content(api: Api) -> None:
    file_id = upload(api, purpose="vision")["id"]

    deleted = api.delete(f"{FILES}/{file_id}")

    assert deleted.body.decode() == (
        f'{{\n  "object": "file",\n  "deleted": true,\n  "id": "{file_id}"\n}}\n'
    )
    for path in (f"{FILES}/{file_id}", f"{FILES}/{file_id}/content"):
        expected = (404, f"No such File object: {file_id}", "id", None)
        assert file_refusal(api.get(path)) == expected
    assert file_refusal(api.delete(f"{FILES}/{file_id}"))[0] == 404


@pytest.mark.parametrize("file_id", ["fake_id", "undefined", "asst_1", "a:b"])
def test_any_id_is_looked_for(api: Api, file_id: str) -> None:
    expected = (404, f"No such File object: {file_id}", "id", None)

    assert file_refusal(api.get(f"{FILES}/{file_id}")) == expected


# ── Content ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("purpose", ["vision", "batch", "fine-tune", "evals"])
def test_a_file_downloads_as_it_was_uploaded(api: Api, purpose: str) -> None:
    content = bytes(range(256)) * 300 + b"\r\n--a-boundar"
    file_id = upload(api, content, "all bytes.bin", purpose)["id"]

    reply = api.get(f"{FILES}/{file_id}/content")

    assert reply.body == content
    assert reply.headers["Content-Type"] == "application/octet-stream"
    assert reply.headers["Content-Disposition"] == 'attachment; filename="all bytes.bin"'
    assert reply.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("purpose", ["assistants", "user_data"])
def test_some_purposes_do_not_download(api: Api, purpose: str) -> None:
    file_id = upload(api, purpose=purpose)["id"]

    assert file_refusal(api.get(f"{FILES}/{file_id}/content")) == (
        400,
        f"Not allowed to download files of purpose: {purpose}",
        None,
        None,
    )


@pytest.mark.parametrize(
    ("filename", "header"),
    [
        ("你好.txt", "attachment; filename=\"__.txt\"; filename*=UTF-8''%E4%BD%A0%E5%A5%BD.txt"),
        ("a%0Ab.txt", 'attachment; filename="a%0Ab.txt"'),
        ("a\\\\b.txt", "attachment; filename=\"a_b.txt\"; filename*=UTF-8''a%5Cb.txt"),
    ],
)
def test_a_download_names_any_file(api: Api, filename: str, header: str) -> None:
    file_id = upload(api, filename=filename, purpose="vision")["id"]

    headers = api.get(f"{FILES}/{file_id}/content").headers

    assert headers["Content-Disposition"] == header


def test_a_line_break_in_a_filename_stays_out_of_the_headers(api: Api) -> None:
    disposition = "form-data; name=\"file\"; filename*=utf-8''a%0D%0AX-Evil:%201"
    body = part(f"Content-Disposition: {disposition}", b"x") + form({"purpose": "vision"})
    file = forms.post(api, FILES, body).json

    headers = api.get(f"{FILES}/{file['id']}/content").headers

    assert file["filename"] == "a\r\nX-Evil: 1"
    assert "X-Evil" not in headers


def test_the_journal_describes_a_download(api: Api) -> None:
    file_id = upload(api, b"\x00" * 100_000, "zeros.bin", "vision")["id"]
    api.get(f"{FILES}/{file_id}/content")

    [entry, *_] = api.get("/_mock/requests").json["requests"]

    assert entry["response"]["body"] == {"filename": "zeros.bin", "bytes": 100_000}


def test_a_stub_cannot_patch_content_but_its_status_and_headers_hold(api: Api) -> None:
    file_id = upload(api, purpose="vision")["id"]
    then = {"body": {"a": 1}, "status": 203, "headers": {"Content-Type": "text/plain"}}
    api.post("/_mock/stubs", {"when": {"operation": "downloadFile"}, "then": then})

    reply = api.get(f"{FILES}/{file_id}/content")

    assert (reply.status, reply.body) == (203, b"hello")
    assert reply.headers["Content-Type"] == "text/plain"
    assert "the content of a file" in api.get("/_mock/requests").json["requests"][0]["hint"]


# ── Lists ────────────────────────────────────────────────────────────────────────


def test_an_empty_list_has_the_recorded_order(api: Api) -> None:
    assert api.get(FILES).body.decode() == (
        '{\n  "object": "list",\n  "data": [],\n  "has_more": false,\n'
        '  "first_id": null,\n  "last_id": null\n}\n'
    )


def ids(reply: Reply) -> list[str]:
    assert list(reply.json) == ["object", "data", "has_more", "first_id", "last_id"]
    return [file["id"] for file in reply.json["data"]]


def test_a_list_has_all_files_in_pages_that_are_asked_for(api: Api) -> None:
    created = [upload(api, b"%d" % n)["id"] for n in range(25)]

    assert ids(api.get(FILES)) == created[::-1]
    assert ids(api.get(f"{FILES}?order=asc&limit=2&after={created[3]}")) == created[4:6]
    assert api.get(f"{FILES}?limit=2").json["has_more"] is True


def test_a_list_may_be_of_one_purpose(api: Api) -> None:
    one, two = upload(api)["id"], upload(api, purpose="vision")["id"]

    assert ids(api.get(f"{FILES}?purpose=assistants")) == [one]
    assert ids(api.get(f"{FILES}?purpose=vision")) == [two]
    assert ids(api.get(f"{FILES}?purpose=assistants_output")) == []


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("limit=0", "integer_below_min_value"),
        ("limit=10001", "integer_above_max_value"),
        ("order=up", "invalid_value"),
    ],
)
def test_a_query_is_checked(api: Api, query: str, code: str) -> None:
    status, _, param, found = file_refusal(api.get(f"{FILES}?{query}"))

    assert (status, param, found) == (400, query.partition("=")[0], code)


def test_a_cursor_that_names_no_file_is_refused(api: Api) -> None:
    expected = (404, "No such File object: file-x", "id", None)

    assert file_refusal(api.get(f"{FILES}?after=file-x")) == expected


# ── Expiry ───────────────────────────────────────────────────────────────────────


def test_a_file_expires_by_the_clock_of_its_key(api: Api) -> None:
    file = upload(api, purpose="vision", further=AN_HOUR)
    path = f"{FILES}/{file['id']}"
    assert file["expires_at"] == file["created_at"] + 3600
    assert api.get(path).status == 200

    api.post("/_mock/clock", {"advance": "1h"})

    for gone in (api.get(path), api.get(f"{path}/content"), api.delete(path)):
        assert file_refusal(gone)[0] == 404
    assert ids(api.get(FILES)) == []


def test_a_batch_file_lives_for_thirty_days(api: Api) -> None:
    file = upload(api, purpose="batch")

    assert file["expires_at"] == file["created_at"] + 30 * 86400


# ── The limit ────────────────────────────────────────────────────────────────────


def test_files_beyond_the_limit_of_a_key_are_refused(start: Start) -> None:
    api = start(files_limit="1MB")
    kept = upload(api, b"x" * 600_000)["id"]

    reply = too_large(api, b"y" * 600_000)

    status, message, _, code = file_refusal(reply)
    assert (status, code) == (413, "files_limit")
    assert "--files-limit" in message
    assert "600000 bytes are taken" in message
    upload(Api(api.url, "sk-another"), b"y" * 600_000)  # has room of its own
    api.delete(f"{FILES}/{kept}")
    upload(api, b"y" * 600_000)


def test_what_has_expired_makes_room(start: Start) -> None:
    api = start(files_limit=1000)
    upload(api, b"x" * 900, further=AN_HOUR)
    assert too_large(api, b"y" * 900).status == 413

    api.post("/_mock/clock", {"advance": "1h"})

    upload(api, b"y" * 900)


def test_a_file_replaced_under_a_fixed_id_takes_its_room_once(start: Start) -> None:
    api = start(files_limit=1000)
    api.post("/_mock/stubs", {"then": {"body": {"id": "file-fixed"}}})
    for size in (400, 300, 500, 500):
        upload(api, b"x" * size)

    assert too_large(api, b"y" * 501).status == 413
