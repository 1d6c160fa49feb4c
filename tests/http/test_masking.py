"""What is shown of a request has its credentials masked, wherever they stand."""

import pytest

from mockserver.http import masking
from tests.conftest import Start
from tests.control.calls import journal
from tests.faults.raw import Line, request_bytes
from tests.support import Api

SECRET = "hunter2-0123456789-swordfish"
MASKED = "hunter2-****************fish"


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("Authorization", f"Bearer {SECRET}", f"Bearer {MASKED}"),
        ("authorization", f"Basic {SECRET}", f"Basic {MASKED}"),
        ("Authorization", f"Bearer {SECRET} {SECRET}", f"Bearer hunter2-{'*' * 45}fish"),
        ("Authorization", SECRET, MASKED),
        ("Authorization", "sk-first-key second", "sk-first*******cond"),
        ("Proxy-Authorization", f"Basic {SECRET}", f"Basic {MASKED}"),
        ("X-Forwarded-Authorization", f"Bearer {SECRET}", f"Bearer {MASKED}"),
        ("Helicone-Auth", f"Bearer {SECRET}", f"Bearer {MASKED}"),
        ("Cookie", f"session={SECRET}; theme={SECRET}", f"session={MASKED}; theme={MASKED}"),
        ("Cookie", SECRET, MASKED),
        (
            "Set-Cookie",
            f"session={SECRET}; Path=/; HttpOnly",
            f"session={MASKED}; Path=/; HttpOnly",
        ),
        ("Referer", f"http://ada:{SECRET}@localhost/x", f"http://{'*' * 32}@localhost/x"),
        ("Location", f"https://x.blob/y?sv=1&sig={SECRET}", f"https://x.blob/y?sv=1&sig={MASKED}"),
        ("X-Original-URL", f"/v1/models?api_key={SECRET}", f"/v1/models?api_key={MASKED}"),
    ],
)
def test_a_header_shows_its_credential_by_its_ends(name: str, value: str, shown: str) -> None:
    assert masking.mask_header(name, value) == shown


@pytest.mark.parametrize(
    "name",
    [
        *("api-key", "X-API-Key", "Ocp-Apim-Subscription-Key", "X-Goog-Api-Key", "x-functions-key"),
        *("astra-api-token", "X-Auth-Token", "X-Amz-Security-Token", "CF-Access-Client-Secret"),
        *("X-Auth-Key", "apikey", "X-Hub-Signature", "Cf-Access-Jwt-Assertion", "X-Password"),
    ],
)
def test_headers_that_carry_credentials_are_known_by_their_names(name: str) -> None:
    assert masking.mask_header(name, SECRET) == MASKED


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("x-ratelimit-remaining-tokens", "29999966 of 30000000"),
        ("Idempotency-Key", "a-long-key-that-is-no-secret"),
        ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ("OpenAI-Beta", "assistants=v2"),
        ("Content-Type", "application/json; charset=utf-8"),
        ("From", "somebody@example.com"),
        ("X-Mock-Fault", "latency; ms=300"),
    ],
)
def test_other_headers_are_shown_as_they_are(name: str, value: str) -> None:
    assert masking.mask_header(name, value) == value


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        (f"api_key={SECRET}", f"api_key={MASKED}"),
        (f"limit=2&access_token={SECRET}&x=1", f"limit=2&access_token={MASKED}&x=1"),
        (f"SIG={SECRET}", f"SIG={MASKED}"),
        (f"key={SECRET}", f"key={MASKED}"),
        (f"api%5Fkey={SECRET}", f"api%5Fkey={MASKED}"),
        (f"subscription-key={SECRET}", f"subscription-key={MASKED}"),
        (f"X-Amz-Signature={SECRET}", f"X-Amz-Signature={MASKED}"),
        (f"a=1;clientSecret={SECRET}", f"a=1;clientSecret={MASKED}"),
        (f"next=http://ada:{SECRET}@localhost", f"next=http://{'*' * 32}@localhost"),
        ("api_key=short", "api_key=sho**"),
        ("api_key=", "api_key="),
        ("limit=2&order=asc&after=asst_1", "limit=2&order=asc&after=asst_1"),
        ("max_tokens=5&keys=a", "max_tokens=5&keys=a"),
        ("", ""),
    ],
)
def test_a_query_shows_its_credentials_by_their_ends(query: str, shown: str) -> None:
    assert masking.mask_query(query) == shown


def test_nothing_shown_of_a_request_has_a_credential(start: Start) -> None:
    api = Api(start().url, SECRET)
    when = {
        "headers": {
            "x-api-key": f"{SECRET}-other",
            "proxy-authorization": {"not": {"in": [SECRET]}},
        },
        "query": {"sig": {"starts_with": f"{SECRET}-other"}},
    }
    api.post("/_mock/stubs", {"when": when, "then": "default"})
    cookie = {"headers": {"Set-Cookie": f"session={SECRET}"}, "json": {}}
    api.post("/_mock/stubs", {"when": {"operation": "retrieveModel"}, "then": cookie})
    headers = {"Proxy-Authorization": f"Basic {SECRET}", "X-Api-Key": SECRET}
    api.get(f"/v1/models?sig={SECRET}", headers=headers)
    api.get("/v1/models/gpt-4o")

    shown = api.get("/_mock/requests").body.decode()

    assert SECRET not in shown
    assert SECRET[8:-4] not in shown
    with_cookie, with_near_miss = journal(api)
    assert with_cookie["response"]["headers"]["set-cookie"] == f"session={MASKED}"
    assert with_near_miss["request"]["query"] == f"sig={MASKED}"
    [miss] = with_near_miss["near_misses"]
    assert [condition["actual"] for condition in miss["conditions"]] == [
        f'"{MASKED}"',
        f'"Basic {MASKED}"',
        f'"{MASKED}"',
    ]


def test_a_strict_refusal_shows_no_credential(start: Start) -> None:
    api = Api(start(strict=True).url, SECRET)
    when = {"operation": "listModels", "headers": {"x-api-key": "another"}}
    api.post("/_mock/stubs", {"when": when, "then": "default"})

    refused = api.get("/v1/models", headers={"X-Api-Key": SECRET})

    assert MASKED in refused.error["message"]
    assert SECRET not in refused.error["message"]


def test_an_address_on_the_request_line_shows_no_password(api: Api) -> None:
    with Line(api.url) as line:
        line.send(request_bytes(str(api.key), line=f"CONNECT ada:{SECRET}@example.com:443"))
        assert line.see().status == 404

    [entry] = journal(api)
    address = "*" * 32 + "@example.com:443"
    assert entry["request"]["path"] == address
    assert entry["response"]["body"]["error"]["message"] == f"Invalid URL (CONNECT {address})"
