"""Stubs over HTTP: matching, templates and generated values."""

import json
from collections.abc import Sequence
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Start
from tests.support import Api, Reply

DOCUMENT = {
    "objects": {
        "assistants": [
            {"id": "asst_tutor", "model": "gpt-4o", "name": "Math Tutor"},
            {"repeat": 3, "model": "gpt-4o-mini", "name": "{{ fake.company }}"},
        ]
    },
    "stubs": [
        {
            "name": "patched",
            "when": {"operation": "createAssistant", "body": {"name": "patched"}},
            "then": {
                "body": {"description": "{{ fake.sentence }}", "metadata": {"at": "{{ now }}"}}
            },
        },
        {
            "when": {"operation": "createAssistant", "body": {"name": "Flaky"}},
            "then": [{"fault": "rate_limit_exceeded", "headers": {"retry-after": "1"}}, "default"],
        },
        {
            "when": {"operation": "createAssistant", "body": {"metadata": {"weather": "storm"}}},
            "then": {"json": ["no", 1.0, 1, None, True, "{{ fake.pyint }}"]},
            "probability": 0.5,
        },
    ],
}
YAML = """\
objects:
  assistants:
  - {id: asst_tutor, model: gpt-4o, name: Math Tutor}
  - {repeat: 3, model: gpt-4o-mini, name: "{{ fake.company }}"}
stubs:
- name: patched
  when: {operation: createAssistant, body: {name: patched}}
  then:
    body: {description: "{{ fake.sentence }}", metadata: {at: "{{ now }}"}}
- when: {operation: createAssistant, body: {name: Flaky}}
  then: [{fault: rate_limit_exceeded, headers: {retry-after: "1"}}, default]
- when: {operation: createAssistant, body: {metadata: {weather: storm}}}
  then: {json: [no, 1.0, 1, ~, true, "{{ fake.pyint }}"]}
  probability: 0.5
"""


def stub(api: Api, then: object, when: object = None, **more: object) -> None:
    given = {"when": {"operation": "createAssistant"} if when is None else when, "then": then}
    reply = api.post("/_mock/stubs", given | more)
    assert reply.status == 200, reply.body


def create(api: Api, **fields: object) -> Reply:
    return api.post("/v1/assistants", {"model": "gpt-4o", **fields})


def comparable(replies: Sequence[Reply]) -> list[tuple[int, list[tuple[str, str]], bytes]]:
    return [
        (reply.status, [one for one in reply.headers.items() if one[0] != "Date"], reply.body)
        for reply in replies
    ]


def conversation(api: Api) -> list[Reply]:
    storms = [{"metadata": {"weather": "storm", "n": str(n)}} for n in range(10)]
    bodies: list[dict[str, Any]] = [{"name": "patched"}, {"name": "Flaky"}, {"name": "Flaky"}]
    created = [create(api, **body) for body in [*bodies, *storms]]
    return [*created, api.get("/v1/assistants?limit=100")]


def test_the_same_document_in_yaml_and_in_json_yields_the_same_bytes(
    start: Start, tmp_path: Path
) -> None:
    in_yaml, in_json = tmp_path / "f.yaml", tmp_path / "f.json"
    in_yaml.write_text(YAML)
    in_json.write_text(json.dumps(DOCUMENT))
    one, other = (start(fixtures=(str(file),)) for file in (in_yaml, in_json))

    assert comparable(conversation(one)) == comparable(conversation(other))


def test_the_same_stubs_posted_as_yaml_and_as_json_yield_the_same_bytes(
    start: Start, key: str
) -> None:
    one, other = start(), start()
    as_yaml = {"Content-Type": "application/yaml"}
    assert one.post("/_mock/stubs", YAML.encode(), headers=as_yaml).status == 200
    assert other.post("/_mock/stubs", DOCUMENT).status == 200

    assert comparable(conversation(one)) == comparable(conversation(other))


# ── Templates ────────────────────────────────────────────────────────────────────

