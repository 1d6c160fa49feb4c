"""Forms as they come over the socket, however clients write them and in whatever pieces."""

import gzip
import os
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests import forms
from tests.conftest import Start
from tests.forms import BOUNDARY, FILES, form, multipart, part, upload
from tests.support import Api, Reply, until

NAME = 'Content-Disposition: form-data; name="file"; filename='
FIELDS: dict[str, str | forms.File] = {"purpose": "vision", "file": ("a.txt", b"hello")}
UNREADABLE = "Could not parse multipart form"


def post(api: Api, body: bytes, **headers: str | None) -> Reply:
    return api.post(FILES, body, headers={**multipart(), **headers})


def content(api: Api, reply: Reply) -> bytes:
    assert reply.status == 200, reply.body
    return api.get(f"{FILES}/{reply.json['id']}/content").body


def message(reply: Reply) -> tuple[int, str]:
    return reply.status, reply.json["error"]["message"]


# ── Content ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "sent",
    [
        b"\r\n",
        b"\n",
        b"--",
        b"\r\n--" + BOUNDARY.encode()[:-1],
        b"--" + BOUNDARY.encode() + b"--",  # inside a line it is no boundary
        b"x--" + BOUNDARY.encode(),
        b"\x00\xff" * 500_000,
        os.urandom(3_000_001),
        b"\r\n" * 300_000,
    ],
    ids=lambda sent: f"{len(sent)} bytes",
)
def test_every_byte_of_a_file_is_kept(api: Api, sent: bytes) -> None:
    if sent.startswith(b"--" + BOUNDARY.encode()):
        sent = b"not at the begin of a line: " + sent

    assert content(api, post(api, form({**FIELDS, "file": ("a", sent)}))) == sent


@pytest.mark.parametrize("size", [262_143, 262_144, 262_145, 1_048_576 - 60, 1_048_576])
def test_a_boundary_may_fall_between_two_pieces(api: Api, size: int) -> None:
    for shift in range(0, 40, 3):
        sent = b"x" * (size - shift)

        assert content(api, post(api, form({**FIELDS, "file": ("a", sent)}))) == sent


@pytest.mark.parametrize("pause", [1, 7, 50])
def test_a_form_may_come_in_small_pieces(api: Api, pause: int) -> None:
    body = form({**FIELDS, "file": ("a", b"hello\r\n--a-bound\r\n" * 3)})
    pieces = [body[at : at + pause] for at in range(0, len(body), pause)]

    reply = send(api, head(api, len(body)), *pieces)

    assert b"HTTP/1.1 200 OK" in reply


# ── How it is written ────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("content_type", "boundary"),
    [
        ('multipart/form-data; boundary="{}"', "ayM=zugHaRaVB3vrS=GpffBiRWAW2HdO21QlgagotBKPqXgtI"),
        ("multipart/form-data; charset=utf-8; boundary={}", BOUNDARY),
        ("Multipart/Form-Data; BOUNDARY={}", "----WebKitFormBoundary7MA4YWxkTrZu0gW"),
        ('multipart/form-data; boundary="{}"', "a b'()+_,-./:=?"),
        ("multipart/form-data;boundary={} ", "x" * 70),
    ],
)
def test_a_boundary_may_be_written_in_many_ways(api: Api, content_type: str, boundary: str) -> None:
    reply = post(api, form(FIELDS, boundary), **{"Content-Type": content_type.format(boundary)})

    assert content(api, reply) == b"hello"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("notes.txt", "notes.txt"),
        ('"notes.txt"', "notes.txt"),
        ('"two words.txt"', "two words.txt"),
        ('"a;b;c.txt"', "a;b;c.txt"),
        ('"a\\"b.txt"', 'a"b.txt'),
        ('"你好.txt"', "你好.txt"),
        ("ignored.txt; filename*=UTF-8''%E4%BD%A0.txt", "你.txt"),
        ("ignored.txt; filename*=iso-8859-1'en'caf%E9.txt", "café.txt"),
        ('"one"; filename*0="a"; filename*1="b"', "ab"),
        ("x; filename*=no-charset''a.txt", "a.txt"),
        ('"../../etc/passwd"', "../../etc/passwd"),
        ('""', ""),
    ],
)
def test_a_filename_may_be_written_in_many_ways(api: Api, written: str, read: str) -> None:
    reply = post(api, part(NAME + written, b"hello") + form({"purpose": "vision"}))

    assert (reply.status, reply.json.get("filename")) == (200, read)


def test_a_filename_that_is_no_utf_8_is_read_as_latin_1(api: Api) -> None:
    body = part(NAME + '"caf?.txt"', b"hello").replace(b"?", b"\xe9") + form({"purpose": "vision"})

    assert post(api, body).json["filename"] == "café.txt"


