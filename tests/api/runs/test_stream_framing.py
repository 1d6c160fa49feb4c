"""The bytes of a stream: its head, its lines, and what parsers make of them."""

from collections.abc import Callable

import httpx2
import openai
import pytest

from tests.api.conversation import thread
from tests.api.streams import Heard, begin, parse, split
from tests.conftest import Start
from tests.faults.raw import Line, Seen, request_bytes
from tests.support import Api

TEXT = 'Grüße,\n"Ada" 👋 \u2028 data: x'


def seen(api: Api, version: str = "HTTP/1.1", **headers: str) -> Seen:
    """Return a stream as a socket sees it."""
    path, body = begin(api, thread(api, "a"), {"say": TEXT})
    with Line(api.url) as line:
        request = request_bytes(str(api.key), body, headers, f"POST {path}")
        line.send(request.replace(b"HTTP/1.1", version.encode(), 1))
        return line.see(0.4)


def unchunked(body: bytes) -> list[bytes]:
    """Return the chunks of a body."""
    chunks = []
    while body:
        size, _, body = body.partition(b"\r\n")
        length = int(size, 16)
        chunks.append(body[:length])
        assert body[length : length + 2] == b"\r\n"
        body = body[length + 2 :]
    assert chunks[-1] == b""
    return chunks[:-1]


def test_each_event_is_two_lines_and_a_blank_one_in_a_chunk_of_its_own(api: Api) -> None:
    chunks = unchunked(seen(api).body)

    for chunk in chunks:
        name, data, *blank = chunk.split(b"\n")
        assert name.startswith(b"event: thread.") or name == b"event: done"
        assert data.startswith(b"data: ")
        assert blank == [b"", b""]
    assert chunks[-1] == b"event: done\ndata: [DONE]\n\n"


def test_the_json_of_an_event_is_compact_and_raw_utf_8(api: Api) -> None:
    body = b"".join(unchunked(seen(api).body))

    assert b'"annotations":[]}}]}}\n\n' in body
    assert b": " not in body.replace(b"event: ", b"").replace(b"data: ", b"")
    assert "Grüße,\\n".encode() in body
    assert "👋".encode() in body
    assert b"\\u" not in body


def test_the_head_is_that_of_json_but_for_the_type_and_the_length(api: Api) -> None:
    head = seen(api).received.partition(b"\r\n\r\n")[0].decode()
    lines = dict(line.split(": ", 1) for line in head.split("\r\n")[1:])

    assert head.startswith("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n")
    assert lines["Transfer-Encoding"] == "chunked"
    assert "Content-Length" not in lines
    path, body = begin(api, thread(api, "b"), stream=False)
    plain = [name.lower() for name in api.post(path, body).headers]
    shown = [name.lower() for name in lines]
    assert [name for name in shown if name != "transfer-encoding"] == [
        name for name in plain if name != "content-length"
    ]


def test_before_http_1_1_a_stream_ends_with_its_connection(api: Api) -> None:
    stream = seen(api, "HTTP/1.0", Connection="keep-alive")

    assert (stream.status, stream.ending) == (200, "FIN")
    assert b"Transfer-Encoding" not in stream.received
    assert split(stream.body)[-1] == Heard("done", "[DONE]")


def test_what_accept_says_makes_no_difference(api: Api, start: Start) -> None:
    bodies = [unchunked(seen(start(), Accept=kind).body) for kind in ("application/json", "*/*")]

    assert bodies[0] == bodies[1]


# ── Parsers ──────────────────────────────────────────────────────────────────────

Parser = Callable[[bytes], list[tuple[str, str]]]


def by_blank_lines(body: bytes) -> list[tuple[str, str]]:
    """Parse as Microsoft's client does: at two line feeds, and each event needs its name."""
    found = []
    for event in body.decode().split("\n\n")[:-1]:
        fields = dict(line.split(": ", 1) for line in event.split("\n"))
        found.append((fields["event"], fields["data"]))
    return found


def by_the_standard(body: bytes) -> list[tuple[str, str]]:
    """Parse as the HTML standard says."""
    found: list[tuple[str, str]] = []
    name, data = "", list[str]()
    for line in body.decode().replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        field, _, value = line.partition(":")
        if line == "":
            if data:
                found.append((name, "\n".join(data)))
            name, data = "", []
        elif field == "event":
            name = value.removeprefix(" ")
        elif field == "data":
            data.append(value.removeprefix(" "))
    return found


def by_openai(body: bytes) -> list[tuple[str, str]]:
    """Parse with the decoder of OpenAI's own client."""
    client = openai.OpenAI(api_key="sk-test", http_client=httpx2.Client())
    decoder = client._make_sse_decoder()
    with client:
        return [(str(one.event), one.data) for one in decoder.iter_bytes(iter([body]))]


@pytest.mark.parametrize("parser", [by_blank_lines, by_the_standard, by_openai])
def test_every_parser_finds_the_same_events(api: Api, parser: Parser) -> None:
    body = b"".join(unchunked(seen(api).body))

    found = parser(body)

    assert [parse(f"event: {name}\ndata: {data}".encode()) for name, data in found] == split(body)
