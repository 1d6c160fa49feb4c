"""The verdict on a client: what is a problem, and what is none."""

import time
from typing import Any

import pytest

from mockserver.verification.verdict import REMEDIES
from tests.api.conversation import thread
from tests.api.streams import begin
from tests.faults.raw import Line, request_bytes
from tests.support import Api
from tests.verification.clients import CREATE, create, fail, found, outcomes, report, stream

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
    path, body = begin(api, thread(api, "a"), {"fault": "stream_cut"}, {"say": "b"})
    assert [stream(api, path, body), stream(api, path, body)] == [None, 400]
    assert stream(api, "/v1/threads/runs", body | {"instructions": "Be brief."}) is None
    api.post("/_mock/stubs", {"then": {"fault": "hang"}})
    with Line(api.url) as line:
        line.send(request_bytes(str(api.key), {"model": "gpt-4"}))
        line.see(0.1)
    problems = report(api)["problems"]

    assert {one["code"] for one in problems} == set(REMEDIES)
    assert {one["code"]: one["remedy"] for one in problems}.items() <= REMEDIES.items()