def test_names_and_headers_have_no_case(api: Api) -> None:
    header = 'content-disposition: Form-Data; NAME="file"; FileName="a"\ncontent-length: 3'
    body = part(header, b"hello") + form({"purpose": "vision"})

    assert content(api, post(api, body)) == b"hello"


def test_what_stands_around_the_parts_is_nothing(api: Api) -> None:
    body = b"This is a form.\r\n\r\n" + form(FIELDS) + b"It was one.\r\n" * 1000

    assert content(api, post(api, body)) == b"hello"


@pytest.mark.parametrize("kind", ["text/plain", "Text/Plain; charset=utf-8", "application/json"])
def test_a_text_may_have_a_type(api: Api, kind: str) -> None:
    header = f'Content-Disposition: form-data; name="purpose"\nContent-Type: {kind}'
    body = part(header, b"vision") + form({"file": ("a", b"hello")})

    assert content(api, post(api, body)) == b"hello"


def test_a_file_need_not_have_a_name_where_its_type_is_none_of_a_text(api: Api) -> None:
    header = 'Content-Disposition: form-data; name="file"\nContent-Type: application/octet-stream'
    reply = post(api, part(header, b"hello") + form({"purpose": "vision"}))

    assert content(api, reply) == b"hello"
    assert reply.json["filename"] == ""


# ── How it is sent ───────────────────────────────────────────────────────────────


def raw_deflate(body: bytes) -> bytes:
    squeezer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return squeezer.compress(body) + squeezer.flush()


