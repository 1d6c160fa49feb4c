"""The verdict on a client: what is a problem, what is none, and which requests belong together."""

import json
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest

from mockserver import BackgroundServer
from mockserver.verification.verdict import REMEDIES
from tests.faults.raw import Line, request_bytes
from tests.support import Api

CREATE = {"model": "gpt-4o", "name": "Tutor"}

Send = Callable[..., int]


def fail(api: Api, fault: str, **rule: Any) -> None:
    assert api.post("/_mock/faults", {"fault": fault, "on": "create*", **rule}).status == 200


def count_header(count: int | None) -> dict[str, str]:
    return {} if count is None else {"x-stainless-retry-count": str(count)}


def create(api: Api, count: int | None = None) -> int | None:
    """Create on a connection of its own; `count` is what the client says of its retries."""
    try:
        return api.post("/v1/assistants", CREATE, headers=count_header(count)).status
    except ConnectionError:
        return None


@pytest.fixture
def create_on_one_line(api: Api) -> Iterator[Send]:
    """Create as `create` does, but on one connection that is kept."""
    connection = HTTPConnection(urlsplit(api.url).netloc, timeout=30)

    def send(count: int | None = None) -> int:
        headers = {"Authorization": f"Bearer {api.key}", "OpenAI-Beta": "assistants=v2"}
        headers |= {"Content-Type": "application/json", **count_header(count)}
        connection.request("POST", "/v1/assistants", json.dumps(CREATE), headers)
        with connection.getresponse() as response:
            response.read()
            return response.status

    yield send
    connection.close()


def report(api: Api) -> Any:
    return api.get("/_mock/report").json


def found(api: Api) -> list[tuple[str, str]]:
    return [(one["code"], one["sure"]) for one in report(api)["problems"]]


def outcomes(api: Api) -> list[tuple[str, int, str]]:
    return [(one["outcome"], one["count"], one["sure"]) for one in report(api)["requests"]]


# ── What is no problem ───────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "fault",
    ["invalid_api_key", "unsupported_country", "model_not_found", "not_found", "payload_too_large"],
)
def test_what_cannot_succeed_need_not_be_retried(api: Api, fault: str) -> None:
    fail(api, fault)
    create(api, 0)

    assert report(api)["problems"] == []
    assert outcomes(api) == [("not retried", 1, "certain")]


@pytest.mark.parametrize("fault", ["insufficient_quota", "conflict", "malformed_json"])
@pytest.mark.parametrize("attempts", [1, 2])
def test_what_may_be_retried_or_not_is_no_problem_either_way(
    api: Api, fault: str, attempts: int
) -> None:
    fail(api, fault)
    for count in range(attempts):
        create(api, count)

    assert report(api)["problems"] == []


def test_a_look_up_that_finds_the_object_settles_a_lost_response(api: Api) -> None:
    fail(api, "connection_reset", inject="after", times=1)
    create(api, 0)
    assert [one["name"] for one in api.get("/v1/assistants").json["data"]] == ["Tutor"]

    assert report(api)["problems"] == []
    assert outcomes(api) == [("looked up", 1, "certain")]


@pytest.mark.parametrize("inject", ["before", "after"])
@pytest.mark.parametrize("count", [0, None])
def test_a_look_up_before_the_second_create_is_right(
    api: Api, inject: str, count: int | None
) -> None:
    fail(api, "connection_reset", inject=inject, times=1)
    create(api, count)
    api.get("/v1/assistants?limit=100")
    create(api, count)

    assert report(api)["problems"] == []


def test_a_lost_object_that_is_deleted_before_the_second_create_is_no_duplicate(api: Api) -> None:
    fail(api, "empty_reply", inject="after", times=1)
    create(api)
    [lost] = api.get("/v1/assistants").json["data"]
    api.delete(f"/v1/assistants/{lost['id']}")
    create(api)

    assert report(api)["problems"] == []


def test_a_lost_deletion_is_settled_by_looking_up_the_object(api: Api) -> None:
    made = api.create()["id"]
    fail(api, "connection_reset", inject="after", times=1, on="deleteAssistant")
    with pytest.raises(ConnectionError):
        api.delete(f"/v1/assistants/{made}")
    assert api.get(f"/v1/assistants/{made}").status == 404

    assert report(api)["problems"] == []


def test_a_look_up_does_not_settle_what_was_never_made(api: Api) -> None:
    fail(api, "overloaded", times=1)
    create(api, 0)
    assert api.get("/v1/assistants").json["data"] == []

    assert found(api) == [("never_retried", "certain")]


def test_a_client_need_not_wait_for_minutes(api: Api) -> None:
    fail(api, "rate_limit_exceeded", retry_after=61)
    create(api, 0)

    assert report(api)["problems"] == []


