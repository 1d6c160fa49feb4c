"""The verdict on a client: what it did after a fault."""

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


def test_nothing_struck_is_nothing_told(api: Api) -> None:
    create(api)

    assert report(api) == {"verdict": [], "faults": {}, "requests": []}


def test_a_client_that_retries_gets_through(api: Api) -> None:
    fail(api, {"fault": "overloaded", "times": 2})
    create(api)
    create(api)
    create(api)
    told = report(api)
    [case] = told["requests"]

    assert told["verdict"] == []
    assert told["faults"]["overloaded"] == {
        "injected": 2,
        "requests": 1,
        "retried": 1,
        "attempts": 3,
        "got_through": 1,
        "answered_late": 0,
        "refused": 0,
        "gave_up": 0,
        "never_retried": 0,
        "created_twice": 0,
        "retry_after": {"asked": 0, "honoured": 0, "early": 0},
    }
    assert (case["operation"], case["outcome"]) == ("createAssistant", "got through")
    assert [one["status"] for one in case["attempts"]] == [503, 503, 200]
    assert case["attempts"][0]["waited"] is None
    assert all(0 <= one["waited"] < 5 for one in case["attempts"][1:])


def test_another_request_is_no_retry(api: Api) -> None:
    fail(api, {"fault": "overloaded"})
    create(api)
    create(api, name="Another")

    assert report(api)["verdict"] == ["never retried: createAssistant after overloaded"]


def test_another_key_is_no_retry(api: Api) -> None:
    fail(api, {"fault": "overloaded"})
    create(api)
    create(Api(api.url, f"{api.key}-other"))

    assert [case["outcome"] for case in report(api)["requests"]] == ["never retried"]


def test_a_client_that_gives_up_is_told_of(api: Api) -> None:
    fail(api, {"fault": "overloaded", "times": 9})
    for _ in range(3):
        create(api)

    assert report(api)["verdict"] == ["gave up: createAssistant after 3 attempts, on overloaded"]


def test_a_lost_answer_and_a_retry_create_twice(server: BackgroundServer, api: Api) -> None:
    fail(api, {"fault": "connection_reset", "inject": "after"})
    with openai.OpenAI(base_url=server.base_url, api_key=api.key) as client:
        heard = client.beta.assistants.create(model="gpt-4o")
        both = [one.id for one in client.beta.assistants.list()]
    told = report(api)

    assert len(both) == 2
    assert told["verdict"] == [
        f"created twice: createAssistant made {both[1]}, {heard.id}, after connection_reset"
    ]
    assert told["requests"][0]["created"] == [both[1], heard.id]
    assert told["faults"]["connection_reset"]["created_twice"] == 1


def test_a_client_without_patience_creates_twice(server: BackgroundServer, api: Api) -> None:
    fail(api, {"fault": "latency", "ms": 800})
    with openai.OpenAI(base_url=server.base_url, api_key=api.key, timeout=0.2) as client:
        client.beta.assistants.create(model="gpt-4o")

    assert report(api)["faults"]["latency"]["created_twice"] == 1


def test_an_answer_that_was_late_but_taken_needs_no_retry(api: Api) -> None:
    fail(api, {"fault": "latency", "ms": 1})
    create(api)
    until(lambda: report(api)["requests"][0]["outcome"] == "answered late")
    create(api)  # the same again, and on purpose
    told = report(api)

    assert told["verdict"] == []
    assert [case["outcome"] for case in told["requests"]] == ["answered late"]


@pytest.mark.parametrize("asked", [{"retry_after_ms": 60_000}, {"retry_after": 60}])
def test_a_client_that_comes_back_early_is_told_of(api: Api, asked: dict[str, Any]) -> None:
    fail(api, {"fault": "rate_limit_exceeded", **asked})
    create(api)
    create(api)
    told = report(api)

    assert told["faults"]["rate_limit_exceeded"]["retry_after"] == {
        "asked": 1,
        "honoured": 0,
        "early": 1,
    }
    assert told["requests"][0]["attempts"][1]["asked_to_wait"] is None
    assert told["requests"][0]["attempts"][0]["asked_to_wait"] == 60
    [sentence] = told["verdict"]
    assert sentence.startswith("came back early: createAssistant after 0.0")
    assert sentence.endswith("asked for 60 s by rate_limit_exceeded")


@pytest.mark.parametrize(
    "asked", [{"retry_after_ms": 120}, {"retry_after": 0.12}, {"retry_after_date": 2}]
)
def test_the_official_client_honours_what_it_is_asked(
    server: BackgroundServer, api: Api, asked: dict[str, Any]
) -> None:
    fail(api, {"fault": "rate_limit_exceeded", **asked})
    with openai.OpenAI(base_url=server.base_url, api_key=api.key) as client:
        client.beta.assistants.create(model="gpt-4o")
    told = report(api)
    [_, retry] = told["requests"][0]["attempts"]

    assert told["verdict"] == []
    assert told["faults"]["rate_limit_exceeded"]["retry_after"] == {
        "asked": 1,
        "honoured": 1,
        "early": 0,
    }
    assert 0.1 < retry["waited"] < 10