@pytest.mark.parametrize(
    ("encoding", "squeeze"),
    [
        ("gzip", gzip.compress),
        ("x-gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("deflate", raw_deflate),
        ("identity", bytes),
    ],
)
@pytest.mark.parametrize("sent", [b"hello", b"\x00" * 5_000_000, os.urandom(700_000)], ids=len)
def test_a_form_may_be_compressed(
    api: Api, encoding: str, squeeze: Callable[[bytes], bytes], sent: bytes
) -> None:
    body = squeeze(form({**FIELDS, "file": ("a", sent)}))

    assert content(api, post(api, body, **{"Content-Encoding": encoding})) == sent


@pytest.mark.parametrize(
    ("encoding", "body", "expected"),
    [
        ("br", form(FIELDS), (415, "'br'")),
        ("gzip", form(FIELDS), (400, UNREADABLE)),
        ("gzip", gzip.compress(form(FIELDS))[:-9], (400, UNREADABLE)),
        ("gzip", gzip.compress(form(FIELDS)) + b"more", (400, UNREADABLE)),
        ("deflate", b"\x78\x9c\xff\xff", (400, UNREADABLE)),
    ],
)
def test_a_form_has_to_be_encoded_as_it_says(
    api: Api, encoding: str, body: bytes, expected: tuple[int, str]
) -> None:
    status, found = message(post(api, body, **{"Content-Encoding": encoding}))

    assert status == expected[0]
    assert expected[1] in found


def test_a_small_body_that_unpacks_to_a_large_one_is_refused(start: Start) -> None:
    api = start(files_limit="1MiB")
    bomb = gzip.compress(form({**FIELDS, "file": ("a", b"\x00" * 50_000_000)}))
    assert len(bomb) < 60_000

    status, found = message(post(api, bomb, **{"Content-Encoding": "gzip"}))

    assert (status, "--files-limit" in found) == (413, True)


def test_a_form_may_come_in_chunks(api: Api) -> None:
    body = form(FIELDS)
    chunks = [
        b"%x\r\n%b\r\n" % (len(body[at : at + 9]), body[at : at + 9])
        for at in range(0, len(body), 9)
    ]

    assert b" 200 OK" in send(api, head(api), *chunks, b"0\r\n\r\n")


def test_a_connection_goes_on_after_a_form(api: Api) -> None:
    body = form(FIELDS) + b"an epilogue"
    request = head(api, len(body), close=False) + body

    assert send(api, request, head(api, len(body)) + body).count(b" 200 OK") == 2


# ── What is no form ──────────────────────────────────────────────────────────────

END = f"--{BOUNDARY}--\r\n".encode()


@pytest.mark.parametrize(
    "body",
    [
        b"no boundary",
        b"no line" * 100_000,
        form(FIELDS)[:-30],
        form(FIELDS).replace(b"\r\n\r\n", b"\r\n"),
        f"--{BOUNDARY}\r\n".encode(),
        part("", b"a part without headers") + END,
        part("Content-Disposition: form-data", b"a part without a name") + END,
        part("Content-Disposition: attachment; file", b"nor this one") + END,
        part("no colon", b"x") + END,
        part("A: " + "b" * 20_000, b"x") + END,
        part("\n".join(f"A{n}: b" for n in range(1000)), b"x") + END,
        part('Content-Disposition: form-data; name="a"', b"x" * 70_000) + END,
        part('Content-Disposition: form-data; name="a"', b"x") * 1001 + END,
        part('Content-Disposition: form-data; name="a"\nContent-Type: multipart/mixed', b"") + END,
        part(
            'Content-Disposition: form-data; name="a"\nContent-Type: multipart/mixed; boundary=b',
            b"--b\r\n\r\nx\r\n--b--",
        )
        + END,
    ],
)
def test_what_is_no_form_is_refused(api: Api, body: bytes) -> None:
    assert message(post(api, body)) == (400, UNREADABLE)
    assert upload(api)["object"] == "file"


@pytest.mark.parametrize("content_type", ["multipart/form-data", "multipart/form-data; boundary="])
def test_a_form_without_a_boundary_has_no_fields(api: Api, content_type: str) -> None:
    reply = post(api, form(FIELDS), **{"Content-Type": content_type})

    assert message(reply) == (400, "'file' is a required property")
    [entry] = api.get("/_mock/requests").json["requests"]
    assert "boundary" in entry["hint"]


@pytest.mark.parametrize(
    "content_type", ["application/json", "text/plain; charset=UTF-8", "multipart/mixed; boundary=a"]
)
def test_another_type_is_refused_in_the_recorded_words(api: Api, content_type: str) -> None:
    reply = post(api, b"{}", **{"Content-Type": content_type})

    assert message(reply) == (
        415,
        f"Invalid Content-Type header ({content_type}), expected multipart/form-data. (HINT: If "
        "you're using curl, you can pass -H 'Content-Type: multipart/form-data')",
    )


def test_a_boundary_that_is_too_long_is_refused(api: Api) -> None:
    reply = post(api, form(FIELDS, "x" * 71), **multipart("x" * 71))

    assert message(reply) == (400, UNREADABLE)


# ── Limits, and clients that go ──────────────────────────────────────────────────


def test_a_file_beyond_the_limit_is_refused_and_never_kept(start: Start) -> None:
    api = start(files_limit="1MiB")
    for size in (1_048_577, 3_000_000):
        status, found = message(post(api, form({**FIELDS, "file": ("a", b"x" * size)})))
        assert (status, "at most 1 MiB of files" in found) == (413, True)

    assert len(upload(api, b"x" * 1_048_576)) == 9


def test_a_client_is_answered_before_it_has_sent_it_all(start: Start) -> None:
    api = start(files_limit=1000)
    with connected(api) as client:
        client.sendall(head(api, 10**12) + part(NAME + "a", b"x" * 20_000_000))

        assert b" 413 " in client.recv(100)


def test_many_uploads_come_at_once(api: Api) -> None:
    sent = [os.urandom(1_000_000) for _ in range(16)]
    ids: list[str] = [""] * len(sent)

    def run(at: int) -> None:
        ids[at] = post(api, form({**FIELDS, "file": (f"{at}", sent[at])})).json["id"]

    threads = [threading.Thread(target=run, args=(at,)) for at in range(len(sent))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert [api.get(f"{FILES}/{file_id}/content").body for file_id in ids] == sent


DESCRIPTORS = Path("/proc/self/fd")


def descriptors() -> int:
    return sum(1 for _ in DESCRIPTORS.iterdir())


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.skipif(not DESCRIPTORS.exists(), reason="Linux tells what a process holds")
def test_a_hundred_uploads_that_are_broken_off_leave_nothing(api: Api) -> None:
    body = form({**FIELDS, "file": ("a", b"x" * 4_000_000)})
    for _ in range(3):  # what the first requests cost is no leak
        upload(api, b"x" * 4_000_000)
    open_before, memory = descriptors(), resident()

    for _ in range(100):
        with connected(api) as client:
            client.sendall(head(api, len(body)) + body[:2_000_000])

    until(lambda: descriptors() <= open_before)
    until(lambda: resident() < memory + 30_000_000)
    assert len(api.get(FILES).json["data"]) == 3


def connected(api: Api) -> socket.socket:
    parts = urlsplit(api.url)
    return socket.create_connection((parts.hostname or "", parts.port or 0), 30)


def head(api: Api, length: int | None = None, *, close: bool = True) -> bytes:
    framing = "Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}"
    lines = [
        f"POST {FILES} HTTP/1.1",
        "Host: 127.0.0.1",
        f"Authorization: Bearer {api.key}",
        f"Content-Type: multipart/form-data; boundary={BOUNDARY}",
        framing,
        *(["Connection: close"] if close else []),
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


def send(api: Api, *pieces: bytes) -> bytes:
    """Send pieces, one after the other, and return all that comes back."""
    with connected(api) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in pieces:
            client.sendall(piece)
            time.sleep(0.001)
        return b"".join(received(client))


def received(client: socket.socket) -> Iterator[bytes]:
    while piece := client.recv(65536):
        yield piece
