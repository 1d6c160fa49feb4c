"""The report on a client: what it did after a fault."""

from typing import Any

import openai
import pytest

from mockserver import BackgroundServer
from tests.faults.raw import Line, request_bytes
from tests.support import Api, until

CREATE = {"model": "gpt-4o", "name": "Tutor"}


def fail(api: Api, *faults: dict[str, Any]) -> None:
    for fault in reversed(faults):
        rule = {"on": "createAssistant", "times": 1, **fault}
        assert api.post("/_mock/faults", rule).status == 200


def create(api: Api, **fields: Any) -> int | None:
    try:
        return api.post("/v1/assistants", {**CREATE, **fields}).status
    except ConnectionError:
        return None


def report(api: Api) -> Any:
    return api.get("/_mock/report").json


def test_without_faults_the_report_is_empty(api: Api) -> None:
    create(api)

    assert report(api) == {"problems": [], "verdict": [], "faults": {}, "requests": []}


def test_a_client_that_retries_gets_through(api: Api) -> None:
    fail(api, {"fault": "overloaded", "times": 2})
    create(api)
    create(api)
    create(api)
    reported = report(api)
    [request] = reported["requests"]

    assert reported["verdict"] == []
    assert reported["faults"]["overloaded"] == {
        "injected": 2,
        "requests": 1,
        "retried": 1,
        "attempts": 3,
        "got_through": 1,
        "answered_late": 0,
        "refused": 0,
        "looked_up": 0,
        "sent_again": 0,
        "gave_up": 0,
        "not_retried": 0,
        "never_retried": 0,
        "never_looked_up": 0,
        "in_progress": 0,
        "created_twice": 0,
        "retry_after": {"requested": 0, "honoured": 0, "early": 0},
    }
    assert (request["operation"], request["outcome"]) == ("createAssistant", "got through")
    assert [one["status"] for one in request["attempts"]] == [503, 503, 200]
    assert request["attempts"][0]["waited"] is None
    assert all(0 <= one["waited"] < 5 for one in request["attempts"][1:])


def test_another_request_is_not_a_retry(api: Api) -> None:
    fail(api, {"fault": "overloaded"})
    create(api)
    create(api, name="Another")

    assert report(api)["verdict"] == ["never retried: createAssistant after overloaded"]


def test_another_key_is_not_a_retry(api: Api) -> None:
    fail(api, {"fault": "overloaded"})
    create(api)
    create(Api(api.url, f"{api.key}-other"))

    assert [request["outcome"] for request in report(api)["requests"]] == ["never retried"]


@pytest.mark.slow
def test_a_client_that_gives_up_is_reported(server: BackgroundServer, api: Api) -> None:
    fail(api, {"fault": "overloaded", "times": 9})
    client = openai.OpenAI(base_url=server.base_url, api_key=api.key)
    with client, pytest.raises(openai.InternalServerError):
        client.beta.assistants.create(model="gpt-4o")
    [request] = report(api)["requests"]

    assert (request["outcome"], request["count"], request["sure"]) == ("gave up", 3, "certain")
    assert report(api)["problems"] == []


def test_a_lost_response_and_a_retry_create_twice(server: BackgroundServer, api: Api) -> None:
    fail(api, {"fault": "connection_reset", "inject": "after"})
    with openai.OpenAI(base_url=server.base_url, api_key=api.key) as client:
        heard = client.beta.assistants.create(model="gpt-4o")
        both = [one.id for one in client.beta.assistants.list()]
    reported = report(api)

    assert len(both) == 2
    assert reported["verdict"] == [
        f"created twice: createAssistant created {both[1]}, {heard.id}, after connection_reset"
    ]
    assert reported["requests"][0]["created"] == [both[1], heard.id]
    assert reported["faults"]["connection_reset"]["created_twice"] == 1


def test_a_client_with_a_short_timeout_creates_twice(server: BackgroundServer, api: Api) -> None:
    fail(api, {"fault": "latency", "ms": 800})
    with openai.OpenAI(base_url=server.base_url, api_key=api.key, timeout=0.2) as client:
        client.beta.assistants.create(model="gpt-4o")

    assert report(api)["faults"]["latency"]["created_twice"] == 1


def test_a_late_response_that_is_received_needs_no_retry(api: Api) -> None:
    fail(api, {"fault": "latency", "ms": 1})
    create(api)
    until(lambda: report(api)["requests"][0]["outcome"] == "answered late")
    create(api)  # the same request again, which is not a retry
    reported = report(api)

    assert reported["verdict"] == []
    assert [request["outcome"] for request in reported["requests"]] == ["answered late"]


@pytest.mark.parametrize("options", [{"retry_after_ms": 60_000}, {"retry_after": 60}])
def test_a_client_that_retries_early_is_reported(api: Api, options: dict[str, Any]) -> None:
    fail(api, {"fault": "rate_limit_exceeded", **options})
    create(api)
    create(api)
    reported = report(api)

    assert reported["faults"]["rate_limit_exceeded"]["retry_after"] == {
        "requested": 1,
        "honoured": 0,
        "early": 1,
    }
    assert reported["requests"][0]["attempts"][1]["requested_wait"] is None
    assert reported["requests"][0]["attempts"][0]["requested_wait"] == 60
    [sentence] = reported["verdict"]
    assert sentence.startswith("retried too early: createAssistant after 0.0")
    assert sentence.endswith("rate_limit_exceeded requested 60 s")