ODD = [
    'a "quote"',
    "back\\slash \\n \\u0041",
    "line\nbreak\r\ttab",
    "{{ now }} {{ fake.name }} }} {{",
    "\U0001f600 and \u00e9 and \u2028",
    "nul\x00 and \x1f",
    '</script><a href="x">',
    "%s {0} ${x} $(x)",
    "",
]


@pytest.mark.parametrize("text", ODD, ids=ascii)
def test_a_string_of_the_request_is_repeated_exactly_in_json(api: Api, text: str) -> None:
    stub(api, {"json": {"alone": "{{ request.body.name }}", "among": "<{{ request.body.name }}>"}})

    assert create(api, name=text).json == {"alone": text, "among": f"<{text}>"}


@pytest.mark.parametrize("text", ODD[1:-1], ids=ascii)
def test_a_string_of_the_request_is_repeated_exactly_in_a_patch(api: Api, text: str) -> None:
    stub(api, {"body": {"metadata": {"requested": "{{ request.body.name }}"}}})
    made = create(api, name=text).json

    assert made["metadata"] == {"requested": text}
    assert api.get(f"/v1/assistants/{made['id']}").json == made


@pytest.mark.parametrize("text", ODD, ids=ascii)
def test_a_string_of_the_request_is_repeated_exactly_in_a_text(api: Api, text: str) -> None:
    stub(api, {"text": "<{{ request.body.name }}>"})

    assert create(api, name=text).body.decode() == f"<{text}>"


@pytest.mark.parametrize("value", [None, 0, 1.5, 10**20, True, [], [1, None], {"a": {"b": []}}])
def test_an_expression_alone_keeps_its_type(api: Api, value: object) -> None:
    stub(api, {"json": {"it": "{{ request.body.x }}"}})

    assert create(api, x=value).body == json.dumps({"it": value}, indent=2).encode()


def test_a_missing_field_is_null_alone_and_empty_inside_text(api: Api) -> None:
    stub(api, {"json": ["{{ request.body.a.b }}", "<{{ request.body.a.b }}>"]})

    assert create(api).json == [None, "<>"]


def test_literal_braces_can_be_written(api: Api) -> None:
    stub(api, {"json": "{{ '{{' }} now }} is {{ now }}"})

    assert create(api).json == "{{ now }} is 1735689600"


def test_a_template_can_read_every_part_of_the_request(api: Api) -> None:
    parts = ("operation", "method", "path", "query.a", "headers.X-Team", "body.model")
    stub(api, {"json": ["{{ request." + part + " }}" for part in parts]})
    reply = api.post("/v1/assistants?a=b", {"model": "gpt-4o"}, headers={"x-team": "blue"})

    assert reply.json == ["createAssistant", "POST", "/v1/assistants", "b", "blue", "gpt-4o"]


@pytest.mark.parametrize(
    "template",
    [
        "{{ fake.__class__ }}",
        "{{ fake.name.__class__ }}",
        "{{ request.body.__init__.__globals__ }}",
        "{{ now() }}",
        "{{ open('/etc/passwd') }}",
        "{{ fake.compani }}",
        "{{ now",
    ],
)
def test_an_expression_that_is_not_a_lookup_is_refused_and_no_stub_is_added(
    api: Api, template: str
) -> None:
    reply = api.post("/_mock/stubs", {"then": {"body": {"a": [template]}}})

    [error] = reply.json["errors"]
    assert reply.status == 400
    assert error["place"] == "then.body.a[0]"
    assert error["what"]
    assert error["remedy"]
    assert api.get("/_mock/stubs").json["stubs"] == []


def test_a_python_tag_is_refused_with_its_place(api: Api) -> None:
    text = b"then:\n  text: !!python/object/apply:os.system [x]\n"
    reply = api.post("/_mock/stubs", text, headers={"Content-Type": "application/yaml"})

    assert reply.status == 400
    [error] = reply.json["errors"]
    assert (error["line"], error["place"]) == (2, "then.text")
    assert "not allowed" in error["what"]


