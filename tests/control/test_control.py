"""Every call of the control API: what it acts on, and what it refuses."""

import json
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver import BackgroundServer
from mockserver.api.runs.items import ITEMS
from mockserver.control.control_api import ROUTES
from mockserver.faults.catalogue import faults
from tests.conftest import Start
from tests.control.calls import YAML, answering, everyone, named
from tests.support import Api

# ── What there is ────────────────────────────────────────────────────────────────

BODIES: dict[tuple[str, str], object] = {
    ("POST", "stubs"): answering("x"),
    ("POST", "faults"): {"fault": "overloaded"},
    ("PUT", "settings"): {"seed": 1},
    ("POST", "clock"): {"advance": "1s"},
    ("PUT", "state"): {"assistants": []},
    ("POST", "requests/find"): {"when": {"body": {"name": "Ada"}}},
}


@pytest.mark.parametrize(("method", "path"), ROUTES, ids=" ".join)
def test_every_endpoint_answers_with_a_key(api: Api, method: str, path: str) -> None:
    reply = api.request(method, f"/_mock/{path}", BODIES.get((method, path)))

    assert reply.status == 200
    assert reply.headers["Content-Type"] == "application/json"
    assert isinstance(reply.json, dict)


@pytest.mark.parametrize(("method", "path"), ROUTES, ids=" ".join)
def test_every_endpoint_answers_without_a_key_except_the_state(
    start: Start, method: str, path: str
) -> None:
    reply = everyone(start()).request(method, f"/_mock/{path}", BODIES.get((method, path)))

    if path == "state":
        assert reply.status == 400
        assert reply.json["errors"][0]["remedy"] == "send Authorization: Bearer KEY"
    else:
        assert reply.status == 200


def test_the_key_may_come_as_azures_clients_send_it(api: Api) -> None:
    api.create(name="Ada")

    state = everyone(api).get("/_mock/state", headers={"api-key": api.key})

    assert [each["name"] for each in state.json["assistants"]] == ["Ada"]


def test_a_server_that_runs_is_live_and_ready(api: Api) -> None:
    assert api.get("/_mock/live").json == {"live": True}
    assert api.get("/_mock/ready").json == {"ready": True}


def test_the_catalogue_has_every_fault_with_its_effect(api: Api) -> None:
    rows = api.get("/_mock/faults").json["faults"]

    assert {row["name"] for row in rows} >= set(faults())
    [sunset] = [row for row in rows if row["name"] == "sunset"]
    assert (sunset["status"], sunset["effect"]) == (
        404,
        "404 with an empty body, NotFoundError; not retried",
    )


def test_the_items_of_scripts_are_listed_with_an_example_that_loads(api: Api) -> None:
    items = api.get("/_mock/script").json["items"]

    assert [item["name"] for item in items] == [*ITEMS]
    for item in items:
        stub = f"then:\n  run:\n  - call: get_weather\n  - {item['example']}\n"
        headers = {"Content-Type": YAML}
        assert api.post("/_mock/stubs", stub.encode(), headers=headers).status == 200


# ── Refusals ─────────────────────────────────────────────────────────────────────


def test_every_problem_of_a_posted_document_is_reported_with_its_place(api: Api) -> None:
    document = {
        "objects": {"assistants": [{"model": "gpt-nine"}]},
        "stubs": [
            {"then": "default"},
            {"then": {"fault": "rate_limit"}, "whn": {}},
            {"when": {"operation": "create", "body": {"a": {"gt": "x"}}}, "then": {"delay": "x"}},
            {"then": {"body": {"name": "{{ request.bdy }}"}}},
        ],
    }

    reply = api.post("/_mock/stubs", document)

    assert reply.status == 400
    assert {problem["place"] for problem in reply.json["errors"]} == {
        "objects.assistants[0].model",
        "stubs[1].then.fault",
        "stubs[1].whn",
        "stubs[2].when.operation",
        "stubs[2].when.body.a.gt",
        "stubs[2].then.delay",
        "stubs[3].then.body.name",
    }
    assert all(problem["what"] and problem["remedy"] for problem in reply.json["errors"])
    assert named(api) == []


def test_places_are_relative_to_the_posted_body(api: Api) -> None:
    bad = {"then": {"fault": "nope"}}

    def place(body: object) -> str:
        [problem] = api.post("/_mock/stubs", body).json["errors"]
        return str(problem["place"])

    assert place(bad) == "then.fault"
    assert place([answering("x"), bad]) == "[1].then.fault"
    assert place({"stubs": [bad]}) == "stubs[0].then.fault"


def test_a_problem_in_yaml_has_its_line(api: Api) -> None:
    text = b"# two stubs\n- then: default\n- then:\n    fault: nope\n"

    reply = api.post("/_mock/stubs", text, headers={"Content-Type": YAML})

    [problem] = reply.json["errors"]
    assert (problem["line"], problem["place"]) == (4, "[1].then.fault")


@pytest.mark.parametrize(("method", "path"), BODIES, ids=" ".join)
@pytest.mark.parametrize("content_type", [None, "text/plain", "application/x-www-form-urlencoded"])
def test_a_write_without_a_json_content_type_is_refused(
    api: Api, method: str, path: str, content_type: str | None
) -> None:
    headers = {"Content-Type": content_type}

    reply = api.request(method, f"/_mock/{path}", BODIES[method, path], headers=headers)

    assert reply.status == 415
    assert "Content-Type: application/json" in reply.json["errors"][0]["remedy"]


