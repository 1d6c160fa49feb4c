"""Files and uploads with OpenAI's Python SDK, as code that feeds an assistant uses it."""

import hashlib
import io
from pathlib import Path

import pytest
from openai import AsyncOpenAI, AzureOpenAI, BadRequestError, NotFoundError, OpenAI


def test_a_file_is_uploaded_listed_retrieved_and_deleted(client: OpenAI) -> None:
    file = client.files.create(file=("notes.txt", b"hello"), purpose="assistants")
    assert (file.filename, file.bytes, file.status) == ("notes.txt", 5, "processed")

    assert client.files.retrieve(file.id) == file
    assert list(client.files.list(purpose="assistants")) == [file]
    assert client.files.wait_for_processing(file.id) == file
    with pytest.raises(BadRequestError, match="Not allowed to download"):
        client.files.content(file.id)

    assert client.files.delete(file.id).deleted
    with pytest.raises(NotFoundError, match=f"No such File object: {file.id}"):
        client.files.retrieve(file.id)


def test_a_file_may_be_given_in_any_form(client: OpenAI, tmp_path: Path) -> None:
    path = tmp_path / "你好.txt"
    path.write_bytes(b"hello")
    with path.open("rb") as opened:
        files = [
            client.files.create(file=given, purpose="vision")
            for given in (path, opened, b"hello", io.BytesIO(b"hello"))
        ]

    assert [file.filename for file in files][:2] == ["你好.txt"] * 2
    assert [client.files.content(file.id).read() for file in files] == [b"hello"] * 4


def test_a_list_is_paged(client: OpenAI) -> None:
    created = [
        client.files.create(file=(f"{n}.txt", b"x"), purpose="user_data").id for n in range(5)
    ]

    assert [file.id for file in client.files.list(limit=2, order="asc")] == created


def test_a_large_file_is_uploaded_in_parts(client: OpenAI) -> None:
    content = bytes(range(256)) * 1000
    upload = client.uploads.upload_file_chunked(
        file=content,
        filename="large.bin",
        bytes=len(content),
        mime_type="application/octet-stream",
        purpose="vision",
        part_size=100_000,
        md5=hashlib.md5(content, usedforsecurity=False).hexdigest(),
    )

    assert upload.status == "completed"
    assert upload.file is not None
    assert client.files.content(upload.file.id).read() == content


def test_an_upload_is_cancelled(client: OpenAI) -> None:
    upload = client.uploads.create(
        filename="a.txt", bytes=5, mime_type="text/plain", purpose="assistants"
    )
    client.uploads.parts.create(upload.id, data=b"hello")

    assert client.uploads.cancel(upload.id).status == "cancelled"
    with pytest.raises(BadRequestError, match="with status 'cancelled'"):
        client.uploads.complete(upload.id, part_ids=[])


async def test_the_async_client_uploads_as_well(async_client: AsyncOpenAI) -> None:
    file = await async_client.files.create(file=("chart.png", b"\x89PNG"), purpose="vision")

    assert (await async_client.files.content(file.id)).read() == b"\x89PNG"


def test_azures_client_uploads_as_well(azure: AzureOpenAI) -> None:
    file = azure.files.create(file=("notes.txt", b"hello"), purpose="assistants")

    assert azure.files.retrieve(file.id) == file