def test_the_official_client_obeys_x_should_retry(server: BackgroundServer, api: Api) -> None:
    fail(api, {"fault": "overloaded", "should_retry": False})
    client = openai.OpenAI(base_url=server.base_url, api_key=api.key)
    with client, pytest.raises(openai.InternalServerError):
        client.beta.assistants.create(model="gpt-4o")

    assert report(api)["faults"]["overloaded"]["never_retried"] == 1


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
    assert counts["never_retried"] == given_up
    assert counts["retry_after"] == {"asked": 1, "honoured": 0, "early": 1 - given_up}


def test_a_retry_that_is_refused_is_no_success(api: Api) -> None:
    api.post("/_mock/faults", {"fault": "overloaded", "times": 1})
    for _ in range(2):
        api.post("/v1/assistants", {"model": "none"})

    assert [case["outcome"] for case in report(api)["requests"]] == ["refused"]


def test_everybodys_verdict_needs_no_key_and_shows_none(server: BackgroundServer, api: Api) -> None:
    fail(api, {"fault": "overloaded"})
    create(api)
    everybody = Api(server.url, None).get("/_mock/report")

    assert report(api)["requests"][0] in everybody.json["requests"]
    assert str(api.key) not in everybody.body.decode()


def test_the_verdict_may_be_forgotten(api: Api) -> None:
    fail(api, {"fault": "overloaded"})
    create(api)
    api.delete("/_mock/report")

    assert report(api)["faults"] == {}


def test_a_thousand_requests_and_a_hundred_tries_are_remembered(api: Api) -> None:
    api.post("/_mock/faults", {"fault": "overloaded"})
    for _ in range(102):
        api.post("/v1/assistants", CREATE)
    [case] = report(api)["requests"]

    assert (case["count"], len(case["attempts"])) == (102, 100)
    for number in range(1000):
        api.post("/v1/assistants", {"model": str(number)})
    told = report(api)
    assert len(told["requests"]) == 1000
    assert told["faults"]["overloaded"]["injected"] == 1102


def test_a_wait_is_of_the_fault_that_asked_for_it(api: Api) -> None:
    asks = {"fault": "overloaded", "times": 1, "retry_after": 60}
    api.post("/_mock/faults", [asks, {"fault": "conflict", "times": 1}])
    for _ in range(3):
        create(api)
    told = report(api)["faults"]

    assert told["overloaded"]["retry_after"] == {"asked": 1, "honoured": 0, "early": 1}
    assert told["conflict"]["retry_after"] == {"asked": 0, "honoured": 0, "early": 0}


def test_a_wait_begins_when_the_answer_is_out(api: Api) -> None:
    asks = {"fault": "overloaded", "times": 1, "retry_after": 0.3, "delay": "400ms"}
    api.post("/_mock/faults", asks)
    create(api)
    create(api)

    assert report(api)["faults"]["overloaded"]["retry_after"]["early"] == 1


def test_nobody_is_blamed_for_an_answer_that_never_came(api: Api) -> None:
    asks = {"fault": "hang", "times": 1, "headers": {"retry-after": "60"}}
    api.post("/_mock/faults", asks)
    for _ in range(2):
        with Line(api.url) as line:
            line.send(request_bytes(str(api.key), {"model": "gpt-4o"}))
            line.see(0.2)
    told = report(api)

    assert told["verdict"] == []
    assert told["faults"]["hang"]["retry_after"] == {"asked": 0, "honoured": 0, "early": 0}


def test_moving_the_clock_is_waiting(api: Api) -> None:
    api.post("/_mock/faults", {"fault": "rate_limit", "requests": 1, "per": "1m"})
    for _ in range(2):
        create(api)
    api.post("/_mock/clock", {"advance": "1m"})
    create(api)

    assert report(api)["verdict"] == []
    assert report(api)["faults"]["rate_limit"]["retry_after"]["honoured"] == 1


@pytest.mark.parametrize("after", ["nan", "inf", "-5", "Mon, 01 Jan 2020 00:00:00 +99999999999999"])
def test_a_wait_that_is_none_is_no_trouble(api: Api, after: str) -> None:
    api.post("/_mock/stubs", {"then": {"fault": "overloaded", "headers": {"retry-after": after}}})
    for _ in range(2):
        assert api.post("/v1/assistants", {"model": "gpt-4o"}).status == 503

    assert report(api)["faults"]["overloaded"]["retry_after"]["early"] == 0
