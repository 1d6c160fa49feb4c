"""The ways to request a fault, and their precedence."""

import re
import time
from http.client import HTTPException
from typing import Any

import pytest

from mockserver import BackgroundServer
from mockserver.faults.catalogue import faults
from tests.conftest import Start
from tests.support import Api

HEADER = "X-Mock-Fault"
CREATE = {"model": "gpt-4o"}


def create(api: Api, fault: str | None = None, **fields: Any) -> int:
    headers = {HEADER: fault}
    return api.post("/v1/assistants", {**CREATE, **fields}, headers=headers).status


def test_a_header_fails_only_its_request(api: Api) -> None:
    assert [create(api, "overloaded"), create(api)] == [503, 200]


def test_a_header_fails_a_request_that_would_be_refused_anyway(api: Api) -> None:
    nobody = Api(api.url, None, {HEADER: "overloaded"})

    assert nobody.post("/v1/assistants", b"{").status == 503
    assert nobody.get("/v1/nowhere").status == 503


def test_a_header_takes_options_and_may_write_them_with_dashes(api: Api) -> None:
    reply = api.post(
        "/v1/assistants",
        CREATE,
        headers={HEADER: "conflict; Retry-After=2 ;should_retry=false; status=418"},
    )

    assert reply.status == 418
    assert reply.error["code"] == "conflict"
    assert (reply.headers["retry-after"], reply.headers["x-should-retry"]) == ("2", "false")


def test_a_model_fails_a_request_where_code_cannot_set_a_header(api: Api) -> None:
    assert create(api, model="fault:insufficient_quota") == 429
    assert create(api, model="fault: overloaded; retry_after=1") == 503


def test_a_model_that_requests_latency_gets_the_normal_response(api: Api) -> None:
    reply = api.post("/v1/assistants", {"model": "fault:latency; ms=1", "name": "A"})

    assert reply.status == 200
    assert (reply.json["model"], reply.json["name"]) == ("gpt-4o", "A")


def test_a_rule_is_added_as_a_stub(api: Api) -> None:
    rule = {"fault": "overloaded", "on": "createAssistant", "times": 2, "retry_after": 3}
    added = api.post("/_mock/faults", rule)

    assert added.status == 200
    assert added.json["stubs"][0]["stub"] == {
        "name": "overloaded",
        "when": {"operation": "createAssistant"},
        "then": {"fault": "overloaded", "retry_after": 3},
        "times": 2,
    }
    assert [create(api) for _ in range(3)] == [503, 503, 200]
    assert api.get("/v1/assistants").status == 200


def test_rules_may_be_a_list_and_apply_to_several_operations(api: Api) -> None:
    rules = [
        {"fault": "conflict", "on": ["createAssistant", "modifyAssistant"]},
        {"fault": "overloaded", "on": "list*", "name": "no lists"},
    ]
    assert api.post("/_mock/faults", rules).status == 200

    assert (create(api), api.get("/v1/assistants").status) == (409, 503)
    assert "no lists" in [one["name"] for one in api.get("/_mock/stubs").json["stubs"]]


def test_a_flag_fails_every_key(start: Start) -> None:
    api = start(fault=("overloaded; on=createAssistant; times=1", "conflict; on=list*|delete*"))
    other = Api(api.url, "sk-other")

    assert [create(api), create(other), create(api), create(other)] == [503, 503, 200, 200]
    assert [one.get("/v1/assistants").status for one in (api, other)] == [409, 409]


def test_the_header_wins_over_the_model_then_stubs_then_files_then_flags(
    start: Start, tmp_path: Any
) -> None:
    file = tmp_path / "file.yaml"
    file.write_text("stubs: [{then: {fault: conflict}, when: {operation: create*}}]")
    api = start(fixtures=(str(file),), fault=("overloaded",))
    api.post("/_mock/faults", {"fault": "request_timeout", "on": "createAssistant", "times": 2})

    assert create(api, "bad_gateway", model="fault:server_error") == 502
    assert create(api, model="fault:server_error") == 500
    assert create(api) == 408
    assert create(api) == 408
    assert create(api) == 409
    assert api.get("/v1/assistants").status == 503


