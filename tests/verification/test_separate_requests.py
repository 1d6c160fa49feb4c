"""Which equal requests are retries of each other, and how sure that is."""

import time

import pytest

from mockserver import BackgroundServer
from tests.faults.raw import Line, request_bytes
from tests.support import Api
from tests.verification.clients import (
    CREATE,
    Send,
    count_header,
    create,
    fail,
    found,
    outcomes,
    report,
)


def test_separate_probes_of_one_body_are_not_one_request(api: Api) -> None:
    fail(api, "overloaded")
    for _ in range(3):
        create(api)

    assert outcomes(api) == [
        ("sent again", 1, "possible"),
        ("sent again", 1, "possible"),
        ("not retried", 1, "possible"),
    ]
    assert report(api)["problems"] == []


@pytest.mark.parametrize("count", [0, None])
@pytest.mark.parametrize("fault", ["overloaded", "invalid_api_key"])
def test_neither_are_those_on_one_connection(
    create_on_one_line: Send, api: Api, fault: str, count: int | None
) -> None:
    fail(api, fault)
    for _ in range(3):
        create_on_one_line(count)

    assert [attempts for _, attempts, _ in outcomes(api)] == [1, 1, 1]
    assert report(api)["problems"] == []


def test_a_success_after_a_refusal_is_another_request(api: Api) -> None:
    fail(api, "invalid_api_key", times=1)
    create(api)
    create(api)

    assert outcomes(api) == [("sent again", 1, "possible")]
    assert report(api)["problems"] == []


def test_equal_requests_that_go_on_and_on_are_retries(api: Api) -> None:
    fail(api, "overloaded")
    for _ in range(5):
        create(api)

    assert outcomes(api) == [("gave up", 5, "likely")]
    assert found(api) == [("no_backoff", "likely")]


def test_the_client_itself_says_which_attempt_is_whose(api: Api, create_on_one_line: Send) -> None:
    """Two clients side by side; the second one sends while the first one waits."""
    fail(api, "rate_limit_exceeded", retry_after=0.2, times=2)
    for count in (0, 1):
        create(api, count)
        create_on_one_line(count)
        time.sleep(0.25)

    assert [(one["outcome"], one["count"]) for one in report(api)["requests"]] == [
        ("got through", 2),
        ("got through", 2),
    ]
    assert report(api)["problems"] == []


def test_a_request_that_declares_an_unknown_attempt_is_one_of_its_own(api: Api) -> None:
    fail(api, "overloaded")
    create(api, 0)
    create(api, 2)

    assert [attempts for _, attempts, _ in outcomes(api)] == [1, 1]


def test_who_opens_a_connection_beside_one_that_is_free_is_somebody_else(
    api: Api, create_on_one_line: Send
) -> None:
    fail(api, "rate_limit_exceeded", retry_after=5)
    create_on_one_line()
    create(api)

    assert [attempts for _, attempts, _ in outcomes(api)] == [1, 1]
    assert all(one["code"] != "retried_too_early" for one in report(api)["problems"])


@pytest.mark.parametrize("requested", [0.1, 9])
def test_a_pause_on_one_connection_tells_a_retry(
    api: Api, create_on_one_line: Send, requested: float
) -> None:
    fail(api, "rate_limit_exceeded", retry_after=requested)
    create_on_one_line()
    time.sleep(0.15)
    create_on_one_line()

    assert outcomes(api) == [("gave up", 2, "likely")]
    assert found(api) == ([("retried_too_early", "likely")] if requested == 9 else [])


def test_a_wait_as_requested_tells_a_retry_on_a_new_connection(api: Api) -> None:
    fail(api, "rate_limit_exceeded", retry_after=0.2)
    create(api)
    time.sleep(0.25)
    create(api)

    assert outcomes(api) == [("gave up", 2, "likely")]
    assert found(api) == []


def test_a_clock_that_is_set_back_makes_no_retry_early(api: Api) -> None:
    fail(api, "rate_limit_exceeded", retry_after=0.1, times=1)
    create(api, 0)
    api.post("/_mock/clock", {"set": 0})
    time.sleep(0.15)
    create(api, 1)

    assert report(api)["problems"] == []


def test_what_comes_minutes_later_is_no_retry(api: Api) -> None:
    fail(api, "overloaded", times=1)
    create(api)
    api.post("/_mock/clock", {"advance": "2m"})
    create(api)

    assert outcomes(api) == [("sent again", 1, "certain")]
    assert report(api)["problems"] == []


def test_a_request_that_hangs_is_retried_on_a_new_connection(
    server: BackgroundServer, api: Api
) -> None:
    fail(api, "hang", times=1)
    for count in (0, 1):
        with Line(server.url) as line:
            line.send(request_bytes(str(api.key), CREATE, count_header(count)))
            line.see(0.15)

    assert outcomes(api) == [("got through", 2, "certain")]
