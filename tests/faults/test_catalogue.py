"""Every fault that is an error response, over HTTP."""

import json
from typing import Any

import pytest

from mockserver.faults.catalogue import check, error_faults, faults
from mockserver.problems import Place
from tests.support import Api, Reply

FAULTS = {
    "invalid_api_key": (401, "invalid_request_error", None, "invalid_api_key"),
    "no_api_key": (401, "invalid_request_error", None, None),
    "missing_scope": (401, "invalid_request_error", None, "missing_scope"),
    "unsupported_country": (403, "request_forbidden", None, "unsupported_country_region_territory"),
    "invalid_beta": (400, "invalid_request_error", None, "invalid_beta"),
    "model_not_found": (400, "invalid_request_error", "model", "model_not_found"),
    "unsupported_model": (400, "invalid_request_error", "model", "unsupported_model"),
    "rate_limit_exceeded": (429, "requests", None, "rate_limit_exceeded"),
    "tokens_rate_limit": (429, "tokens", None, "rate_limit_exceeded"),
    "insufficient_quota": (429, "insufficient_quota", None, "insufficient_quota"),
    "server_error": (500, "server_error", None, None),
    "overloaded": (503, "server_error", None, None),
    "not_found": (404, "invalid_request_error", None, None),
    "conflict": (409, "invalid_request_error", None, "conflict"),
    "request_timeout": (408, "server_error", None, None),
    "payload_too_large": (413, "server_error", None, None),
}
TEXTS = {"html_error": 520, "bad_gateway": 502, "gateway_timeout": 504, "sunset": 404}


def fail(api: Api, name: str, sent: object = None, **options: Any) -> Reply:
    stub = {"when": {"operation": "createAssistant"}, "then": {"fault": name, **options}}
    reply = api.post("/_mock/stubs", stub)
    assert reply.status == 200, reply.body
    return api.post("/v1/assistants", {"model": "gpt-4o"} if sent is None else sent)


def stored(api: Api) -> list[Any]:
    found: list[Any] = api.get("/v1/assistants").json["data"]
    return found


def test_every_error_fault_is_covered() -> None:
    assert {*FAULTS, *TEXTS} == error_faults().keys()


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_has_its_status_and_its_envelope(api: Api, name: str) -> None:
    status, kind, param, code = FAULTS[name]
    reply = fail(api, name)

    assert reply.status == status
    assert (reply.error["type"], reply.error["param"], reply.error["code"]) == (kind, param, code)
    assert reply.error["message"]
    assert reply.headers["Content-Type"].startswith("application/json")
    assert reply.headers["x-request-id"].startswith("req_")
    assert stored(api) == []


@pytest.mark.parametrize("name", TEXTS)
def test_a_fault_that_is_a_text_has_its_status_and_its_text(api: Api, name: str) -> None:
    reply = fail(api, name)

    assert reply.status == TEXTS[name]
    assert reply.body.decode() == error_faults()[name].text
    assert "openai-version" not in reply.headers
    assert stored(api) == []


@pytest.mark.parametrize("name", ["bad_gateway", "gateway_timeout", "html_error"])
def test_a_gateways_page_is_html(api: Api, name: str) -> None:
    reply = fail(api, name)

    assert reply.headers["Content-Type"].startswith("text/html")
    assert b"<head><title>" in reply.body


@pytest.mark.parametrize("name", [*FAULTS, *TEXTS])
@pytest.mark.parametrize("body", [{"model": 5, "nope": 1}, [1]])
def test_a_fault_applies_to_an_invalid_body(api: Api, name: str, body: object) -> None:
    assert fail(api, name, body).status == error_faults()[name].status


@pytest.mark.parametrize("name", [*FAULTS, *TEXTS])
def test_status_and_headers_of_a_fault_can_be_replaced(api: Api, name: str) -> None:
    headers = {"retry-after": "3", "x-should-retry": "false", "Content-Type": "text/x-mine"}
    reply = fail(api, name, status=418, headers=headers)

    assert reply.status == 418
    assert {name: reply.headers[name] for name in headers} == headers
    assert reply.headers.get_all("Content-Type") == ["text/x-mine"]


@pytest.mark.parametrize("name", FAULTS)
def test_the_body_of_a_fault_can_be_patched(api: Api, name: str) -> None:
    reply = fail(api, name, body={"error": {"message": "mine"}})

    assert reply.error["message"] == "mine"
    assert reply.error["type"] == FAULTS[name][1]


@pytest.mark.parametrize("name", TEXTS)
def test_a_fault_that_is_a_text_can_be_given_a_body(api: Api, name: str) -> None:
    reply = fail(api, name, body={"mine": "{{ request.body.model }}"})

    assert reply.json == {"mine": "gpt-4o"}
    assert reply.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    "name", ["model_not_found", "unsupported_model", "rate_limit_exceeded", "tokens_rate_limit"]
)
def test_a_fault_names_the_requested_model(api: Api, name: str) -> None:
    assert "my {odd} model" in fail(api, name, {"model": "my {odd} model"}).error["message"]


def test_a_server_error_names_the_request(api: Api) -> None:
    reply = fail(api, "server_error")

    assert reply.headers["x-request-id"] in reply.error["message"]


def test_a_wrong_key_is_shown_masked(api: Api) -> None:
    message = fail(
        Api(api.url, "sk-abcdefghijklmnopqrstuvwxyz0123456789"), "invalid_api_key"
    ).error["message"]

    assert "ghijklmnopqrstuv" not in message
    assert "Incorrect API key provided: sk-" in message


def test_a_gateway_fault_has_the_gateways_layout(api: Api) -> None:
    reply = fail(api, "no_api_key")

    assert reply.body == json.dumps(reply.json, indent=4).encode() + b"\n"
    assert "openai-version" not in reply.headers


def test_a_fault_applies_to_every_operation_of_its_stub(api: Api) -> None:
    made = api.create()
    api.post("/_mock/stubs", {"when": {"operation": "*"}, "then": {"fault": "overloaded"}})
    path = f"/v1/assistants/{made['id']}"
    replies = [api.get("/v1/assistants"), api.get(path), api.post(path, {}), api.delete(path)]

    assert [reply.status for reply in replies] == [503] * 4


def test_every_fault_has_an_effect() -> None:
    assert all(fault.effect for fault in faults().values())


def test_an_unknown_fault_and_unknown_options_are_reported() -> None:
    reported: list[tuple[Place, str, str]] = []

    def report(*one: Any) -> None:
        reported.append(one)

    check("nope_nope", {}, None, ("then",), report)
    check("conflict", {"x": 1, "y": 2}, None, ("then",), report)
    check("conflict", {}, None, ("then",), report)

    assert [place for place, _, _ in reported] == [("then", "fault"), ("then", "x"), ("then", "y")]
