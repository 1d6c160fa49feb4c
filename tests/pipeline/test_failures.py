"""A bug of ours in any step: the client gets OpenAI's own 500, and the journal has it."""

from collections.abc import Iterator
from typing import Any

import pytest

from mockserver import BackgroundServer, Settings
from mockserver.api.shared.routing import Router
from mockserver.pipeline import checks, finish
from tests.support import Api, Reply


def boom(*_: object) -> Any:
    raise ZeroDivisionError("boom")


@pytest.fixture
def failing(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    """Run a server one of whose parts raises; the parameter is what holds it, and its name."""
    holder, name = request.param
    monkeypatch.setattr(holder, name, boom)
    with BackgroundServer(Settings(port=0, log="none")) as server:
        yield Api(server.url)


def assert_server_error(reply: Reply) -> None:
    assert reply.status == 500
    assert reply.headers["Content-Type"] == "application/json"
    assert reply.error["type"] == "server_error"
    assert reply.headers["x-request-id"] in reply.error["message"]


ROUTER: list[tuple[Any, str]] = [(Router, "_find")]
DECIDING: list[tuple[Any, str]] = [
    (checks, "authenticate"),
    (checks, "require_beta_header"),
    (checks, "parse_body"),
]
FINISHING: list[tuple[Any, str]] = [
    (finish, "inject_faults"),
    (finish, "set_api_headers"),
    (finish, "set_stub_headers"),
    (finish, "note_attempt"),
]


def named(place: tuple[Any, str]) -> str:
    return place[1]


@pytest.mark.parametrize("failing", ROUTER + DECIDING + FINISHING, indirect=True, ids=named)
def test_a_failure_is_answered_in_openais_envelope_and_is_in_the_journal(
    failing: Api, capfd: pytest.CaptureFixture[str]
) -> None:
    reply = failing.post("/v1/assistants", {"model": "gpt-4o"})
    [entry] = failing.get("/_mock/requests").json["requests"]

    assert_server_error(reply)
    assert (entry["decided_by"], entry["response"]["status"]) == ("bug", 500)
    assert entry["response"]["body"] == reply.json
    assert "ZeroDivisionError: boom" in capfd.readouterr().err


@pytest.mark.parametrize("failing", [(finish, "write_journal_entry")], indirect=True, ids=named)
def test_a_journal_that_fails_is_answered_in_openais_envelope(failing: Api) -> None:
    assert_server_error(failing.post("/v1/assistants", {"model": "gpt-4o"}))


@pytest.mark.parametrize("failing", [(finish, "note_attempt")], indirect=True, ids=named)
def test_the_headers_that_were_set_before_a_failure_stay(failing: Api) -> None:
    reply = failing.get("/v1/assistants")

    assert_server_error(reply)
    assert reply.headers["openai-version"] == "2020-10-01"


@pytest.mark.parametrize("failing", ROUTER, indirect=True, ids=named)
def test_the_control_api_and_the_index_page_need_no_router(failing: Api) -> None:
    assert failing.get("/_mock/live").status == 200


@pytest.mark.parametrize("failing", [(checks, "parse_body")], indirect=True, ids=named)
def test_a_failure_stores_nothing(failing: Api) -> None:
    failing.post("/v1/assistants", {"model": "gpt-4o"})

    assert not any(failing.get("/_mock/state").json.values())