# ── Generated values ─────────────────────────────────────────────────────────────

GENERATE = {"json": ["{{ fake.company }}", "{{ fake.sentence }}", "{{ fake.random_int(1, 9) }}"]}


def generated(api: Api) -> list[Any]:
    stub(api, GENERATE)
    return [create(api, name=str(n % 3)).json for n in range(9)]


def test_two_servers_of_one_seed_generate_the_same_values_and_another_seed_others(
    start: Start,
) -> None:
    one, same, other = (generated(start(seed=seed)) for seed in (1, 1, 2))

    assert one == same
    assert one != other


def test_two_keys_get_the_same_generated_values(start: Start) -> None:
    api = start()

    assert generated(api) == generated(Api(api.url, "sk-another"))


def test_a_repeated_request_gets_a_new_generated_value_each_time(api: Api) -> None:
    stub(api, {"json": "{{ fake.uuid4 }}"})

    assert len({create(api).json for _ in range(5)}) == 5


# ── Matching ─────────────────────────────────────────────────────────────────────


def test_a_stub_without_a_when_answers_every_request_of_the_api(api: Api) -> None:
    made = api.create()
    api.post("/_mock/stubs", {"then": {"json": "all"}})
    path = f"/v1/assistants/{made['id']}"
    replies = [create(api), api.get("/v1/assistants"), api.get(path), api.get("/v1/models")]
    replies += [api.delete(path), api.get("/v1/nothing/like/it")]

    assert [reply.json for reply in replies] == ["all"] * 6
    assert api.get("/_mock/live").status == 200


@pytest.mark.parametrize(
    ("operation", "matched"),
    [
        ("createAssistant", [True, False, False]),
        (["createAssistant", "listModels"], [True, False, True]),
        ("*Assistant*", [True, True, False]),
        ("list*", [False, True, True]),
    ],
)
def test_operations_are_matched_by_name_list_and_glob(
    api: Api, operation: object, matched: list[bool]
) -> None:
    stub(api, {"json": "stub"}, {"operation": operation})
    replies = [create(api), api.get("/v1/assistants"), api.get("/v1/models")]

    assert [reply.json == "stub" for reply in replies] == matched


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/responses/resp_1", 200),
        ("/v1/responses/resp_1/nothing", 404),
        ("/v1/responses", 405),
        ("/v1/response/resp_1", 404),
    ],
)
def test_a_path_that_the_server_does_not_serve_can_be_stubbed(
    api: Api, path: str, status: int
) -> None:
    stub(api, {"json": {"id": "resp_1"}}, {"method": "GET", "path": "/v1/responses/*"})

    assert api.get(path).status == status
    assert api.post(path, {}).json != {"id": "resp_1"}


def test_a_stub_of_a_path_can_read_the_body(api: Api) -> None:
    when = {"method": "POST", "path": "/v1/responses", "body": {"metadata": {"a": "b"}}}
    stub(api, {"json": "{{ request.body.metadata.a }}", "status": 201}, when)
    reply = api.post("/v1/responses", {"metadata": {"a": "b", "c": "d"}})

    assert (reply.status, reply.json) == (201, "b")
    assert api.post("/v1/responses", {}).status == 404


def test_a_default_or_a_patch_does_not_serve_a_path_that_is_not_served(api: Api) -> None:
    stub(api, ["default", {"body": {"a": 1}}], {"path": "/v1/responses"})

    assert [api.post("/v1/responses", {}).status for _ in range(2)] == [404, 404]


def test_a_number_in_the_query_is_compared_as_one(api: Api) -> None:
    stub(api, {"json": "big"}, {"operation": "listAssistants", "query": {"limit": {"gte": 50}}})

    assert api.get("/v1/assistants?limit=50").json == "big"
    assert api.get("/v1/assistants?limit=100").json == "big"
    assert api.get("/v1/assistants?limit=9").json["object"] == "list"
    assert api.get("/v1/assistants").json["object"] == "list"