def test_a_client_that_still_waits_for_the_response_has_not_given_up(api: Api) -> None:
    fail(api, "hang")
    with Line(api.url) as line:
        line.send(request_bytes(str(api.key), CREATE))
        line.see(0.1)
        assert report(api)["problems"] == []
        assert outcomes(api) == [("in progress", 1, "certain")]

    assert found(api) == [("never_retried", "certain")]


def test_one_quick_retry_is_no_problem(api: Api) -> None:
    fail(api, "overloaded", times=1)
    create(api, 0)
    create(api, 1)

    assert report(api)["problems"] == []


def test_many_retries_that_come_as_requested_are_no_storm(api: Api) -> None:
    fail(api, "rate_limit_exceeded", retry_after_ms=1)
    for count in range(14):
        create(api, count)
        time.sleep(0.002)

    assert report(api)["problems"] == []


# ── What is one ──────────────────────────────────────────────────────────────────


def test_a_problem_has_a_code_and_says_what_to_do(api: Api) -> None:
    fail(api, "overloaded")
    create(api, 0)

    assert report(api)["problems"] == [
        {
            "code": "never_retried",
            "what": "createAssistant after overloaded",
            "remedy": "retry it after a wait; where its work may be done, look up first",
            "sure": "certain",
            "operation": "createAssistant",
            "key": report(api)["requests"][0]["key"],
        }
    ]
    assert report(api)["verdict"] == ["never retried: createAssistant after overloaded"]


@pytest.mark.parametrize("rule", [{"fault": "invalid_api_key"}, {"should_retry": False}])
def test_retrying_what_cannot_succeed_is_a_problem(api: Api, rule: dict[str, Any]) -> None:
    fail(api, **{"fault": "overloaded", **rule})
    create(api, 0)
    create(api, 1)

    assert found(api) == [("retried_what_cannot_succeed", "certain")]


def test_a_refusal_that_asks_for_a_retry_has_to_be_retried(api: Api) -> None:
    fail(api, "not_found", should_retry=True, times=1)
    create(api, 0)
    assert found(api) == [("never_retried", "certain")]

    create(api, 1)
    assert found(api) == []


def test_retrying_without_a_wait_is_a_problem(api: Api) -> None:
    fail(api, "server_error", times=2)
    for count in range(3):
        create(api, count)

    assert found(api) == [("no_backoff", "certain")]


@pytest.mark.parametrize(("failures", "codes"), [(2, []), (3, [("no_backoff", "likely")])])
def test_requests_that_do_not_declare_themselves_get_one_retry_more(
    api: Api, failures: int, codes: list[tuple[str, str]]
) -> None:
    fail(api, "overloaded", times=failures)
    for _ in range(failures + 1):
        create(api)

    assert found(api) == codes


def test_retrying_with_a_wait_is_none(api: Api) -> None:
    fail(api, "server_error", times=2)
    for count in range(3):
        create(api, count)
        time.sleep(0.06)

    assert found(api) == []


def test_a_storm_is_a_problem(api: Api) -> None:
    fail(api, "overloaded")
    for count in range(11):
        create(api, count)

    assert found(api) == [("no_backoff", "certain"), ("retry_storm", "certain")]


@pytest.mark.parametrize(("counts", "sure"), [((0, 1), "certain"), ((None, None), "likely")])
def test_creating_twice_is_a_problem(
    api: Api, counts: tuple[int | None, int | None], sure: str
) -> None:
    fail(api, "connection_reset", inject="after", times=1)
    for count in counts:
        create(api, count)

    assert found(api) == [("created_twice", sure)]
    assert len(report(api)["requests"][0]["created"]) == 2


def test_creating_twice_is_possible_where_a_refusal_came_between(api: Api) -> None:
    fail(api, "invalid_api_key", times=1)
    fail(api, "connection_reset", inject="after", times=1)
    for _ in range(3):
        create(api)

    assert found(api) == [("created_twice", "possible")]


@pytest.mark.parametrize(("counts", "sure"), [((0, 1), "certain"), ((0, 0), "possible")])
def test_coming_back_too_early_is_a_problem(api: Api, counts: tuple[int, int], sure: str) -> None:
    fail(api, "rate_limit_exceeded", retry_after=5)
    for count in counts:
        create(api, count)

    assert found(api) == [("retried_too_early", sure)]


def test_every_code_has_a_remedy_that_says_what_to_do(api: Api) -> None:
    fail(api, "overloaded", retry_after=9, times=1)
    fail(api, "connection_reset", inject="after", times=9)
    fail(api, "unsupported_country", times=2)
    for count in range(13):
        create(api, count)
    api.post("/_mock/stubs", {"then": {"fault": "hang"}})
    with Line(api.url) as line:
        line.send(request_bytes(str(api.key), {"model": "gpt-4"}))
        line.see(0.1)
    problems = report(api)["problems"]

    assert {one["code"] for one in problems} == set(REMEDIES)
    assert {one["code"]: one["remedy"] for one in problems}.items() <= REMEDIES.items()


# ── Which requests belong together ───────────────────────────────────────────────


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