def test_a_header_comes_before_the_sunset_and_only_for_its_request(start: Start) -> None:
    api = start(sunset=True)

    assert [create(api), create(api, "overloaded"), create(api)] == [404, 503, 404]


def test_a_lost_response_is_that_of_the_stub_that_decided(api: Api) -> None:
    api.post("/_mock/stubs", {"then": {"body": {"name": "patched"}}})
    with pytest.raises(ConnectionResetError):
        create(api, "connection_reset; inject=after")
    api.delete("/_mock/stubs")

    assert [one["name"] for one in api.get("/v1/assistants").json["data"]] == ["patched"]


def test_latency_does_not_make_an_invalid_request_valid(api: Api) -> None:
    assert create(api, "latency; ms=1", temperature=3) == 400


WRONG = [
    ("nope", "no such fault: 'nope'"),
    ("conection_reset", "did you mean connection_reset"),
    ("", "no such fault: ''"),
    ("hang; ms=3", "hang has no option 'ms': it takes status, delay, inject"),
    ("latency; ms=soon", "ms: expected a number from 0"),
    ("connection_reset; after_bytes=1.5", "expected a whole number"),
    ("conflict; should_retry=maybe", "expected true or false"),
    ("conflict; status", "write NAME; option=value"),
    ("conflict; status=200; status=300", "given twice"),
    ("conflict; status=9", "greater than or equal to 200"),
    ("latency; inject=before", "latency only delays the response"),
    ("rate_limit; requests=3", "a rate limit does not apply to one request"),
    ("conflict; times=3", "conflict has no option 'times'"),
]


@pytest.mark.parametrize(("text", "words"), WRONG)
@pytest.mark.parametrize("way", [HEADER, "model"])
def test_a_fault_requested_wrongly_is_refused_with_the_remedy(
    api: Api, way: str, text: str, words: str
) -> None:
    body = {"model": f"fault:{text}"} if way == "model" else CREATE
    reply = api.post("/v1/assistants", body, headers={HEADER: text if way == HEADER else None})

    assert reply.status == 400
    assert (reply.error["param"], reply.error["code"]) == (way, "unknown_fault")
    assert words in reply.error["message"]


def test_an_unknown_name_is_reported_with_the_known_ones(api: Api) -> None:
    message = api.get("/v1/assistants", headers={HEADER: "zzz"}).error["message"]

    assert all(name in message for name in faults())


@pytest.mark.parametrize(
    ("rule", "place", "words"),
    [
        ({"fault": "nope"}, "fault", "no such fault"),
        ({"fault": "hang", "on": "createAssistent"}, "on", "no such operation"),
        ({"fault": "hang", "times": 0}, "times", "greater than or equal to 1"),
        ({"fault": "latency", "ms": -1}, "ms", "expected a number"),
        ({"ms": 1}, "", "not a fault rule"),
        (
            {"fault": "hang", "on": "list*", "when": {"operation": "getAssistant"}},
            "on",
            "given twice",
        ),
        ({"rate_limit": {"requests": 3}}, "rate_limit", "missing key 'per'"),
        ({"fault": "rate_limit", "requests": 1, "per": "0s"}, "rate_limit.per", "the period is 0"),
    ],
)
def test_a_wrong_rule_is_reported_with_its_place(
    api: Api, rule: object, place: str, words: str
) -> None:
    reply = api.post("/_mock/faults", rule)
    [problem] = reply.json["errors"]

    assert reply.status == 400
    assert problem["place"] == place
    assert words in problem["what"]
    assert problem["remedy"]


def test_a_wrong_flag_stops_the_start_with_every_problem(start: Start) -> None:
    with pytest.raises(ValueError, match=r"--fault 'nope; times=0'.*no such fault: 'nope'"):
        start(fault=("nope; times=0",))


def test_the_journal_has_the_fault_and_the_status_that_the_client_received(api: Api) -> None:
    create(api, "overloaded")
    with pytest.raises(ConnectionResetError):
        create(api, "connection_reset")
    create(api)
    entries = api.get("/_mock/requests").json["requests"]

    assert [(one["fault"], one["response"]["status"]) for one in entries] == [
        (None, 200),
        ("connection_reset", None),
        ("overloaded", 503),
    ]