@pytest.mark.parametrize(
    "options", [{"retry_after_ms": 120}, {"retry_after": 0.12}, {"retry_after_date": 2}]
)
def test_the_official_client_honours_the_requested_wait(
    server: BackgroundServer, api: Api, options: dict[str, Any]
) -> None:
    fail(api, {"fault": "rate_limit_exceeded", **options})
    with openai.OpenAI(base_url=server.base_url, api_key=api.key) as client:
        client.beta.assistants.create(model="gpt-4o")
    reported = report(api)
    [_, retry] = reported["requests"][0]["attempts"]

    assert reported["verdict"] == []
    assert reported["faults"]["rate_limit_exceeded"]["retry_after"] == {
        "requested": 1,
        "honoured": 1,
        "early": 0,
    }
    assert 0.1 < retry["waited"] < 10


def test_the_official_client_obeys_x_should_retry(server: BackgroundServer, api: Api) -> None:
    fail(api, {"fault": "overloaded", "should_retry": False})
    client = openai.OpenAI(base_url=server.base_url, api_key=api.key)
    with client, pytest.raises(openai.InternalServerError):
        client.beta.assistants.create(model="gpt-4o")

    assert report(api)["faults"]["overloaded"]["not_retried"] == 1
    assert report(api)["problems"] == []


def test_the_official_client_does_not_wait_for_ever(server: BackgroundServer, api: Api) -> None:
    """Over its limit (60 s in 1.x, 120 s since 2.x) a client backs off its own way, or gives up."""
    fail(api, {"fault": "overloaded", "retry_after": 121})
    with openai.OpenAI(base_url=server.base_url, api_key=api.key) as client:
        try:
            client.beta.assistants.create(model="gpt-4o")
        except openai.InternalServerError:
            given_up = True
        else:
            given_up = False
    counts = report(api)["faults"]["overloaded"]

    assert given_up == (int(openai.__version__.split(".")[0]) >= 2)
    assert counts["not_retried"] == given_up
    assert counts["retry_after"] == {"requested": 1, "honoured": 0, "early": 1 - given_up}


def test_a_refused_retry_is_not_a_success(api: Api) -> None:
    api.post("/_mock/faults", {"fault": "overloaded", "times": 1})
    for _ in range(2):
        api.post("/v1/assistants", {"model": "none"})

    assert [request["outcome"] for request in report(api)["requests"]] == ["refused"]


def test_the_report_of_the_whole_server_needs_no_key_and_shows_none(
    server: BackgroundServer, api: Api
) -> None:
    fail(api, {"fault": "overloaded"})
    create(api)
    keyless = Api(server.url, None).get("/_mock/report")

    assert report(api)["requests"][0] in keyless.json["requests"]
    assert str(api.key) not in keyless.body.decode()


def test_the_report_can_be_cleared(api: Api) -> None:
    fail(api, {"fault": "overloaded"})
    create(api)
    api.delete("/_mock/report")

    assert report(api)["faults"] == {}


def test_a_thousand_requests_and_a_hundred_attempts_are_kept(api: Api) -> None:
    api.post("/_mock/faults", {"fault": "overloaded"})
    for _ in range(102):
        api.post("/v1/assistants", CREATE)
    [request] = report(api)["requests"]

    assert (request["count"], len(request["attempts"])) == (102, 100)
    for number in range(1000):
        api.post("/v1/assistants", {"model": str(number)})
    reported = report(api)
    assert len(reported["requests"]) == 1000
    assert reported["faults"]["overloaded"]["injected"] == 1102


def test_a_wait_counts_for_the_fault_that_requested_it(api: Api) -> None:
    rule = {"fault": "overloaded", "times": 1, "retry_after": 60}
    api.post("/_mock/faults", [rule, {"fault": "conflict", "times": 1}])
    for _ in range(3):
        create(api)
    reported = report(api)["faults"]

    assert reported["overloaded"]["retry_after"] == {"requested": 1, "honoured": 0, "early": 1}
    assert reported["conflict"]["retry_after"] == {"requested": 0, "honoured": 0, "early": 0}


def test_a_wait_begins_when_the_response_is_sent(api: Api) -> None:
    rule = {"fault": "overloaded", "times": 1, "retry_after": 0.3, "delay": "400ms"}
    api.post("/_mock/faults", rule)
    create(api)
    create(api)

    assert report(api)["faults"]["overloaded"]["retry_after"]["early"] == 1


def test_a_response_that_was_never_sent_requests_no_wait(api: Api) -> None:
    rule = {"fault": "hang", "times": 1, "headers": {"retry-after": "60"}}
    api.post("/_mock/faults", rule)
    for _ in range(2):
        with Line(api.url) as line:
            line.send(request_bytes(str(api.key), {"model": "gpt-4o"}))
            line.see(0.2)
    reported = report(api)

    assert reported["verdict"] == []
    assert reported["faults"]["hang"]["retry_after"] == {"requested": 0, "honoured": 0, "early": 0}


def test_moving_the_clock_counts_as_waiting(api: Api) -> None:
    api.post("/_mock/faults", {"fault": "rate_limit", "requests": 1, "per": "1m"})
    for _ in range(2):
        create(api)
    api.post("/_mock/clock", {"advance": "1m"})
    create(api)

    assert report(api)["verdict"] == []
    assert report(api)["faults"]["rate_limit"]["retry_after"]["honoured"] == 1


@pytest.mark.parametrize("after", ["nan", "inf", "-5", "Mon, 01 Jan 2020 00:00:00 +99999999999999"])
def test_an_invalid_wait_is_ignored(api: Api, after: str) -> None:
    api.post("/_mock/stubs", {"then": {"fault": "overloaded", "headers": {"retry-after": after}}})
    for _ in range(2):
        assert api.post("/v1/assistants", {"model": "gpt-4o"}).status == 503

    assert report(api)["faults"]["overloaded"]["retry_after"]["early"] == 0
