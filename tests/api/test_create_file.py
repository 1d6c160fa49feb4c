"""Create File: its layout, what it refuses, the id that it derives, and stubs that see the form."""

import hashlib
from itertools import permutations
from typing import Any

import pytest

from tests import forms
from tests.conftest import Start
from tests.forms import AN_HOUR, FILES, file_refusal, form, part, upload
from tests.support import Api, Reply

FILE: forms.File = ("a.txt", b"hello")


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

    assert (file_refusal(reply)[0], *file_refusal(reply)[2:]) == (400, param, code)


# ── What is refused ──────────────────────────────────────────────────────────────

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
    assert file_refusal(posted(api, **fields)) == (400, message, param, code)
    assert api.get(FILES).json["data"] == []


def test_the_recorded_refusal_has_the_recorded_length(api: Api) -> None:
    reply = posted(api, file=FILE, purpose="world_domination")

    assert int(reply.headers["Content-Length"]) == 399


def test_two_files_are_one_too_many(api: Api) -> None:
    disposition = 'Content-Disposition: form-data; name="file"; filename="b.txt"'
    body = part(disposition, b"b") + form({"file": FILE, "purpose": "assistants"})

    message = "Invalid type for 'file': expected a file, but got an array instead."
    assert file_refusal(forms.post(api, FILES, body)) == (400, message, "file", "invalid_type")


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

    status, message, _, code = file_refusal(posted(api, file=FILE, purpose="assistants"))

    assert (status, code) == (404, "unexpected_request"), message


def test_a_fault_is_injected_into_an_upload_and_its_retry_is_known_as_one(api: Api) -> None:
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

    assert len(api.get(FILES).json["data"]) == 2
    problems = api.get("/_mock/report").json["problems"]
    assert "created_twice" in [problem["code"] for problem in problems]


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
    assert file_refusal(refused)[1].startswith("'batch' is not one of ['assistants',")


def test_azure_takes_uploads_under_its_prefix(api: Api) -> None:
    path = "/openai/files?api-version=2024-05-01-preview"

    reply = forms.post(api, path, form({"file": FILE, "purpose": "assistants"}))

    assert reply.json["id"].startswith("file-")
