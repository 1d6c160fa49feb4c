"""A rate limit allows a number of requests per period, and reports exact numbers."""

import re
from typing import Any

import pytest

from mockserver.stubs.rate_limiter import Limit, LimitState
from tests.conftest import Start
from tests.support import Api, Reply

RATE = {"then": {"rate_limit": {"requests": 3, "per": "1m"}}}


def create(api: Api, **fields: Any) -> Reply:
    return api.post("/v1/assistants", {"model": "gpt-4o", **fields})


def ratelimits(reply: Reply) -> dict[str, str]:
    return {
        name.lower().removeprefix("x-ratelimit-"): value
        for name, value in reply.headers.items()
        if name.lower().startswith("x-ratelimit-")
    }


def test_three_requests_pass_and_the_fourth_is_refused_until_a_minute_has_passed(api: Api) -> None:
    api.post("/_mock/stubs", RATE)
    passed = [create(api) for _ in range(3)]
    refused = create(api)

    assert [reply.status for reply in passed] == [200] * 3
    assert [ratelimits(reply)["remaining-requests"] for reply in passed] == ["2", "1", "0"]
    assert refused.status == 429
    assert ratelimits(refused) == {
        "limit-requests": "3",
        "remaining-requests": "0",
        "reset-requests": "1m0s",
    }
    assert refused.headers["retry-after"] == "60"
    assert refused.error["code"] == "rate_limit_exceeded"
    assert (
        "for gpt-4o in organization org-mockserver on requests per min (RPM): Limit 3, Used 3, "
        "Requested 1. Please try again in 1m0s."
    ) in refused.error["message"]

    api.post("/_mock/clock", {"advance": "1m"})
    assert create(api).status == 200
    assert len(api.get("/v1/assistants").json["data"]) == 4


def test_a_request_within_the_limit_is_answered_by_the_stubs_behind_it(api: Api) -> None:
    api.post("/_mock/stubs", [RATE, {"then": {"body": {"name": "behind"}}}])
    reply = create(api)

    assert reply.json["name"] == "behind"
    assert ratelimits(reply)["remaining-requests"] == "2"


def test_a_limit_counts_each_key_separately(start: Start) -> None:
    api = start(fault=("rate_limit; requests=1; per=1m",))
    other = Api(api.url, "sk-other")

    assert [one.get("/v1/models").status for one in (api, other, api, other)] == [
        200,
        200,
        429,
        429,
    ]


def test_a_limit_counts_all_matching_requests_or_each_operation(api: Api, start: Start) -> None:
    for one, by, second in ((api, "all", 429), (start(), "operation", 200)):
        one.post("/_mock/faults", {"fault": "rate_limit", "requests": 1, "per": "1m", "by": by})
        assert one.get("/v1/models").status == 200
        assert one.get("/v1/assistants").status == second


def test_a_limit_applies_to_its_operation(api: Api) -> None:
    api.post("/_mock/faults", {"fault": "rate_limit", "on": "list*", "requests": 0, "per": "30s"})

    assert create(api).status == 200
    assert "requests per 30s: Limit 0, Used 0" in api.get("/v1/assistants").error["message"]


def test_the_ticks_of_created_objects_do_not_end_a_period(api: Api) -> None:
    api.post("/_mock/faults", {"fault": "rate_limit", "requests": 3, "per": "2s"})

    assert [create(api).status for _ in range(4)] == [200, 200, 200, 429]


def test_the_tightest_of_several_limits_is_reported(api: Api) -> None:
    for requests in (5, 2):
        api.post("/_mock/faults", {"fault": "rate_limit", "requests": requests, "per": "1m"})

    assert [ratelimits(create(api))["limit-requests"] for _ in range(3)] == ["2", "2", "2"]


def test_the_report_counts_a_limit_as_a_fault(api: Api) -> None:
    api.post("/_mock/faults", {"fault": "rate_limit", "requests": 0, "per": "1m"})
    create(api)

    assert api.get("/_mock/report").json["faults"]["rate_limit"]["injected"] == 1


@pytest.mark.parametrize(
    ("reset", "text"),
    [
        (0.0061, "7ms"),
        (0.12, "120ms"),
        (1, "1s"),
        (59.2, "1m0s"),
        (72, "1m12s"),
        (3600, "1h0m0s"),
        (86399, "23h59m59s"),
    ],
)
def test_a_wait_is_written_as_go_does(reset: float, text: str) -> None:
    assert LimitState(Limit(1, 60), 1, reset, exceeded=True).wait == text
    assert re.fullmatch(r"(\d+h)?(\d+m)?(\d+s)?|\d+ms", text)


def test_a_period_ends_when_its_length_has_passed(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr("mockserver.real_time.monotonic", lambda: now[0])
    api.post("/_mock/faults", {"fault": "rate_limit", "requests": 1, "per": "10s"})

    assert [create(api).status, create(api).status] == [200, 429]
    now[0] += 9.5
    assert create(api).headers["retry-after"] == "1"
    now[0] += 0.5
    assert create(api).status == 200


def test_two_limits_of_one_stub_count_separately(api: Api) -> None:
    limits = [{"requests": 1, "per": "1m"}, {"requests": 1, "per": "2m"}]
    api.post("/_mock/stubs", {"then": [{"rate_limit": limit} for limit in limits]})

    assert [create(api).status for _ in range(4)] == [200, 429, 200, 429]


def test_a_limit_that_is_never_reached_counts_as_used(api: Api) -> None:
    api.request("PUT", "/_mock/settings", {"strict": {"unused_stubs": "error"}})
    api.post("/_mock/stubs", RATE)
    create(api)
    [stub] = api.get("/_mock/stubs").json["stubs"]

    assert stub["matched"] == 1
    assert api.delete("/_mock/namespace").json["unused_stubs"] == []
