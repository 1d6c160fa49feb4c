"""Files of fixtures, which exist from the start with their contents."""

from pathlib import Path

import pytest

from tests.conftest import Start
from tests.loading.objects.problems import the_problem
from tests.support import Api


def test_a_file_exists_with_its_content_from_the_first_request(start: Start, file: Path) -> None:
    (file.parent / "chart.png").write_bytes(b"\x89PNG")
    file.write_text(
        """
        objects:
          files:
            - {id: file-notes, filename: n.txt, purpose: vision, content: "Hällo", created_at: 5}
            - {id: file-chart, purpose: assistants_output, path: chart.png}
            - {id: file-bytes, filename: a.bin, purpose: batch, content_base64: AP8=}
        """
    )
    api = start(fixtures=(str(file),))

    notes = api.get("/v1/files/file-notes").json
    assert (notes["bytes"], notes["created_at"], notes["filename"]) == (6, 5, "n.txt")
    assert api.get("/v1/files/file-chart").json["filename"] == "chart.png"
    for file_id, content in (
        ("file-notes", "Hällo".encode()),
        ("file-chart", b"\x89PNG"),
        ("file-bytes", b"\x00\xff"),
    ):
        for key in ("sk-one", "sk-other"):
            assert Api(api.url, key).get(f"/v1/files/{file_id}/content").body == content


def test_a_file_of_fixtures_takes_room_and_may_be_deleted(start: Start, file: Path) -> None:
    file.write_text(
        "objects: {files: [{repeat: 2, filename: a, purpose: vision, content: 'aaaa'}]}"
    )
    api = start(fixtures=(str(file),), files_limit=8)

    listed = api.get("/v1/files").json["data"]
    assert len({one["id"] for one in listed}) == 2
    for one in listed:
        assert api.delete(f"/v1/files/{one['id']}").status == 200
    assert api.get("/v1/files").json["data"] == []


def test_a_posted_document_has_files_too(api: Api) -> None:
    entry = {"id": "file-a", "filename": "a", "purpose": "vision", "content": "posted"}

    assert api.post("/_mock/stubs", {"objects": {"files": [entry]}}).status == 200

    assert api.get("/v1/files/file-a/content").body == b"posted"


FIELDS = "filename: a, purpose: vision"


@pytest.mark.parametrize(
    ("entry", "place", "words"),
    [
        (FIELDS, "", "one of `content`, `content_base64` and `path`"),
        (FIELDS + ", content: a, content_base64: YQ==", "", "one of"),
        (FIELDS + ", content: ''", "", "the content is empty"),
        (FIELDS + ", content_base64: '?'", "", "is not base64"),
        (FIELDS + ", path: a.txt", "", "beside a fixture file alone"),
        (FIELDS + ", content: a, id: file_a", ".id", "not a file id"),
        (FIELDS + ", content: a, bytes: 1", ".bytes", "Unknown parameter: 'bytes'"),
        ("purpose: vision, content: a", "", "a file has a `filename`"),
        ("filename: a, content: a", "", "Missing required parameter: 'purpose'"),
        ("filename: a, content: a, purpose: x", ".purpose", "Invalid value: 'x'"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(entry: str, place: str, words: str) -> None:
    problem = the_problem(f"objects: {{files: [{{{entry}}}]}}")

    assert problem.place.startswith(f"objects.files[0]{place}")
    assert words in problem.what


def test_a_path_that_leads_nowhere_is_said(start: Start, file: Path) -> None:
    file.write_text("objects: {files: [{purpose: vision, path: missing.txt}]}")

    with pytest.raises(Exception, match=r"no such file: .*missing\.txt"):
        start(fixtures=(str(file),))
