"""Bodies as they come over the wire, and the server as an aiohttp application."""

import asyncio
import contextlib
import gzip
import json
import zlib
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
from aiohttp import web
from pytest_aiohttp import AiohttpClient, AiohttpServer

import mockserver
from mockserver import Settings, create_app
from mockserver.api.shared.operation import BODY_LIMIT
from tests.conftest import Start
from tests.support import Api, Reply

BODY = json.dumps({"model": "gpt-4o", "name": "Math Tutor"}).encode()
HEADERS = {
    "Authorization": "Bearer sk-test",
    "OpenAI-Beta": "assistants=v2",
    "Content-Type": "application/json",
}

# ── Bodies ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("encoding", "encode"),
    [("gzip", gzip.compress), ("deflate", zlib.compress), ("identity", bytes)],
)
def test_a_body_may_be_compressed(
    api: Api, encoding: str, encode: Callable[[bytes], bytes]
) -> None:
    reply = api.post("/v1/assistants", encode(BODY), headers={"Content-Encoding": encoding})

    assert reply.status == 200
    assert reply.json["name"] == "Math Tutor"


def test_a_compressed_body_that_is_cut_off_is_no_json(api: Api) -> None:
    body = gzip.compress(BODY)
    reply = api.post("/v1/assistants", body[: len(body) // 2], headers={"Content-Encoding": "gzip"})

    assert reply.status == 400
    assert reply.error["message"].startswith("We could not parse the JSON body")


def test_a_body_may_come_in_chunks(api: Api, key: str) -> None:
    def chunks() -> Iterator[bytes]:
        yield BODY[:5]
        yield BODY[5:]

    connection = HTTPConnection(urlsplit(api.url).netloc, timeout=30)
    headers = HEADERS | {"Authorization": f"Bearer {key}"}
    with contextlib.closing(connection):
        connection.request("POST", "/v1/assistants", chunks(), headers, encode_chunked=True)
        assert json.loads(connection.getresponse().read())["name"] == "Math Tutor"


def test_a_body_of_25_mib_is_read(api: Api) -> None:
    reply = api.post("/v1/assistants", BODY.ljust(BODY_LIMIT))

    assert reply.status == 200


def test_a_body_of_one_byte_more_is_refused_and_the_connection_goes_on(api: Api, key: str) -> None:
    connection = HTTPConnection(urlsplit(api.url).netloc, timeout=30)
    headers = HEADERS | {"Authorization": f"Bearer {key}"}
    with contextlib.closing(connection):
        connection.request("POST", "/v1/assistants", BODY.ljust(BODY_LIMIT + 1), headers)
        socket = connection.sock
        answer = connection.getresponse()
        refusal = Reply(answer.status, answer.headers, answer.read())
        connection.request("POST", "/v1/assistants", BODY, headers)
        following = connection.getresponse()

        assert refusal.status == 413
        assert refusal.error == {
            "message": "Maximum content size limit (26214400) exceeded.",
            "type": "server_error",
            "param": None,
            "code": None,
        }
        assert refusal.headers["Connection"] is None
        assert following.status == 200
        assert connection.sock is socket


def test_a_small_body_that_unpacks_to_a_large_one_is_refused(api: Api) -> None:
    body = gzip.compress(BODY.ljust(BODY_LIMIT + 1))

    assert api.post("/v1/assistants", body, headers={"Content-Encoding": "gzip"}).status == 413


def test_a_body_that_is_too_large_is_told_after_the_credentials(api: Api) -> None:
    nameless = Api(api.url, None)

    assert nameless.post("/v1/assistants", BODY.ljust(BODY_LIMIT + 1)).status == 401


# ── As an aiohttp application ────────────────────────────────────────────────────

REQUESTS: list[tuple[str, str, bytes | None]] = [
    ("POST", "/v1/assistants", BODY),
    ("POST", "/assistants", BODY),
    ("GET", "/v1/assistants?limit=1", None),
    ("GET", "/openai/assistants?api-version=2024-05-01-preview", None),
    ("POST", "/v1/assistants", b"{"),
    ("PUT", "/v1/assistants", BODY),
    ("GET", "/v1/no%20such%2Fthing", None),
    ("GET", "//v1/models", None),
    ("DELETE", "/", None),
]


def unsigned(reply: Reply) -> tuple[int, list[tuple[str, str]], bytes]:
    """Return all of a reply but its date."""
    headers = [(name, value) for name, value in reply.headers.items() if name != "Date"]
    return reply.status, headers, reply.body


async def test_an_application_answers_the_bytes_of_a_server(
    aiohttp_server: AiohttpServer, start: Start
) -> None:
    application = await aiohttp_server(create_app(Settings(seed=7, log="none")))
    inside, outside = Api(str(application.make_url(""))), start(seed=7)

    for request in REQUESTS:
        reply = await asyncio.to_thread(inside.request, *request)
        expected = await asyncio.to_thread(outside.request, *request)
        assert unsigned(reply) == unsigned(expected)


async def test_an_application_answers_aiohttps_own_test_client(
    aiohttp_client: AiohttpClient, start: Start
) -> None:
    client = await aiohttp_client(create_app(Settings(seed=7, log="none")))
    outside = start(seed=7)

    async with client.post("/v1/assistants", data=BODY, headers=HEADERS) as answer:
        expected = await asyncio.to_thread(outside.post, "/v1/assistants", BODY)
        assert answer.status == 200
        assert await answer.read() == expected.body


async def test_an_application_answers_a_client_that_waits_for_the_interim_answer(
    aiohttp_client: AiohttpClient,
) -> None:
    client = await aiohttp_client(create_app(Settings(log="none")))

    async with client.post("/v1/assistants", data=BODY, headers=HEADERS, expect100=True) as answer:
        assert answer.status == 200


async def test_each_application_has_a_state_of_its_own(aiohttp_client: AiohttpClient) -> None:
    first, second = [await aiohttp_client(create_app(Settings(log="none"))) for _ in range(2)]

    async with first.post("/v1/assistants", data=BODY, headers=HEADERS) as answer:
        made = await answer.json()
    for client, status in ((first, 200), (second, 404)):
        async with client.get(f"/v1/assistants/{made['id']}", headers=HEADERS) as answer:
            assert answer.status == status


async def test_an_application_needs_no_settings(aiohttp_client: AiohttpClient) -> None:
    application = create_app()
    client = await aiohttp_client(application)

    assert isinstance(application, web.Application)
    async with client.get("/v1/models", headers=HEADERS) as answer:
        assert answer.status == 200


# ── The package ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", mockserver.__all__)
def test_the_public_names_are_there(name: str) -> None:
    assert getattr(mockserver, name) is not None


def test_another_name_is_not() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = mockserver.nothing


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", BODY),
        ("gzip", gzip.compress(BODY)[:15] + b"x" * 20),
        ("deflate", b"\xff" * 20),
    ],
    ids=["not gzip", "damaged gzip", "not deflate"],
)
def test_a_body_that_does_not_unpack_is_no_json(api: Api, encoding: str, body: bytes) -> None:
    reply = api.post("/v1/assistants", body, headers={"Content-Encoding": encoding})

    assert reply.status == 400
    assert reply.error["message"].startswith("We could not parse the JSON body")
    assert api.post("/v1/assistants", BODY).status == 200


def test_such_a_body_is_told_to_be_broken_by_the_control_api_too(api: Api) -> None:
    reply = api.post("/_mock/stubs", BODY, headers={"Content-Encoding": "gzip"})

    assert reply.status == 400
    assert reply.json["errors"][0]["what"] == "the body does not match its encoding headers"
