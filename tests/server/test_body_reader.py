"""Bodies as a whole: what is no JSON, nests too deep, or is too large, and what is kept exactly."""

import gzip
import json
import zlib
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
from aiohttp.test_utils import TestClient, TestServer

from mockserver import create_app
from tests.pipeline.test_checks import error
from tests.support import Api, Reply

NOT_JSON = (
    "We could not parse the JSON body of your request. (HINT: This likely means you aren't using "
    "your HTTP library correctly. The OpenAI API expects a JSON payload, but what was sent was not "
    "valid JSON. If you have trouble figuring out how to fix this, please contact us through our "
    "help center at help.openai.com.)"
)


def in_parameters(value: str) -> bytes:
    parameters = f'{{"type":"object","x":{value}}}'
    tool = f'{{"type":"function","function":{{"name":"f","parameters":{parameters}}}}}'
    return f'{{"model":"gpt-4o","tools":[{tool}]}}'.encode()


def nested(levels: int) -> bytes:
    """Write a valid create that nests so many levels; five are there anyway."""
    return in_parameters("[" * (levels - 5) + "]" * (levels - 5))


BROKEN = {
    "cut off": b'{"model": "gpt-4o"',
    "bare words": b"hello there",
    "only blanks": b"  \n ",
    "something behind": b'{"model": "gpt-4o"} x',
    "single quotes": b"{'model': 'gpt-4o'}",
    "trailing comma": b'{"model": "gpt-4o",}',
    "form": b"model=gpt-4o",
    "not UTF-8": b'{"model": "gpt-4o", "name": "\xff\xfe"}',
    "UTF-16": '{"model": "gpt-4o"}'.encode("utf-16"),
    "NaN": b'{"model": "gpt-4o", "temperature": NaN}',
    "Infinity": b'{"model": "gpt-4o", "temperature": Infinity}',
    "lone surrogate": b'{"model": "gpt-4o", "name": "\\ud800"}',
    "raw surrogate": b'{"model": "gpt-4o", "name": "\xed\xa0\x80"}',
    "zero byte": b'{"model": "gpt-4o"}\x00',
}
WHOLES = {
    "an array": b'[{"model": "gpt-4o"}]',
    "a string": b'"gpt-4o"',
    "an integer": b"4",
    "a decimal number": b"4.5",
    "a boolean": b"true",
    "null": b"null",
}
OTHERS = {
    "empty": b"",
    "byte order mark": b'\xef\xbb\xbf{"model": "gpt-4o"}',
    "100,000 arrays": b"[" * 100_000,
    "100,000 objects": b'{"a":' * 100_000,
    "100,000 closed arrays": b"[" * 100_000 + b"]" * 100_000,
    "201 levels": nested(201),
    "400 digits in temperature": b'{"model":"gpt-4o","temperature":' + b"1" * 400 + b"}",
    "400 digits in name": b'{"model":"gpt-4o","name":' + b"1" * 400 + b"}",
    "5,000 digits": b'{"model":"gpt-4o","temperature":' + b"1" * 5000 + b"}",
    "1e400": b'{"model":"gpt-4o","temperature":1e400}',
    "26 megabytes": b'{"model":"gpt-4o","name":"' + b"x" * 26_214_400 + b'"}',
}
FAULTY = {**BROKEN, **WHOLES, **OTHERS}


@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN.keys())
def test_what_is_not_json_is_told_so(api: Api, body: bytes) -> None:
    reply = api.post("/v1/assistants", body)

    assert reply.status == 400
    assert reply.error == error(NOT_JSON, None)


@pytest.mark.parametrize(("kind", "body"), WHOLES.items())
def test_json_that_is_no_object_is_told_so(api: Api, kind: str, body: bytes) -> None:
    reply = api.post("/v1/assistants", body)

    assert reply.status == 400
    assert reply.error["code"] == "invalid_type"
    assert reply.error["message"].endswith(f": expected an object, but got {kind} instead.")


def test_an_empty_create_misses_its_model(api: Api) -> None:
    assert api.post("/v1/assistants", b"").error == error(
        "Missing required parameter: 'model'.", "missing_required_parameter", "model"
    )


@pytest.mark.parametrize("body", FAULTY.values(), ids=FAULTY.keys())
def test_the_connection_is_good_for_another_request(api: Api, body: bytes) -> None:
    connection = HTTPConnection(urlsplit(api.url).netloc, timeout=30)
    headers = {
        "Authorization": f"Bearer {api.key}",
        "OpenAI-Beta": "assistants=v2",
        "Content-Type": "application/json",
    }

    def post(content: bytes) -> Reply:
        connection.request("POST", "/v1/assistants", content, headers)
        answer = connection.getresponse()
        return Reply(answer.status, answer.headers, answer.read())

    try:
        refused = post(body)
        socket = connection.sock
        accepted = post(b'{"model": "gpt-4o"}')
        assert connection.sock is socket
    finally:
        connection.close()

    assert 400 <= refused.status < 500
    assert refused.error["type"]
    assert accepted.status == 200


def test_two_hundred_levels_are_kept_whole(api: Api) -> None:
    body = nested(200)

    created = api.post("/v1/assistants", body)

    assert created.status == 200
    assert (
        created.json["tools"][0]["function"]["parameters"]
        == (json.loads(body)["tools"][0]["function"]["parameters"])
    )
    assert api.get("/v1/assistants").json["data"] == [created.json]
    path = f"/v1/assistants/{created.json['id']}"
    assert api.post(path, {"name": "deep"}).json == created.json | {"name": "deep"}


