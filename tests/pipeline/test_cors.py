"""Pages in a browser: what it asks first, and what it may show them."""

import subprocess
import sys

import pytest

from tests.conftest import Start
from tests.support import Api, Reply

PAGE = "http://localhost:3000"
CORS_HEADERS = ("Access-Control-Allow-Origin", "Access-Control-Expose-Headers", "Vary")


def marks(reply: Reply) -> list[list[str] | None]:
    return [reply.headers.get_all(name) for name in CORS_HEADERS]


@pytest.fixture
def api(start: Start) -> Api:
    return start(cors=(PAGE, "https://app.example"))


def preflight(api: Api, path: str = "/v1/assistants", **more: str) -> Reply:
    asked = {
        "Origin": PAGE,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type,openai-beta",
        **{name.replace("_", "-"): value for name, value in more.items()},
    }
    return Api(api.url, key=None).request("OPTIONS", path, headers=asked)


def test_a_browser_may_send_what_it_asks_for(api: Api) -> None:
    reply = preflight(api)

    assert reply.status == 204
    assert reply.headers["Access-Control-Allow-Origin"] == PAGE
    assert reply.headers["Access-Control-Allow-Methods"] == "POST"
    assert reply.headers["Access-Control-Allow-Headers"] == "authorization,content-type,openai-beta"
    assert reply.headers["Vary"] == "Origin"


def test_what_it_asks_first_is_no_request_of_the_api(api: Api) -> None:
    Api(api.url, key=None).post("/_mock/stubs", {"then": {"fault": "overloaded"}, "times": 1})

    assert preflight(api).status == 204
    assert Api(api.url, key=None).get("/_mock/requests").json["requests"] == []
    assert api.get("/v1/assistants").status == 503


@pytest.mark.parametrize(
    "fault", [None, "rate_limit_exceeded", "invalid_api_key", "not_found", "slow_body"]
)
def test_the_page_reads_every_answer(api: Api, fault: str | None) -> None:
    reply = api.get("/v1/assistants", headers={"Origin": PAGE, "X-Mock-Fault": fault})

    assert marks(reply) == [[PAGE], ["*"], ["Origin"]]


def test_the_journal_has_the_headers_that_went_out(api: Api) -> None:
    api.get("/v1/assistants", headers={"Origin": PAGE})

    (entry,) = api.get("/_mock/requests").json["requests"]
    assert entry["response"]["headers"]["access-control-allow-origin"] == PAGE


@pytest.mark.parametrize("origin", [None, "http://localhost:3001", "null", "HTTP://LOCALHOST:3000"])
def test_other_pages_are_told_nothing(api: Api, origin: str | None) -> None:
    reply = api.get("/v1/assistants", headers={"Origin": origin})

    assert reply.status == 200
    assert marks(reply) == [None, None, ["Origin"]]
    if origin is not None:
        assert preflight(api, Origin=origin).status == 405


def test_the_control_api_is_for_no_page(api: Api) -> None:
    for path in ("/_mock/stubs", "/_mock/requests"):
        assert preflight(api, path).status == 405
        reply = api.get(path, headers={"Origin": PAGE})
        assert reply.headers["Access-Control-Allow-Origin"] is None


def test_a_star_is_for_every_page(start: Start) -> None:
    api = start(cors=("*",))

    reply = api.get("/v1/assistants", headers={"Origin": "null"})

    assert marks(reply) == [["*"], ["*"], None]
    assert preflight(api, Origin="https://anywhere.example").status == 204


def test_without_the_flag_there_is_none(api: Api, start: Start) -> None:
    plain = start()

    assert preflight(plain).status == 405
    reply = plain.get("/v1/assistants", headers={"Origin": PAGE})
    assert marks(reply) == [None, None, None]


@pytest.mark.parametrize("names", ["x-é", "x\tb", "\u2603"])
def test_names_that_are_none_are_not_repeated(api: Api, names: str) -> None:
    sent = names.encode().decode("latin-1")

    reply = preflight(api, Access_Control_Request_Headers=sent)

    assert reply.status == 204
    assert reply.headers["Access-Control-Allow-Headers"] is None


@pytest.mark.parametrize("origin", ["localhost:3000", "http://localhost:3000/", "http://a b"])
def test_an_origin_that_no_browser_sends_is_refused(origin: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mockserver", "--cors", origin, "--port", "0"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert "expected origins such as http://localhost:3000, or *" in done.stderr


def test_what_a_stub_says_is_not_said_twice(api: Api) -> None:
    headers = {"access-control-allow-origin": "https://other.example", "vary": "Accept"}
    api.post("/_mock/stubs", {"then": {"json": {}, "headers": headers}})

    reply = api.get("/v1/assistants", headers={"Origin": PAGE})

    assert marks(reply) == [[PAGE], ["*"], ["Origin"]]
