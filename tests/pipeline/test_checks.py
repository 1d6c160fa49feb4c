"""What is decided of a request before its fields: route, key, beta header."""

import base64
import contextlib
import json
import re
from dataclasses import replace
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.conftest import Start
from tests.support import Api, Reply

NO_KEY = (
    "You didn't provide an API key. You need to provide your API key in an Authorization header "
    "using Bearer auth (i.e. Authorization: Bearer YOUR_KEY), or as the password field (with blank "
    "username) if you're accessing the API from your browser and are prompted for a username and "
    "password. You can obtain an API key from https://platform.openai.com/account/api-keys."
)
NO_BETA = (
    "You must provide the 'OpenAI-Beta' header to access the Assistants API. "
    "Please try again by setting the header 'OpenAI-Beta: assistants=v2'."
)
V1_BETA = (
    "The v1 Assistants API has been deprecated. Please try again by setting the header "
    "'OpenAI-Beta: assistants=v2'. See the migration guide for more information: "
    "https://platform.openai.com/docs/assistants/migration."
)
V1_PATH = (
    "The v1 Assistants API has been deprecated. See the migration guide for more information: "
    "https://platform.openai.com/docs/assistants/migration."
)
EVERY_ASSISTANT_CALL = pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/assistants"),
        ("GET", "/v1/assistants"),
        ("GET", "/v1/assistants/asst_1"),
        ("POST", "/v1/assistants/asst_1"),
        ("DELETE", "/v1/assistants/asst_1"),
    ],
)


def error(message: str, code: str | None, param: str | None = None) -> dict[str, str | None]:
    return {"message": message, "type": "invalid_request_error", "param": param, "code": code}


def basic(name: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


# ── Keys ─────────────────────────────────────────────────────────────────────────


def assert_of_the_gateway(reply: Reply) -> None:
    assert reply.status == 401
    assert reply.headers["Content-Type"] == "application/json; charset=utf-8"
    assert reply.headers["Vary"] == "Origin"
    assert reply.body == json.dumps(reply.json, indent=4).encode() + b"\n"
    assert not [name for name in reply.headers if name.lower().startswith("openai-")]


@EVERY_ASSISTANT_CALL
def test_a_request_without_a_key_is_turned_away(api: Api, method: str, path: str) -> None:
    reply = replace(api, key=None).request(method, path)

    assert_of_the_gateway(reply)
    assert reply.error == error(NO_KEY, None)


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer",
        "Bearer ",
        "Digest abc",
        "Basic",
        "Basic !!!",
        basic("", ""),
        basic("sk-name", ""),
    ],
)
def test_a_header_without_a_key_is_as_good_as_none(api: Api, authorization: str) -> None:
    reply = api.get("/v1/assistants", headers={"Authorization": authorization})

    assert_of_the_gateway(reply)
    assert reply.error == error(NO_KEY, None)


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        (
            "not-a-real-key\tbut-should-be-sanitized",
            "not-a-re**************************ized",
        ),
        ("fake\tkey", "fake\tkey"),
    ],
)
def test_a_key_that_can_be_none_is_shown_masked(api: Api, key: str, shown: str) -> None:
    reply = replace(api, key=key).get("/v1/assistants")

    assert_of_the_gateway(reply)
    message = (
        f"Incorrect API key provided: {shown}. "
        "You can find your API key at https://platform.openai.com/account/api-keys."
    )
    assert reply.error == error(message, "invalid_api_key")


def test_the_recorded_answer_to_a_bad_key_has_the_recorded_length(api: Api) -> None:
    bad = replace(api, key="not-a-real-key\tbut-should-be-sanitized")

    assert bad.get("/v1/assistants").headers["Content-Length"] == "288"


def test_a_key_beyond_ascii_is_refused(api: Api) -> None:
    assert_of_the_gateway(replace(api, key="sk-ñññññññññ").get("/v1/assistants"))


def test_a_key_may_come_as_the_password_of_a_nameless_user(api: Api) -> None:
    created = api.create()

    listed = api.get("/v1/assistants", headers={"Authorization": basic("", str(api.key))})

    assert listed.json["data"] == [created]


def test_the_scheme_may_be_written_in_any_case(api: Api) -> None:
    headers = {"Authorization": f"bearer {api.key}"}

    assert api.get("/v1/assistants", headers=headers).status == 200


def test_the_key_is_looked_at_before_the_beta_header_and_the_body(api: Api) -> None:
    reply = replace(api, key=None).post("/v1/assistants", b"{", headers={"OpenAI-Beta": None})

    assert reply.error["message"] == NO_KEY


# ── The beta header ──────────────────────────────────────────────────────────────