def test_the_catalogue_lists_every_fault_with_its_options(api: Api) -> None:
    rows = {row["name"]: row for row in api.get("/_mock/faults").json["faults"]}

    assert rows.keys() == {*faults(), "rate_limit"}
    assert rows["latency"]["options"] == [
        {"name": "ms", "what": "the delay, in milliseconds", "default": 1000},
        {
            "name": "between_ms",
            "what": "the delay of each event of a stream, in milliseconds",
            "default": 0,
        },
    ]
    assert rows["overloaded"]["source"] in ("recorded", "sister", "inferred")
    assert all(row["effect"] for row in rows.values())


def test_a_fault_of_a_stub_has_no_effect_if_the_header_wins(api: Api) -> None:
    fault = {"fault": "overloaded", "headers": {"x-stub": "1"}, "delay": "2s"}
    api.post("/_mock/stubs", {"then": fault})
    begin = time.monotonic()
    reply = api.post("/v1/assistants", CREATE, headers={HEADER: "latency; ms=1"})

    assert (reply.status, reply.headers.get("x-stub")) == (200, None)
    assert time.monotonic() - begin < 1
    [entry] = api.get("/_mock/requests").json["requests"]
    assert (entry["decided_by"], entry["fault"]) == (HEADER, "latency")


def test_the_headers_of_a_patch_are_not_on_a_delayed_error(api: Api) -> None:
    api.post("/_mock/stubs", {"then": {"body": {"name": "Ada"}, "headers": {"x-stub": "1"}}})
    late = {HEADER: "latency; ms=1"}

    refused = api.post("/v1/assistants", {**CREATE, "temperature": 3}, headers=late)
    made = api.post("/v1/assistants", CREATE, headers=late)

    assert (refused.status, refused.headers.get("x-stub")) == (400, None)
    assert (made.json["name"], made.headers.get("x-stub")) == ("Ada", "1")


def test_invalid_api_key_without_a_key_shows_an_empty_key(server: BackgroundServer) -> None:
    reply = Api(server.url, None).get("/v1/models", headers={HEADER: "invalid_api_key"})

    assert "provided: . You" in reply.error["message"]


@pytest.mark.parametrize(
    ("option", "header", "value"),
    [
        ("retry_after_ms=1500000", "retry-after-ms", "1500000"),
        ("retry_after=1234567.5", "retry-after", "1234567.5"),
        ("retry_after=0.000001", "retry-after", "0.000001"),
    ],
)
def test_a_wait_is_written_without_an_exponent(
    api: Api, option: str, header: str, value: str
) -> None:
    reply = api.get("/v1/models", headers={HEADER: f"overloaded; {option}"})

    assert reply.headers[header] == value


def test_the_message_of_a_429_has_the_same_wait_as_its_header(api: Api) -> None:
    headers = {HEADER: "rate_limit_exceeded; retry_after=72"}
    reply = api.post("/v1/assistants", CREATE, headers=headers)

    assert "Please try again in 1m12s." in reply.error["message"]


@pytest.mark.parametrize("length", [0, 17, 300, 500])
def test_a_reset_has_no_status_after_any_number_of_bytes(api: Api, length: int) -> None:
    with pytest.raises((OSError, HTTPException)):
        api.get("/v1/models", headers={HEADER: f"connection_reset; after_bytes={length}"})
    [entry] = api.get("/_mock/requests?status=none").json["requests"]

    assert entry["response"]["status"] is None


def test_a_rule_that_is_too_long_is_refused_at_once(api: Api) -> None:
    reply = api.post("/v1/assistants", {"model": "fault:" + "x;" * 5_000_000})

    assert reply.status == 400
    assert "10000000 characters are no fault" in reply.error["message"]


def test_wrong_flags_are_reported_together(start: Start) -> None:
    with pytest.raises(ValueError, match="no such fault: 'nope'") as raised:
        start(fault=("nope", "latency; ms=soon", "overloaded"))

    assert re.findall(r"--fault '(\w+)", str(raised.value)) == ["latency", "nope"]
