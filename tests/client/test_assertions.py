"""`MockServer`: assertions about calls, waiting for calls, and strictness."""

import asyncio
import re
import threading
from typing import Any

import pytest

from mockserver import BackgroundServer, MockServer, MockServerError
from tests.client.conftest import create
from tests.support import Api


def test_calls_are_counted_beyond_the_journal(start: Any) -> None:
    api = start(journal=2)
    with MockServer(api.url, api.key) as mock:
        for _ in range(5):
            create(api)
        assert len(mock.requests()) == 2
        mock.assert_called("createAssistant", times=5)


def test_a_failed_assertion_lists_the_requests(mock: MockServer, mine: Api) -> None:
    mock.assert_not_called("createAssistant")
    create(mine)
    mock.assert_called("createAssistant")
    mock.stub("default", {"operation": "createAssistant", "body": {"name": "Ada"}}, name="Ada's")
    create(mine, name="Eve")

    with pytest.raises(AssertionError) as raised:
        mock.assert_called("createAssistant", times=3)
    assert re.sub(r"\(tests\S+_assertions.py:\d+\)", "(here)", str(raised.value)).splitlines() == [
        "expected createAssistant to be called 3 times, but it was called 2 times",
        "POST /v1/assistants -> 200  createAssistant  decided by default",
        "    near miss: Ada's (here)",
        '        body.name = "Ada": it was nothing',
        "POST /v1/assistants -> 200  createAssistant  decided by default",
        "    near miss: Ada's (here)",
        '        body.name = "Ada": it was "Eve"',
    ]
    with pytest.raises(AssertionError, match="to be called 0 times, but it was called 2 times"):
        mock.assert_not_called("createAssistant")
    with pytest.raises(AssertionError, match="at least once, but it was called 0 times"):
        mock.assert_called("listModels")


def test_a_failed_assertion_says_what_may_keep_requests_away(mock: MockServer) -> None:
    with pytest.raises(
        AssertionError, match=r"called 0 times\nno requests were received;"
    ) as raised:
        mock.assert_called("createAssistant")

    causes = ("mockserver_isolation = session", "OPENAI_BASE_URL", "NO_PROXY")
    assert all(cause in str(raised.value) for cause in causes)


def test_wait_for_waits_for_a_later_call(mock: MockServer, mine: Api) -> None:
    later = threading.Timer(0.05, create, [mine])
    later.start()
    mock.wait_for("createAssistant")
    later.join()

    with pytest.raises(AssertionError, match=r"2 times within 0.05 s, but .* called once\nPOST"):
        mock.wait_for("createAssistant", times=2, timeout=0.05)


async def test_async_wait_for_waits_for_a_call_from_the_same_loop(
    mock: MockServer, mine: Api
) -> None:
    later = asyncio.create_task(asyncio.to_thread(create, mine))
    await mock.async_wait_for("createAssistant")
    await later

    with pytest.raises(AssertionError, match=r"2 times within 0\.05 s, but it was called once"):
        await mock.async_wait_for("createAssistant", times=2, timeout=0.05)


@pytest.mark.parametrize("name", ["createAssistants", "*Nothing*"])
def test_an_assertion_about_an_unknown_operation_is_an_error(mock: MockServer, name: str) -> None:
    with pytest.raises(MockServerError, match=rf"no such operation: {re.escape(name)}: use"):
        mock.assert_not_called(name)


def test_the_end_of_a_block_verifies_strictness(server: BackgroundServer) -> None:
    with (
        pytest.raises(AssertionError, match="stub never matched: expected createAssistant"),
        MockServer(server.url) as mock,
    ):
        mock.strict().expect("createAssistant")


def test_an_error_in_a_block_is_not_replaced(server: BackgroundServer) -> None:
    def use() -> None:
        with MockServer(server.url) as mock:
            mock.strict().expect("createAssistant")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        use()


def test_the_end_of_a_block_verifies_a_strict_server() -> None:
    with (
        MockServer.start(strict=True) as first,
        pytest.raises(AssertionError, match="no stub expected"),
        MockServer(first.url) as mock,
    ):
        assert Api(mock.url, mock.api_key).get("/v1/models").status == 404


def test_verifying_changes_nothing(mock: MockServer, mine: Api) -> None:
    mock.strict().expect("listModels")

    with pytest.raises(AssertionError, match="stub never matched: expected listModels"):
        mock.verify()
    assert mine.get("/v1/models").status == 200
    mock.verify()
    assert mine.get("/v1/assistants").status == 404
    with pytest.raises(AssertionError, match="no stub expected"):
        mock.finish()
    assert mine.get("/v1/assistants").status == 200


def test_the_level_warn_gives_a_warning(mock: MockServer) -> None:
    mock.strict({"unused_stubs": "warn"}).stub("default", name="never matched")

    with pytest.warns(UserWarning, match="stub never matched: never matched"):
        mock.verify()


def test_a_strict_key_allows_expected_requests(mock: MockServer, mine: Api) -> None:
    mock.strict().expect("createAssistant")

    assert create(mine) == 200
    assert mine.get("/v1/assistants").status == 404
    assert [one.was_unexpected for one in mock.requests()] == [True, False]
    with pytest.raises(AssertionError, match="no stub expected"):
        mock.verify()


def test_an_expected_request_that_never_came_is_reported(mock: MockServer) -> None:
    mock.strict({"unused_stubs": "error"}).expect("createAssistant")

    with pytest.raises(AssertionError, match="stub never matched: expected createAssistant"):
        mock.verify()


def test_an_expectation_comes_after_other_stubs(mock: MockServer, mine: Api) -> None:
    mock.stub({"body": {"name": "stubbed"}})
    mock.expect("createAssistant")

    assert mine.create()["name"] == "stubbed"


def test_an_optional_stub_may_stay_unused(mock: MockServer, mine: Api) -> None:
    mock.strict().stub("default", {"operation": "listModels"}, optional=True)
    mock.fault("overloaded", on="createAssistant", times=1, optional=True)
    mock.expect("getAssistant", optional=True)

    mock.verify()
    assert mine.get("/v1/models").status == 200
    assert mine.get("/v1/assistants").status == 404


def test_a_stub_that_was_used_before_a_reset_is_used(mock: MockServer, mine: Api) -> None:
    mock.stub("default", {"operation": "listModels"}, name="first")
    mock.stub("default", {"operation": "createAssistant"}, name="second")
    mock.strict().keep()

    with pytest.raises(AssertionError, match=r"(?s)never matched: second.*never matched: first"):
        mock.verify()
    mine.get("/v1/models")
    mock.reset()
    with pytest.raises(AssertionError, match=r"never matched: second "):
        mock.verify()
    create(mine)
    mock.reset()
    mock.reset()
    mock.verify()
    mock.forget()
    mock.strict().stub("default", name="first")
    with pytest.raises(AssertionError, match="stub never matched: first"):
        mock.verify()