@EVERY_ASSISTANT_CALL
@pytest.mark.parametrize(
    ("value", "message"),
    [(None, NO_BETA), ("assistants=v1", V1_BETA), ("assistants=v9", NO_BETA), ("foo", NO_BETA)],
)
def test_every_call_needs_the_beta_header(
    api: Api, method: str, path: str, value: str | None, message: str
) -> None:
    reply = api.request(method, path, headers={"OpenAI-Beta": value})

    assert reply.status == 400
    assert reply.error == error(message, "invalid_beta")
    assert reply.headers["Content-Type"] == "application/json"


def test_the_beta_header_is_looked_at_before_the_body(api: Api) -> None:
    reply = api.post("/v1/assistants", b"{", headers={"OpenAI-Beta": None})

    assert reply.error["message"] == NO_BETA


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_path_of_v1_says_that_v1_is_gone(api: Api, method: str) -> None:
    reply = api.request(
        method, "/v1/assistants/asst_1/files", headers={"OpenAI-Beta": "assistants=v1"}
    )

    assert reply.status == 400
    assert reply.error == error(V1_PATH, "invalid_beta")


def test_the_beta_header_may_stand_on_several_lines(api: Api) -> None:
    connection = HTTPConnection(urlsplit(api.url).netloc)
    with contextlib.closing(connection):
        connection.putrequest("GET", "/v1/assistants")
        connection.putheader("Authorization", f"Bearer {api.key}")
        connection.putheader("OpenAI-Beta", "realtime=v1")
        connection.putheader("OpenAI-Beta", "assistants=v2")
        connection.endheaders()

        assert connection.getresponse().status == 200


# ── The content type ─────────────────────────────────────────────────────────────


def wrong_type(shown: str, header: str) -> dict[str, Any]:
    return error(
        f"Unsupported content type: '{shown}'. This API method only accepts 'application/json' "
        f"requests, but you specified the header 'Content-Type: {header}'. "
        "Please try again with a supported content type.",
        "unsupported_content_type",
    )


@pytest.mark.parametrize(
    ("content_type", "shown"),
    [
        ("text/plain", "text/plain"),
        ("application/x-www-form-urlencoded", "application/x-www-form-urlencoded"),
        ("text/plain; charset=utf-8", "text/plain"),
        ("multipart/form-data; boundary=x", "multipart/form-data"),
        ("application/jsonp", "application/jsonp"),
        ("application/vnd.api+json", "application/vnd.api+json"),
        ("nonsense", "nonsense"),
        ("", ""),
    ],
)
@pytest.mark.parametrize("body", [{"model": "gpt-4o"}, b"{"])
def test_a_body_has_to_say_that_it_is_json(
    api: Api, content_type: str, shown: str, body: Any
) -> None:
    reply = api.post("/v1/assistants", body, headers={"Content-Type": content_type})

    assert reply.status == 400
    assert reply.error == wrong_type(shown, content_type)


def test_bytes_that_are_no_text_are_shown_as_question_marks(api: Api) -> None:
    reply = api.post("/v1/assistants", {}, headers={"Content-Type": "text/ñ"})

    assert reply.error == wrong_type("text/?", "text/?")


@pytest.mark.parametrize("path", ["/v1/assistants", "/v1/assistants/asst_1"])
def test_a_body_without_a_content_type_is_refused(api: Api, path: str) -> None:
    reply = api.post(path, {"model": "gpt-4o"}, headers={"Content-Type": None})

    assert (reply.status, reply.error["code"]) == (400, "unsupported_content_type")
    assert "you did not specify the header 'Content-Type'" in reply.error["message"]


@pytest.mark.parametrize(
    "content_type",
    ["application/json; charset=utf-8", "application/json;charset=utf-16", "Application/JSON"],
)
def test_the_parameters_of_a_content_type_do_not_matter(api: Api, content_type: str) -> None:
    reply = api.post("/v1/assistants", {"model": "gpt-4o"}, headers={"Content-Type": content_type})

    assert reply.status == 200


def test_without_a_body_there_need_be_no_content_type(api: Api) -> None:
    path = f"/v1/assistants/{api.create()['id']}"

    for content_type in (None, "text/plain"):
        assert api.post(path, b"", headers={"Content-Type": content_type}).status == 200
        assert api.get(path, headers={"Content-Type": content_type}).status == 200


# ── Routes ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/assistantz"),
        ("GET", "/v1"),
        ("PUT", "/"),
        ("GET", "/v2/assistants"),
        ("GET", "/v1/assistants/"),
        ("GET", "/v1//assistants"),
        ("POST", "/v1/assistants/asst_1/files"),
        ("GET", "/v1/v1/assistants"),
    ],
)
def test_an_unknown_address_is_named(api: Api, method: str, path: str) -> None:
    reply = api.request(method, f"{path}?limit=1")

    assert reply.status == 404
    assert reply.error == error(f"Invalid URL ({method} {path})", None)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/v1/assistants", {"GET", "POST"}),
        ("DELETE", "/v1/assistants", {"GET", "POST"}),
        ("PUT", "/v1/assistants/asst_1", {"GET", "POST", "DELETE"}),
        ("PATCH", "/v1/assistants/asst_1", {"GET", "POST", "DELETE"}),
        ("POST", "/v1/models", {"GET"}),
        ("POST", "/v1/models/gpt-4o", {"GET", "DELETE"}),
    ],
)
def test_a_wrong_method_is_told_the_right_ones(
    api: Api, method: str, path: str, allowed: set[str]
) -> None:
    reply = api.request(method, path)

    assert reply.status == 405
    assert set(reply.headers["Allow"].split(", ")) == allowed
    assert reply.error["code"] == "method_not_supported"


