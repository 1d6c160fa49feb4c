"""The sunset comes for each key by the clock of the key."""

from datetime import date
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from mockserver import MockServer, Settings, create_app
from mockserver.settings import SettingsError
from tests.conftest import Start
from tests.support import Api, Reply

DATE = "2026-08-26"
SECOND = 1787702400
"""The midnight of that date, in UTC."""


def is_gone(reply: Reply) -> bool:
    return (reply.status, reply.body, reply.headers["Content-Type"]) == (404, b"", None)


def test_one_test_lives_through_the_removal(start: Start) -> None:
    api = start(sunset=DATE)
    created = api.create(name="Tutor")

    api.post("/_mock/clock", {"set": SECOND - 1})
    assert api.get(f"/v1/assistants/{created['id']}").json == created
    api.post("/_mock/clock", {"advance": 1})

    assert is_gone(api.get(f"/v1/assistants/{created['id']}"))
    assert is_gone(api.post("/v1/assistants", {"model": "gpt-4o"}))
    assert api.get("/v1/models").status == 200
    [newest, *_] = api.get("/_mock/requests?operation=createAssistant").json["requests"]
    assert newest["decided_by"] == "sunset"


def test_the_removal_is_undone_where_the_clock_goes_back(start: Start) -> None:
    api = start(sunset=DATE)
    created = api.create()
    for second, status in ((SECOND, 404), (SECOND - 1, 200)):
        api.post("/_mock/clock", {"set": second})
        assert api.get(f"/v1/assistants/{created['id']}").status == status


def test_each_key_has_its_own_removal(start: Start) -> None:
    api = start(sunset=DATE)
    other, keyless = Api(api.url, "sk-other"), Api(api.url, None)
    api.post("/_mock/clock", {"set": SECOND})

    assert is_gone(api.get("/v1/threads/thread_1"))
    assert other.get("/v1/assistants").status == 200
    assert keyless.get("/v1/assistants").status == 401


def test_a_move_without_a_key_removes_it_for_all(start: Start) -> None:
    api = start(sunset=DATE)
    keyless = Api(api.url, None)
    api.create()
    keyless.post("/_mock/clock", {"set": SECOND})

    for client in (api, keyless, Api(api.url, "sk-that-comes-later")):
        assert is_gone(client.get("/v1/assistants"))


def test_an_assistant_that_ticks_the_clock_over_is_the_last(start: Start) -> None:
    api = start(sunset="2025-01-01T00:00:02Z")

    assert [api.post("/v1/assistants", {"model": "gpt-4o"}).status for _ in range(3)] == [
        200,
        200,
        404,
    ]


def test_the_wall_clock_may_decide(start: Start) -> None:
    past, future = (start(sunset=since, clock="real") for since in ("2020-01-01", "9999-12-31"))

    assert is_gone(past.get("/v1/assistants"))
    assert future.get("/v1/assistants").status == 200


def test_a_switch_to_the_wall_clock_decides_too(start: Start) -> None:
    api = start(sunset="2025-01-02")
    assert api.get("/v1/assistants").status == 200

    api.request("PUT", "/_mock/settings", {"clock": "real"})

    assert is_gone(api.get("/v1/assistants"))


@pytest.mark.parametrize("path", ["/v1/models", "/v1/files", "/v1/vector_stores", "/v1/nothing"])
def test_other_paths_are_as_before(start: Start, path: str) -> None:
    before, after = start(), start(sunset="2025-01-01")

    assert after.get(path).status == before.get(path).status
    assert after.get(path).body == before.get(path).body


@pytest.mark.parametrize("since", [DATE, "2026-08-26T00:00:00Z", date(2026, 8, 26)])
def test_in_python_it_is_a_setting_like_the_others(since: Any) -> None:
    with MockServer.start(sunset=since) as mock:
        api = Api(mock.url, mock.api_key)
        assert api.get("/v1/assistants").status == 200
        mock.advance("700d")

        assert is_gone(api.get("/v1/assistants"))


async def test_an_application_has_it_too() -> None:
    headers = {"Authorization": "Bearer sk-test", "OpenAI-Beta": "assistants=v2"}
    app = create_app(Settings(sunset=DATE, log="none"))
    async with TestClient(TestServer(app), headers=headers) as client:
        before = await client.get("/v1/assistants")
        await client.post("/_mock/clock", json={"set": SECOND})
        after = await client.get("/v1/assistants")

        assert (before.status, after.status, await after.read()) == (200, 404, b"")


@pytest.mark.parametrize("since", ["", "soon", "2026-08-26T12:00:00", 1787702400, None])
def test_what_is_no_date_is_refused_with_the_forms(since: Any) -> None:
    with pytest.raises(SettingsError, match=r"sunset: expected true, false, a date such as 2026"):
        Settings(sunset=since)