@pytest.mark.parametrize(("method", "path"), BODIES, ids=" ".join)
@pytest.mark.parametrize("body", [b"", b"{", b'{"a": 1, "a": 2}', b"\xff", b'"x"', b"[" * 300])
def test_a_body_that_is_not_a_json_object_is_refused(
    api: Api, method: str, path: str, body: bytes
) -> None:
    reply = api.request(method, f"/_mock/{path}", body)

    assert reply.status == 400
    assert reply.json["errors"][0]["remedy"]


@pytest.mark.parametrize("path", ["", "nope", "stubs/a/b", "live/x", "STUBS"])
def test_an_unknown_path_is_a_404(api: Api, path: str) -> None:
    reply = api.delete(f"/_mock/{path}")

    assert reply.status == 404
    assert reply.json["errors"][0]["remedy"]


@pytest.mark.parametrize(
    ("method", "path", "use"),
    [
        ("POST", "live", "use GET"),
        ("PATCH", "stubs", "use GET, POST, DELETE"),
        ("PUT", "clock", "use GET, POST"),
        ("GET", "stubs/stub_1", "use DELETE"),
    ],
)
def test_a_wrong_method_is_a_405(api: Api, method: str, path: str, use: str) -> None:
    reply = api.request(method, f"/_mock/{path}")

    assert reply.status == 405
    assert reply.json["errors"][0]["remedy"] == use


# ── Any body ─────────────────────────────────────────────────────────────────────

WORDS = (
    *("stubs", "objects", "assistants", "when", "then", "name", "times", "probability", "priority"),
    *("operation", "method", "path", "headers", "query", "body", "json", "text", "fault", "drop"),
    *("delay", "min", "max", "median", "p99", "status", "equals", "gt", "in", "any", "not"),
    *("length", "matches", "default", "createAssistant", "server_error", "seed", "clock", "strict"),
    *("advance", "set", "10m", "frozen", "error", "model", "gpt-4o", "id", "created_at", "repeat"),
    *("{{ request.body }}", "{{ fake.name }}", "{{", "unused_stubs", "version", "$schema"),
)
words = st.sampled_from(WORDS) | st.text(max_size=4)
leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=-(10**30), max_value=10**30)
    | st.floats(allow_nan=False, allow_infinity=False, width=32)
    | words
)
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=4),
    max_leaves=8,
)
KNOWN: dict[tuple[str, str], st.SearchStrategy[Any]] = {
    ("POST", "stubs"): (
        st.fixed_dictionaries({"then": values, "when": st.dictionaries(words, values, max_size=3)})
        | st.fixed_dictionaries({"stubs": values, "objects": values})
    ),
    ("POST", "faults"): st.fixed_dictionaries(
        {"fault": st.sampled_from([*faults(), "rate_limit"]) | values},
        optional=dict.fromkeys(
            ("on", "times", "when", "ms", "inject", "status", "requests", "per", "body"), values
        ),
    ),
    ("PUT", "settings"): st.fixed_dictionaries(
        {}, optional={"seed": values, "clock": values, "strict": values}
    ),
    ("POST", "requests/find"): st.fixed_dictionaries(
        {"when": st.dictionaries(words, values, max_size=3) | values},
        optional={"operation": words, "status": values, "limit": values},
    ),
    ("POST", "clock"): st.fixed_dictionaries({"advance": leaves})
    | st.fixed_dictionaries({"set": leaves}),
    ("PUT", "state"): st.fixed_dictionaries(
        {
            "assistants": st.lists(
                values | st.fixed_dictionaries({"id": words, "created_at": leaves, "x": values}),
                max_size=3,
            )
        }
    ),
}


@pytest.fixture(scope="module")
def connection(server: BackgroundServer) -> Iterator[HTTPConnection]:
    connection = HTTPConnection(urlsplit(server.url).netloc, timeout=30)
    yield connection
    connection.close()


@pytest.mark.parametrize(("method", "path"), BODIES, ids=" ".join)
def test_no_body_causes_an_internal_error(
    connection: HTTPConnection, method: str, path: str
) -> None:
    headers = {"Authorization": "Bearer sk-any-control", "Content-Type": "application/json"}

    @settings(max_examples=300, deadline=None, derandomize=True, database=None)
    @given(body=KNOWN[method, path] | values)
    def check(body: object) -> None:
        connection.request(method, f"/_mock/{path}", json.dumps(body), headers)
        response = connection.getresponse()
        value = json.loads(response.read())
        assert response.status == 200 or (400 <= response.status < 500 and value["errors"])
        connection.request("DELETE", "/_mock/namespace", headers=headers)
        assert connection.getresponse().read()

    check()


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "state", {"assistants": {"id": "asst_1", "created_at": 1}}),
        ("PUT", "state", {"assistants": [{"id": "x y", "created_at": 1}]}),
        ("POST", "clock", {"advance": 10**400}),
        ("POST", "clock", {"advance": "9" * 400 + "d"}),
        ("POST", "clock", {"advance": 0.5}),
        ("POST", "stubs", {"then": {"delay": 10**400}}),
        ("PUT", "settings", {"strict": None}),
    ],
    ids=str,
)
def test_an_impossible_value_is_refused_and_changes_nothing(
    api: Api, method: str, path: str, body: object
) -> None:
    created = api.create()

    assert api.request(method, f"/_mock/{path}", body).status == 400
    assert api.get(f"/v1/assistants/{created['id']}").json == created


def test_an_authorization_without_a_key_is_refused(api: Api) -> None:
    reply = api.delete("/_mock/namespace", headers={"Authorization": api.key})

    assert reply.status == 400
    assert reply.json["errors"][0]["what"] == "the Authorization header has no API key"


def test_a_wrong_method_is_refused_with_the_allowed_ones(api: Api) -> None:
    reply = api.post("/_mock/live", {})

    assert (reply.status, reply.headers["Allow"]) == (405, "GET")