def test_the_only_right_method_is_named_in_the_sentence(api: Api) -> None:
    reply = api.post("/v1/models")

    assert reply.error == error("Only GET requests are accepted.", "method_not_supported")


# ── Mounts ───────────────────────────────────────────────────────────────────────

MOUNTS = ["/v1{}", "{}", "/openai/v1{}", "/openai{}?api-version=2024-05-01-preview"]


@pytest.mark.parametrize("mount", MOUNTS)
def test_every_mount_serves_every_operation(api: Api, mount: str) -> None:
    created = api.post(mount.format("/assistants"), {"model": "gpt-4o"})
    path = mount.format(f"/assistants/{created.json['id']}")

    assert created.status == 200
    assert api.get(mount.format("/assistants")).json["data"] == [created.json]
    assert api.get(path).body == created.body
    assert api.post(path, {"name": "x"}).json["name"] == "x"
    assert api.delete(path).json["deleted"] is True
    assert api.get(mount.format("/models/gpt-4o")).json["id"] == "gpt-4o"


def test_the_mount_changes_nothing_in_the_answer(api: Api) -> None:
    replies = [
        replace(api, key=f"{api.key}-{n}").post(mount.format("/assistants"), {"model": "gpt-4o"})
        for n, mount in enumerate(MOUNTS)
    ]

    assert len({reply.body for reply in replies}) == 1


@pytest.mark.parametrize("mount", MOUNTS[2:])
def test_azure_clients_bring_a_header_of_their_own_and_any_model(api: Api, mount: str) -> None:
    azure = replace(api, key=None, headers={"api-key": api.key})

    created = azure.post(
        mount.format("/assistants"), {"model": "my-deployment", "temperature": 0.5}
    )

    assert created.json["model"] == "my-deployment"
    assert api.get("/v1/assistants").json["data"] == [created.json]


@pytest.mark.parametrize("mount", MOUNTS[:2])
def test_elsewhere_a_model_has_to_exist(api: Api, mount: str) -> None:
    reply = api.post(mount.format("/assistants"), {"model": "my-deployment"})

    assert reply.error["code"] == "model_not_found"


@pytest.mark.parametrize("mount", MOUNTS[:2])
def test_an_address_that_is_refused_is_named_with_its_mount(api: Api, mount: str) -> None:
    path = mount.format("/nothing")

    assert api.get(path).error["message"] == f"Invalid URL (GET {path})"


# ── Headers ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/assistants", 200),
        ("/v1/models", 200),
        ("/v1/assistants?limit=0", 400),
        ("/v1/assistants/foo", 400),
        ("/v1/assistants/asst_1", 404),
        ("/v1/nothing", 404),
    ],
)
def test_every_answer_carries_the_headers_of_the_service(api: Api, path: str, status: int) -> None:
    reply = api.get(path)

    assert reply.status == status
    assert reply.headers["Content-Type"] == "application/json"
    assert reply.headers["openai-version"] == "2020-10-01"
    assert reply.headers["openai-organization"]
    assert reply.headers["openai-processing-ms"].isdecimal()
    assert re.fullmatch(r"req_[0-9a-f]{32}", reply.headers["x-request-id"])
    assert int(reply.headers["Content-Length"]) == len(reply.body)
    assert not [name for name in reply.headers if name.lower().startswith("x-ratelimit")]


@pytest.mark.parametrize("path", ["/v1/assistants?limit=0", "/v1/assistants/asst_1", "/v1/no"])
def test_errors_are_laid_out_like_everything_else(api: Api, path: str) -> None:
    reply = api.get(path)

    assert reply.body == json.dumps(reply.json, indent=2, ensure_ascii=False).encode()


def test_requests_that_are_repeated_have_ids_of_their_own(api: Api) -> None:
    ids = {api.get("/v1/assistants").headers["x-request-id"] for _ in range(5)}

    assert len(ids) == 5


# ── After the end ────────────────────────────────────────────────────────────────


@EVERY_ASSISTANT_CALL
def test_after_the_sunset_there_is_nothing_left(start: Start, method: str, path: str) -> None:
    reply = start(sunset=True).request(method, path)

    assert (reply.status, reply.body) == (404, b"")


def test_after_the_sunset_models_are_still_there(start: Start) -> None:
    assert start(sunset=True).get("/v1/models").status == 200
