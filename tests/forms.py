"""Multipart forms as clients send them, written out by hand."""

from collections.abc import Mapping
from typing import Any

from tests.support import Api, Reply

FILES = "/v1/files"

BOUNDARY = "a-boundary"

AN_HOUR = {"expires_after[anchor]": "created_at", "expires_after[seconds]": "3600"}
"""The fields of a file that lives for an hour."""

File = tuple[str, bytes]
"""The name and the content of a file."""


def part(headers: str, content: bytes, boundary: str = BOUNDARY) -> bytes:
    """Return one part, with its boundary in front; `headers` are lines."""
    lines = "".join(f"{line}\r\n" for line in headers.splitlines())
    return f"--{boundary}\r\n{lines}\r\n".encode() + content + b"\r\n"


def form(fields: Mapping[str, str | File], boundary: str = BOUNDARY) -> bytes:
    """Return the body of a form, its fields in their order."""
    parts = []
    for name, value in fields.items():
        disposition = f'Content-Disposition: form-data; name="{name}"'
        if isinstance(value, str):
            parts.append(part(disposition, value.encode(), boundary))
        else:
            filename, content = value
            disposition += f'; filename="{filename}"\nContent-Type: text/plain'
            parts.append(part(disposition, content, boundary))
    return b"".join(parts) + f"--{boundary}--\r\n".encode()


def multipart(boundary: str = BOUNDARY) -> dict[str, str]:
    """Return the header of a form."""
    return {"Content-Type": f"multipart/form-data; boundary={boundary}"}


def post(api: Api, path: str, body: bytes, **headers: str) -> Reply:
    """Post a body that says that it is a form."""
    return api.post(path, body, headers={**multipart(), **headers})


def upload(
    api: Api,
    content: bytes = b"hello",
    filename: str = "notes.txt",
    purpose: str = "assistants",
    further: Mapping[str, str] | None = None,
) -> Any:
    """Upload a file, with further fields, and return its object."""
    body = form({"purpose": purpose, "file": (filename, content), **(further or {})})
    reply = post(api, FILES, body)
    assert reply.status == 200, reply.body
    return reply.json


def file_refusal(reply: Reply) -> tuple[int, str, str | None, str | None]:
    """Return what is in an error of the files, which says its message and code twice."""
    document = reply.json
    assert list(document) == ["error", "detail"]
    error = document["error"]
    assert list(error) == ["message", "type", "param", "code"]
    assert document["detail"] == {"message": error["message"], "code": error["code"]}
    assert reply.body.endswith(b"}\n")
    return reply.status, error["message"], error["param"], error["code"]
