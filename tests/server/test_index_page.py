"""`/` tells a person what this is and what to try."""

import re
import subprocess

import pytest
from aiohttp.test_utils import TestClient, TestServer

from mockserver import BackgroundServer, create_app
from tests.support import Api


def page(api: Api, **headers: str) -> str:
    reply = api.get("/", headers=headers)
    assert reply.status == 200
    assert reply.headers["Content-Type"] == "text/plain; charset=utf-8"
    return reply.body.decode()


def test_its_curl_lines_do_what_it_says(api: Api, server: BackgroundServer) -> None:
    create, listing, failing = re.findall(r"^curl .*$", page(api), re.MULTILINE)

    def run(line: str) -> str:
        assert server.url in line
        printed = subprocess.run(  # noqa: S602  as a reader would paste it
            line, shell=True, check=True, capture_output=True, text=True
        )
        return printed.stdout

    assert '"name": "Math Tutor"' in run(create)
    assert '"object": "list"' in run(listing)
    assert '"code": "rate_limit_exceeded"' in run(failing)


def test_it_says_that_the_real_api_is_gone_and_where_control_is(api: Api) -> None:
    text = page(api)

    assert "shut down on 2026-08-26" in text
    assert "/_mock/" in text


def test_it_uses_the_address_that_the_client_used(api: Api) -> None:
    assert "http://mock.internal:80/v1" in page(api, Host="mock.internal:80")


@pytest.mark.parametrize("host", ["x'; rm -rf", "<script>", "a  b", "é"])
def test_an_address_that_is_none_is_not_repeated(api: Api, host: str) -> None:
    text = page(api, Host=host.encode("latin-1").decode("latin-1"))

    assert host not in text
    assert "http://127.0.0.1:4010/v1" in text


def test_it_is_no_request_of_the_api(api: Api) -> None:
    api.post("/_mock/stubs", {"then": {"fault": "overloaded"}})
    page(api)

    assert api.get("/_mock/requests").json["requests"] == []
    assert api.get("/assistants").status == 503


def test_only_its_head_is_sent_where_only_that_is_asked_for(api: Api) -> None:
    reply = api.request("HEAD", "/")

    assert (reply.status, reply.body) == (200, b"")
    assert int(reply.headers["Content-Length"]) > 500


def test_other_methods_are_the_apis(api: Api) -> None:
    assert api.post("/", {}).error["message"] == "Invalid URL (POST /)"


async def test_it_is_there_in_an_application_too() -> None:
    async with TestClient(TestServer(create_app())) as client:
        answer = await client.get("/")
        assert "mockserver stands in" in await answer.text()
