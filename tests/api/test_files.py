"""Files: upload, list, retrieve, download and delete, in the recorded layouts."""

import hashlib
from itertools import permutations
from typing import Any

import pytest

from tests import forms
from tests.conftest import Start
from tests.forms import form, part, upload
from tests.support import Api, Reply

FILES = "/v1/files"


def refusal(reply: Reply) -> tuple[int, str, str | None, str | None]:
    """Return what is in an error of the files, which says its message and code twice."""
    document = reply.json
    assert list(document) == ["error", "detail"]
    error = document["error"]
    assert list(error) == ["message", "type", "param", "code"]
    assert document["detail"] == {"message": error["message"], "code": error["code"]}
    assert reply.body.endswith(b"}\n")
    return reply.status, error["message"], error["param"], error["code"]


def posted(api: Api, **fields: str | forms.File) -> Reply:
    return forms.post(api, FILES, form(fields))


def test_a_file_has_the_recorded_layout(api: Api) -> None:
    reply = posted(api, purpose="vision", file=("images_dog_and_cat.png", b"\x89PNG"))

    assert reply.status == 200
    assert reply.body.decode() == (
        "{\n"
        '  "object": "file",\n'
        f'  "id": "{reply.json["id"]}",\n'
        '  "purpose": "vision",\n'
        '  "filename": "images_dog_and_cat.png",\n'
        '  "bytes": 4,\n'
        '  "created_at": 1735689600,\n'
        '  "expires_at": null,\n'
        '  "status": "processed",\n'
        '  "status_details": null\n'
        "}\n"
    )
    assert reply.headers["Access-Control-Allow-Origin"] == "*"
    assert reply.headers["Access-Control-Expose-Headers"] == "CF-Ray"
    assert api.get(f"{FILES}/{reply.json['id']}").body == reply.body


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
        assert refusal(api.get(path)) == expected
    assert refusal(api.delete(f"{FILES}/{file_id}"))[0] == 404