def test_what_is_refused_leaves_nothing_behind(api: Api) -> None:
    for body in BROKEN.values():
        api.post("/v1/assistants", body)

    assert api.get("/v1/assistants").json["data"] == []
    assert api.create()["created_at"] == 1735689600


# ── Encoded bodies ───────────────────────────────────────────────────────────────

PLAIN = b'{"model": "gpt-4o", "name": "Ada"}'


def packed(body: bytes) -> bytes:
    return gzip.compress(body, mtime=0)


def raw_deflate(body: bytes) -> bytes:
    return zlib.compress(body)[2:-4]


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        pytest.param("gzip", packed(PLAIN), id="gzip"),
        pytest.param("GZip", packed(PLAIN), id="another case"),
        pytest.param("x-gzip", packed(PLAIN), id="x-gzip"),
        pytest.param("deflate", zlib.compress(PLAIN), id="deflate"),
        pytest.param("deflate", raw_deflate(PLAIN), id="deflate without zlib's header"),
        pytest.param("identity", PLAIN, id="identity"),
        pytest.param("", PLAIN, id="empty"),
    ],
)
def test_a_body_is_decoded_as_it_says(api: Api, encoding: str, body: bytes) -> None:
    reply = api.post("/v1/assistants", body, headers={"Content-Encoding": encoding})

    assert reply.json["name"] == "Ada"
    assert api.get("/_mock/requests").json["requests"][0]["request"]["body"] == json.loads(PLAIN)


@pytest.mark.parametrize("encoding", ["br", "BR", "zstd", "compress", "nonsense", "gzip, gzip"])
@pytest.mark.parametrize("in_chunks", [False, True])
def test_a_body_in_another_encoding_is_told_so(api: Api, encoding: str, in_chunks: bool) -> None:
    headers = {"Content-Encoding": encoding}
    if in_chunks:
        headers |= {"Transfer-Encoding": "chunked"}
    body = b"22\r\n%b\r\n0\r\n\r\n" % PLAIN if in_chunks else PLAIN
    reply = api.post("/v1/assistants", body, headers=headers)

    assert reply.status == 415
    assert reply.error == error(
        f"Unsupported content encoding: '{encoding}'. Please try again with a body that is not "
        "encoded, or with 'Content-Encoding: gzip'.",
        "unsupported_content_encoding",
    )
    [entry] = api.get("/_mock/requests").json["requests"]
    assert (entry["operation"], entry["response"]["status"]) == ("createAssistant", 415)
    assert entry["request"]["headers"]["content-encoding"] == encoding


def test_the_checks_before_the_body_come_before_its_encoding(api: Api) -> None:
    headers = {"Content-Encoding": "br"}

    assert Api(api.url, None).post("/v1/assistants", PLAIN, headers=headers).status == 401
    assert api.post("/v1/nothing", PLAIN, headers=headers).status == 404
    assert api.post("/_mock/stubs", PLAIN, headers=headers).status == 415


def test_an_encoding_without_a_body_is_none(api: Api) -> None:
    headers = {"Content-Encoding": "br"}

    assert api.get("/v1/models", headers=headers).status == 200
    assert api.post("/v1/assistants", b"", headers=headers).error["param"] == "model"


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        pytest.param("gzip", PLAIN, id="no gzip"),
        pytest.param("gzip", packed(PLAIN)[:-1], id="all but the end"),
        pytest.param("gzip", packed(PLAIN)[:20], id="cut off"),
        pytest.param("gzip", packed(PLAIN) + b"more", id="more behind it"),
        pytest.param("gzip", packed(b"no JSON"), id="gzip of no JSON"),
        pytest.param("deflate", PLAIN, id="no deflate"),
        pytest.param("deflate", zlib.compress(PLAIN)[:-5], id="deflate cut off"),
    ],
)
def test_a_body_that_is_not_what_it_says_is_told_so(api: Api, encoding: str, body: bytes) -> None:
    reply = api.post("/v1/assistants", body, headers={"Content-Encoding": encoding})

    assert (reply.status, reply.error) == (400, error(NOT_JSON, None))
    [entry] = api.get("/_mock/requests").json["requests"]
    assert entry["response"]["status"] == 400


def test_a_small_body_that_decodes_to_a_large_one_is_refused(api: Api) -> None:
    bomb = packed(bytes(26_214_401))
    assert len(bomb) < 100_000

    reply = api.post("/v1/assistants", bomb, headers={"Content-Encoding": "gzip"})

    assert (reply.status, reply.error["type"]) == (413, "server_error")


@pytest.mark.parametrize("expected", [None, "something-else"])
async def test_an_application_answers_all_this_alike(expected: str | None) -> None:
    headers = {
        "Authorization": "Bearer sk-test",
        "OpenAI-Beta": "assistants=v2",
        "Content-Type": "application/json",
    }
    if expected:
        headers["Expect"] = expected
    async with TestClient(TestServer(create_app()), headers=headers) as client:
        for encoding, body, status in (
            ("gzip", packed(PLAIN), 200),
            ("br", PLAIN, 415),
            ("gzip", PLAIN, 400),
        ):
            encoded = {"Content-Encoding": encoding}
            async with client.post("/v1/assistants", data=body, headers=encoded) as response:
                assert response.status == status
                assert response.content_type == "application/json"
