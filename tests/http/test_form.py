"""A form as JSON: names with brackets, repeated names, and files by their descriptions."""

import hashlib
import json
from typing import Any

import pytest

from mockserver.http.form import Field, FilePart, Form


def file(content: bytes = b"hello", filename: str = "a.txt") -> FilePart:
    return FilePart(filename, "text/plain", content, hashlib.sha256(content).hexdigest())


@pytest.mark.parametrize(
    ("fields", "values"),
    [
        ([], {}),
        ([("purpose", "assistants")], {"purpose": "assistants"}),
        ([("a", "1"), ("a", "2"), ("a", "3")], {"a": ["1", "2", "3"]}),
        (
            [("expires_after[anchor]", "created_at"), ("expires_after[seconds]", "3600")],
            {"expires_after": {"anchor": "created_at", "seconds": "3600"}},
        ),
        ([("ids[]", "1")], {"ids": ["1"]}),
        ([("ids[]", "1"), ("ids[]", "2")], {"ids": ["1", "2"]}),
        ([("a[b][c]", "1"), ("a[b][d][]", "2")], {"a": {"b": {"c": "1", "d": ["2"]}}}),
        ([("a", "1"), ("a[b]", "2")], {"a": "1", "a[b]": "2"}),
        ([("a[b", "1"), ("[a]", "2"), ("a]b[", "3"), ("", "4")], None),
        ([("a" + "[b]" * 6, "1")], {"a" + "[b]" * 6: "1"}),
    ],
)
def test_names_are_places(fields: list[Field], values: dict[str, Any] | None) -> None:
    assert Form(fields).values == (dict(fields) if values is None else values)


def test_a_file_is_described_and_not_quoted() -> None:
    form = Form([("file", file(b"\x00\xff", "é.bin")), ("purpose", "vision")])

    assert json.loads(form.encoded()) == {
        "file": {
            "filename": "é.bin",
            "content_type": "text/plain",
            "bytes": 2,
            "sha256": "06eb7d6a69ee19e5fbdf749018d3d2abfa04bcbd1365db312eb86dc7169389b8",
        },
        "purpose": "vision",
    }


def test_the_order_of_the_fields_makes_no_difference() -> None:
    fields: list[Field] = [("a", "1"), ("b[c]", "2"), ("b[d]", "3"), ("file", file())]

    assert Form(fields).encoded() == Form(reversed(fields)).encoded()


def test_the_type_that_a_client_guesses_is_no_part_of_what_a_file_is() -> None:
    other = FilePart("a.txt", "application/octet-stream", b"hello", file().sha256)

    assert other.meaning() == file().meaning()
    assert other.shown() != file().shown()