@pytest.mark.parametrize("file_id", ["fake_id", "undefined", "asst_1", "a:b"])
def test_any_id_is_looked_for(api: Api, file_id: str) -> None:
    expected = (404, f"No such File object: {file_id}", "id", None)

    assert refusal(api.get(f"{FILES}/{file_id}")) == expected


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

    assert refusal(api.get(f"{FILES}/{file_id}/content")) == (
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
    status, _, param, found = refusal(api.get(f"{FILES}?{query}"))

    assert (status, param, found) == (400, query.partition("=")[0], code)


def test_a_cursor_that_names_no_file_is_refused(api: Api) -> None:
    expected = (404, "No such File object: file-x", "id", None)

    assert refusal(api.get(f"{FILES}?after=file-x")) == expected


# ── Expiry ───────────────────────────────────────────────────────────────────────

AN_HOUR = {"expires_after[anchor]": "created_at", "expires_after[seconds]": "3600"}


def test_a_file_expires_by_the_clock_of_its_key(api: Api) -> None:
    file = upload(api, purpose="vision", further=AN_HOUR)
    path = f"{FILES}/{file['id']}"
    assert file["expires_at"] == file["created_at"] + 3600
    assert api.get(path).status == 200

    api.post("/_mock/clock", {"advance": "1h"})

    for gone in (api.get(path), api.get(f"{path}/content"), api.delete(path)):
        assert refusal(gone)[0] == 404
    assert ids(api.get(FILES)) == []


def test_a_batch_file_lives_for_thirty_days(api: Api) -> None:
    file = upload(api, purpose="batch")

    assert file["expires_at"] == file["created_at"] + 30 * 86400


@pytest.mark.parametrize(
    ("fields", "param", "code"),
    [
        ({"expires_after[anchor]": "created_at"}, None, None),
        ({"expires_after[seconds]": "3600"}, None, None),
        (AN_HOUR | {"expires_after[anchor]": "x"}, "expires_after.anchor", "invalid_value"),
        (
            AN_HOUR | {"expires_after[seconds]": "3599"},
            "expires_after.seconds",
            "integer_below_min_value",
        ),
        (
            AN_HOUR | {"expires_after[seconds]": "2592001"},
            "expires_after.seconds",
            "integer_above_max_value",
        ),
        (AN_HOUR | {"expires_after[seconds]": "soon"}, "expires_after.seconds", "invalid_type"),
        ({"expires_after": "1h"}, "expires_after", "invalid_type"),
    ],
)
def test_an_expiry_is_checked(
    api: Api, fields: dict[str, str], param: str | None, code: str | None
) -> None:
    reply = posted(api, file=("a.txt", b"x"), purpose="assistants", **fields)

    assert (refusal(reply)[0], *refusal(reply)[2:]) == (400, param, code)


# ── What is refused ──────────────────────────────────────────────────────────────

FILE: forms.File = ("a.txt", b"hello")
PURPOSES = "['fine-tune', 'assistants', 'batch', 'user_data', 'vision', 'evals']"


@pytest.mark.parametrize(
    ("fields", "message", "param", "code"),
    [
        ({}, "'file' is a required property", None, None),
        ({"purpose": "assistants"}, "'file' is a required property", None, None),
        ({"file": FILE}, "'purpose' is a required property", None, None),
        (
            {"file": FILE, "purpose": "world_domination"},
            f"'world_domination' is not one of {PURPOSES} - 'purpose'",
            "purpose",
            None,
        ),
        (
            {"file": FILE, "purpose": "assistants_output"},
            f"'assistants_output' is not one of {PURPOSES} - 'purpose'",
            "purpose",
            None,
        ),
        (
            {"file": FILE, "purpose": ""},
            f"'' is not one of {PURPOSES} - 'purpose'",
            "purpose",
            None,
        ),
        ({"file": ("a.txt", b""), "purpose": "assistants"}, "File is empty.", None, None),
        (
            {"file": FILE, "purpose": "assistants", "filename": "b.txt"},
            "Additional properties are not allowed ('filename' was unexpected)",
            None,
            None,
        ),
        (
            {"file": "hello", "purpose": "assistants"},
            "Invalid type for 'file': expected a file, but got a string instead.",
            "file",
            "invalid_type",
        ),
        (
            {"file": FILE, "purpose": FILE},
            "Invalid type for 'purpose': expected a string, but got a file instead.",
            "purpose",
            "invalid_type",
        ),
    ],
)
def test_a_form_that_is_not_right_is_refused_in_the_service_s_words(
    api: Api, fields: dict[str, Any], message: str, param: str | None, code: str | None
) -> None:
    assert refusal(posted(api, **fields)) == (400, message, param, code)
    assert ids(api.get(FILES)) == []


def test_the_recorded_refusal_has_the_recorded_length(api: Api) -> None:
    reply = posted(api, file=FILE, purpose="world_domination")

    assert int(reply.headers["Content-Length"]) == 399


def test_two_files_are_one_too_many(api: Api) -> None:
    disposition = 'Content-Disposition: form-data; name="file"; filename="b.txt"'
    body = part(disposition, b"b") + form({"file": FILE, "purpose": "assistants"})

    message = "Invalid type for 'file': expected a file, but got an array instead."
    assert refusal(forms.post(api, FILES, body)) == (400, message, "file", "invalid_type")


# ── The promise of determinism ───────────────────────────────────────────────────


def test_the_boundary_and_the_order_of_the_fields_make_no_difference(start: Start) -> None:
    fields: dict[str, str | forms.File] = {"file": FILE, "purpose": "assistants", **AN_HOUR}
    seen, url = set(), start().url
    for at, order in enumerate(permutations(fields)):
        api = Api(url, f"sk-{at}")
        boundary = f"boundary-{at}"
        body = form({name: fields[name] for name in order}, boundary)
        reply = forms.post(api, FILES, body, **forms.multipart(boundary))
        assert reply.status == 200
        seen.add((reply.body, reply.headers["x-request-id"]))

    assert len(seen) == 1


def test_the_content_the_name_and_the_purpose_make_the_id(api: Api) -> None:
    uploaded = [
        upload(api),
        upload(api, b"hallo"),
        upload(api, filename="other.txt"),
        upload(api, purpose="user_data"),
        upload(api),  # the second of its kind
    ]

    assert len({file["id"] for file in uploaded}) == 5


def test_the_type_that_a_client_guesses_makes_no_difference(start: Start) -> None:
    seen, url = set(), start().url
    for at, kind in enumerate(["text/plain", "application/octet-stream", "text/x-notes"]):
        api = Api(url, f"sk-{at}")
        headers = f'Content-Disposition: form-data; name="file"; filename="n"\nContent-Type: {kind}'
        body = part(headers, b"hello") + form({"purpose": "assistants"})
        seen.add(forms.post(api, FILES, body).json["id"])

    assert len(seen) == 1


# ── Stubs, faults, the journal ───────────────────────────────────────────────────


def test_stubs_see_a_form_as_json(api: Api) -> None:
    when = {
        "operation": "createFile",
        "body": {"purpose": "assistants", "file": {"filename": {"ends_with": ".pdf"}}},
    }
    then = {"body": {"id": "file-fixed", "filename": "{{ request.body.file.filename }}!"}}
    api.post("/_mock/stubs", {"when": when, "then": then})

    assert upload(api, filename="a.txt")["id"] != "file-fixed"
    fixed = upload(api, filename="a.pdf", purpose="assistants")
    assert (fixed["id"], fixed["filename"]) == ("file-fixed", "a.pdf!")
    upload(api, b"another", filename="b.pdf")  # replaces the first
    assert api.get(f"{FILES}/file-fixed").json["bytes"] == 7


def test_a_patched_purpose_decides_whether_the_file_downloads(api: Api) -> None:
    then = {"body": {"id": "file-output", "purpose": "assistants_output"}}
    api.post("/_mock/stubs", {"when": {"operation": "createFile"}, "then": then})
    upload(api, b"a chart")

    assert api.get(f"{FILES}/file-output/content").body == b"a chart"


def test_the_journal_shows_a_form_in_a_readable_form(api: Api) -> None:
    content = b"\x00" * 2_000_000
    upload(api, content, "zeros.bin", "vision")

    reply = api.get("/_mock/requests")

    assert reply.json["requests"][0]["request"]["body"] == {
        "purpose": "vision",
        "file": {
            "filename": "zeros.bin",
            "content_type": "text/plain",
            "bytes": 2_000_000,
            "sha256": hashlib.sha256(content).hexdigest(),
        },
    }
    assert len(reply.body) < 10_000


def test_requests_are_found_by_their_forms(api: Api) -> None:
    upload(api, filename="one.txt")
    upload(api, filename="two.txt")

    found = api.post("/_mock/requests/find", {"when": {"body": {"file": {"filename": "two.txt"}}}})

    assert len(found.json["numbers"]) == 1


def test_a_near_miss_names_what_is_wrong_with_a_form(api: Api) -> None:
    when = {"operation": "createFile", "body": {"file": {"filename": "other.txt"}}}
    api.post("/_mock/stubs", {"when": when, "then": "default"})
    upload(api)

    [entry] = api.get("/_mock/requests").json["requests"]

    conditions = entry["near_misses"][0]["conditions"]
    assert [(one["matched"], one["actual"]) for one in conditions][-1] == (False, '"notes.txt"')


def test_a_strict_key_refuses_an_upload_that_no_stub_expects(api: Api) -> None:
    api.request("PUT", "/_mock/settings", {"strict": True})

    status, message, _, code = refusal(posted(api, file=FILE, purpose="assistants"))

    assert (status, code) == (404, "unexpected_request"), message


def test_a_fault_strikes_an_upload_and_its_retry_is_known_as_one(api: Api) -> None:
    api.post("/_mock/faults", {"fault": "overloaded", "on": "createFile", "times": 1})
    counted = {"x-stainless-retry-count": "0"}
    body = form({"file": FILE, "purpose": "assistants"}, "one")
    assert forms.post(api, FILES, body, **forms.multipart("one"), **counted).status == 503

    counted = {"x-stainless-retry-count": "1"}
    body = form({"purpose": "assistants", "file": FILE}, "two")
    assert forms.post(api, FILES, body, **forms.multipart("two"), **counted).status == 200

    report = api.get("/_mock/report").json
    assert [len(one["attempts"]) for one in report["requests"]] == [2]


def test_an_upload_that_was_lost_after_the_work_is_made_twice_by_a_retry(api: Api) -> None:
    rule = {"fault": "connection_reset", "inject": "after", "on": "createFile", "times": 1}
    api.post("/_mock/faults", rule)
    with pytest.raises(ConnectionError):
        posted(api, file=FILE, purpose="assistants")
    upload(api, FILE[1], FILE[0])

    assert len(ids(api.get(FILES))) == 2
    problems = api.get("/_mock/report").json["problems"]
    assert "created_twice" in [problem["code"] for problem in problems]


# ── The limit ────────────────────────────────────────────────────────────────────


def test_files_beyond_the_limit_of_a_key_are_refused(start: Start) -> None:
    api = start(files_limit="1MB")
    kept = upload(api, b"x" * 600_000)["id"]

    reply = posted(api, file=("b.txt", b"y" * 600_000), purpose="assistants")

    status, message, _, code = refusal(reply)
    assert (status, code) == (413, "files_limit")
    assert "--files-limit" in message
    assert "600000 bytes are taken" in message
    upload(Api(api.url, "sk-another"), b"y" * 600_000)  # has room of its own
    api.delete(f"{FILES}/{kept}")
    upload(api, b"y" * 600_000)


def test_what_has_expired_makes_room(start: Start) -> None:
    api = start(files_limit=1000)
    upload(api, b"x" * 900, further=AN_HOUR)
    assert posted(api, file=("b", b"y" * 900), purpose="assistants").status == 413

    api.post("/_mock/clock", {"advance": "1h"})

    upload(api, b"y" * 900)


def test_a_file_replaced_under_a_fixed_id_takes_its_room_once(start: Start) -> None:
    api = start(files_limit=1000)
    api.post("/_mock/stubs", {"then": {"body": {"id": "file-fixed"}}})
    for size in (400, 300, 500, 500):
        upload(api, b"x" * size)

    assert posted(api, file=("b", b"y" * 501), purpose="assistants").status == 413


# ── Services ─────────────────────────────────────────────────────────────────────


def test_foundry_has_ids_purposes_and_a_field_of_its_own(api: Api) -> None:
    path = "/api/projects/tutors/files"
    fields: dict[str, str | forms.File] = {
        "file": FILE,
        "purpose": "assistants_output",
        "filename": "chart.png",
    }

    file = forms.post(api, path, form(fields)).json

    assert file["id"].startswith("assistant-")
    assert file["filename"] == "chart.png"
    assert api.get(f"{path}/{file['id']}/content").body == b"hello"
    refused = forms.post(api, path, form(fields | {"purpose": "batch"}))
    assert refusal(refused)[1].startswith("'batch' is not one of ['assistants',")


def test_azure_takes_uploads_under_its_prefix(api: Api) -> None:
    path = "/openai/files?api-version=2024-05-01-preview"

    reply = forms.post(api, path, form({"file": FILE, "purpose": "assistants"}))

    assert reply.json["id"].startswith("file-")