def test_a_headers_name_may_be_in_any_case(api: Api) -> None:
    stub(api, {"json": "blue"}, {"headers": {"X-TEAM": {"starts_with": "bl"}}})

    assert api.get("/v1/models", headers={"x-team": "blue"}).json == "blue"
    assert api.get("/v1/models", headers={"x-team": "red"}).json != "blue"


def test_1_equals_1_0_but_not_true(api: Api) -> None:
    stub(api, {"json": "one"}, {"operation": "createAssistant", "body": {"temperature": 1}})

    assert create(api, temperature=1).json == "one"
    assert create(api, temperature=1.0).json == "one"
    assert create(api, temperature=True).status == 400


@pytest.mark.parametrize("headers", [{"OpenAI-Beta": None}, {"Authorization": None}])
def test_no_stub_applies_to_a_request_with_refused_headers(
    api: Api, headers: dict[str, str | None]
) -> None:
    stub(api, {"json": "stub"}, {"operation": "*"}, times=1)

    assert api.get("/v1/assistants", headers=headers).status in (400, 401)
    assert api.get("/v1/assistants").json == "stub"


@pytest.mark.parametrize("status", [204, 205, 304])
def test_a_response_whose_status_forbids_a_body_has_no_body(api: Api, status: int) -> None:
    api.post("/_mock/stubs", {"then": {"status": status, "json": {"a": 1}}, "times": 1})
    line = HTTPConnection(api.url.removeprefix("http://"))
    headers = {"Authorization": f"Bearer {api.key}", "OpenAI-Beta": "assistants=v2"}
    line.request("GET", "/v1/assistants", headers=headers)
    first = line.getresponse()
    first.read()
    line.request("GET", "/v1/assistants", headers=headers)  # on the same connection
    second = line.getresponse()
    second.read()
    line.close()

    assert first.status == status
    assert first.headers["Content-Length"] == ("0" if status == 205 else None)
    assert second.status == 200


@pytest.mark.parametrize(
    "then",
    [
        *({"drop": [name]} for name in ("tools", "model", "temperature", "tool_resources")),
        {"drop": ["response_format"]},
        {"body": {"tools": None}},
        {"body": {"tools": [{}, 3]}},
        {"body": {"model": ["a"]}},
        {"body": {"response_format": {}}},
        {"body": {"created_at": "x"}},
        {"body": {"tool_resources": None, "tools": [{"type": "code_interpreter"}]}},
    ],
    ids=str,
)
def test_an_object_that_a_stub_made_invalid_can_be_modified(api: Api, then: object) -> None:
    api.post("/_mock/stubs", {"when": {"operation": "createAssistant"}, "then": then})
    made = api.create(name="before")
    changed = api.post(f"/v1/assistants/{made['id']}", {"name": "after"})

    assert (changed.status, changed.json["name"]) == (200, "after")
    assert [one["name"] for one in api.get("/v1/assistants").json["data"]] == ["after"]


def test_a_text_may_contain_a_header_that_is_not_utf_8(api: Api) -> None:
    api.post("/_mock/stubs", {"then": {"text": "{{ request.headers.x-a }}"}})
    line = HTTPConnection(api.url.removeprefix("http://"))
    line.putrequest("GET", "/v1/models")
    line.putheader("Authorization", f"Bearer {api.key}")
    line.putheader("X-A", b"a\xff")
    line.endheaders()
    response = line.getresponse()
    body = response.read()
    line.close()

    assert (response.status, body) == (200, b"a?")


def test_one_body_in_two_spellings_counts_as_one_request_with_stubs_too(start: Start) -> None:
    def ids(body: bytes) -> tuple[str, str]:
        api = start()
        api.post("/_mock/stubs", {"then": {"headers": {"x-a": "b"}}})
        made = api.post("/v1/assistants", body, headers={"Content-Type": "application/json"})
        return made.json["id"], made.headers["x-request-id"]

    assert ids(b'{"model":"gpt-4o","name":"q"}') == ids(b'{"name": "q", "model": "gpt-4o"}')
