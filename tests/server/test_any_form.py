"""Whatever bytes say that they are a form: they are answered, and the connection goes on."""

from collections.abc import Iterator
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver import BackgroundServer
from tests.forms import AN_HOUR, BOUNDARY, FILES, form, multipart, part

VALID = [
    form({"purpose": "vision", "file": ("a.txt", b"hello\r\n--a-bound"), **AN_HOUR}),
    form({"file": ("你好.txt", b"\x00\xff"), "purpose": "assistants"}),
    part("Content-Disposition: form-data; name*=utf-8''file; filename*0=a; filename*1=b", b"x")
    + form({"purpose": "batch"}),
]
PIECES = [
    b"\r\n",
    b"\n",
    b"--",
    b'"',
    b";",
    b"\x00",
    b"\xff",
    f"--{BOUNDARY}".encode(),
    f"\r\n--{BOUNDARY}--\r\n".encode(),
    b"Content-Length: 1\r\n",
    b"Content-Encoding: gzip\r\n",
    b"Content-Transfer-Encoding: base64\r\n",
    b"Content-Type: multipart/mixed; boundary=b\r\n",
    b"filename*=utf-8''%ff",
]


@st.composite
def nearly_a_form(draw: st.DrawFn) -> bytes:
    """Return a form with a few changes at any places."""
    body = draw(st.sampled_from(VALID))
    for _ in range(draw(st.integers(1, 3))):
        begin = draw(st.integers(0, len(body)))
        end = draw(st.integers(begin, min(begin + 20, len(body))))
        body = body[:begin] + draw(st.sampled_from([b"", *PIECES])) + body[end:]
    return body


@pytest.fixture(scope="module")
def connection(server: BackgroundServer) -> Iterator[HTTPConnection]:
    connection = HTTPConnection(urlsplit(server.url).netloc, timeout=30)
    yield connection
    connection.close()


@pytest.mark.slow
@settings(max_examples=1000, deadline=None, derandomize=True, database=None)
@given(body=nearly_a_form() | st.binary(max_size=60), kind=st.sampled_from(["", "multipart/x"]))
def test_any_form_is_answered(connection: HTTPConnection, body: bytes, kind: str) -> None:
    content_type = kind or multipart()["Content-Type"]
    headers = {"Authorization": "Bearer sk-any-form", "Content-Type": content_type}

    connection.request("POST", FILES, body, headers)
    reply = connection.getresponse()
    reply.read()

    assert reply.status in (200, 400, 415)
