"""Compiling fixture documents: what is accepted, and every problem with its place and remedy."""

import json
from typing import Any

import pytest

from mockserver.api.shared.delay import Delay
from mockserver.api.shared.known_models import shipped
from mockserver.loading.compile import Fixtures, compile_document
from mockserver.loading.read_document import read
from mockserver.problems import FixtureError, Problem
from mockserver.stubs.actions.action import Action
from mockserver.stubs.actions.fault import FaultAction
from mockserver.stubs.actions.patch import Patch
from mockserver.stubs.actions.whole_response import WholeResponse
from mockserver.stubs.stub import Stub


def compiled(text: str, *, as_json: bool = False) -> Fixtures:
    return compile_document(read(text.encode(), "f", as_json=as_json).as_fixtures(), shipped())


def problems(text: str, *, as_json: bool = False) -> list[Problem]:
    with pytest.raises(FixtureError) as refused:
        compiled(text, as_json=as_json)
    return refused.value.problems


def the_stub(**stub: Any) -> Stub:
    [found] = compiled(json.dumps({"then": "default", **stub}), as_json=True).stubs
    return found


@pytest.mark.parametrize("text", ["", "{}", "version: 1", "stubs: []", "objects: {}", "$schema: x"])
def test_every_part_of_a_document_is_optional(text: str) -> None:
    assert compiled(text) == Fixtures()


# ── Problems of shape ────────────────────────────────────────────────────────────

WRONG = [
    ("stubs: 5", "stubs", "valid list"),
    ("stubs:\n- 5", "stubs[0]", "expected an object, got 5"),
    ("objects: []", "objects", "expected an object, got []"),
    ("objects: {folders: []}", "objects.folders", "unknown key 'folders'"),
    ("version: 2", "version", "got 2"),
    ("stub: []", "stub", "unknown key 'stub'"),
    ("'x'", "", "expected an object"),
    ("stubs: [{}]", "stubs[0]", "missing key 'then'"),
    ("stubs: [{then: default, nam: x}]", "stubs[0].nam", "unknown key 'nam'"),
    ("stubs: [{then: default, when: {bdy: 1}}]", "stubs[0].when.bdy", "unknown key 'bdy'"),
    ("stubs: [{then: default, when: 5}]", "stubs[0].when", "expected an object, got 5"),
    ("stubs: [{then: default, when: {query: 5}}]", "stubs[0].when.query", "got 5"),
    ("stubs: [{then: default, name: ''}]", "stubs[0].name", 'got ""'),
    ("stubs: [{then: default, name: 5}]", "stubs[0].name", "got 5"),
    ("stubs: [{then: default, times: 0}]", "stubs[0].times", "got 0"),
    ("stubs: [{then: default, times: '2'}]", "stubs[0].times", 'got "2"'),
    ("stubs: [{then: default, times: true}]", "stubs[0].times", "got true"),
    ("stubs: [{then: default, optional: 'yes'}]", "stubs[0].optional", 'got "yes"'),
    ("stubs: [{then: default, optional: 1}]", "stubs[0].optional", "got 1"),
    ("stubs: [{then: default, probability: 1.1}]", "stubs[0].probability", "got 1.1"),
    ("stubs: [{then: default, probability: -1}]", "stubs[0].probability", "got -1"),
    ("stubs: [{then: default, priority: high}]", "stubs[0].priority", 'got "high"'),
    ("stubs: [{then: {boddy: {}}}]", "stubs[0].then.boddy", "unknown key 'boddy'"),
    ("stubs: [{then: {body: []}}]", "stubs[0].then.body", "expected an object, got []"),
    ("stubs: [{then: {text: 5}}]", "stubs[0].then.text", "got 5"),
    ("stubs: [{when: {path: v1/x}, then: default}]", "stubs[0].when.path", "not a path"),
    ("stubs: [{when: {path: /v1/x?a=b}, then: default}]", "stubs[0].when.path", "not a path"),
    (
        "stubs: [{when: {method: get}, then: default}]",
        "stubs[0].when.method",
        "expected an upper-case method, got get",
    ),
    (
        "stubs: [{then: {headers: {Content-Length: '3'}}}]",
        "stubs[0].then.headers.Content-Length",
        "the server sets this header itself",
    ),
    (
        "stubs: [{then: {rate_limit: {request: 3, per: 1m, requests: 3}}}]",
        "stubs[0].then.rate_limit.request",
        "unknown key 'request'",
    ),
    ("stubs: [{then: {drop: []}}]", "stubs[0].then.drop", "expected at least one item"),
    ("stubs: [{then: {status: 99}}]", "stubs[0].then.status", "got 99"),
    ("stubs: [{then: {status: 600}}]", "stubs[0].then.status", "got 600"),
    ("stubs: [{then: {status: '200'}}]", "stubs[0].then.status", 'got "200"'),
    ("stubs: [{then: {fault: 5}}]", "stubs[0].then.fault", "got 5"),
    ("stubs: [{then: {fault: rate_limits}}]", "stubs[0].then.fault", "no such fault:"),
    (
        "stubs: [{then: {fault: conflict, x: 1}}]",
        "stubs[0].then.x",
        "conflict has no option 'x'",
    ),
    ("stubs: [{then: {json: 1, text: x}}]", "stubs[0].then", "json and text exclude each other"),
    ("stubs: [{then: {json: 1, body: {}}}]", "stubs[0].then", "json and body exclude each other"),
    (
        "stubs: [{then: {fault: conflict, json: 1}}]",
        "stubs[0].then",
        "fault and json exclude each other",
    ),
    ("stubs: [{then: {headers: {a b: c}}}]", "stubs[0].then.headers.a b", "not a header name"),
    (
        'stubs: [{then: {headers: {a: "b\\r\\nc: d"}}}]',
        "stubs[0].then.headers.a",
        "not a header value",
    ),
    (
        "stubs: [{then: {delay: {median: 3s, p99: 1s}}}]",
        "stubs[0].then.delay",
        "median is greater than p99",
    ),
    (
        "stubs: [{then: {delay: {min: 3s, max: 1s}}}]",
        "stubs[0].then.delay",
        "min is greater than max",
    ),
    (
        "stubs: [{then: {delay: {median: 0, p99: 1s}}}]",
        "stubs[0].then.delay",
        "median is 0",
    ),
    (
        "stubs: [{then: default, when: {operation: createAssistent}}]",
        "stubs[0].when.operation",
        "no such operation: createAssistent",
    ),
    (
        "stubs: [{then: default, when: {operation: [listModels, '*Nothing']}}]",
        "stubs[0].when.operation",
        "no such operation: *Nothing",
    ),
    (
        "stubs: [{then: default, when: {body: {a: {gt: x}}}}]",
        "stubs[0].when.body.a.gt",
        "`gt` cannot take",
    ),
    (
        "stubs: [{then: [default, {json: '{{ nope }}'}]}]",
        "stubs[0].then[1].json",
        "unknown expression `nope`",
    ),
    (
        "stubs: [{then: {headers: {a: '{{ nope }}'}}}]",
        "stubs[0].then.headers.a",
        "unknown expression `nope`",
    ),
    (
        "stubs: [{then: {text: '{{ fake.compani }}'}}]",
        "stubs[0].then.text",
        "no provider `compani`",
    ),
]


@pytest.mark.parametrize(("text", "place", "words"), WRONG)
def test_a_problem_is_reported_once_with_its_place_and_a_remedy(
    text: str, place: str, words: str
) -> None:
    [problem] = problems(text)

    assert problem.place == place
    assert words in problem.what
    assert problem.remedy


@pytest.mark.parametrize("delay", ["-1", "x", "true", "{min: 1}", "[1]"])
def test_an_invalid_delay_is_refused(delay: str) -> None:
    assert all(
        one.place.startswith("stubs[0].then.delay")
        for one in problems(f"stubs: [{{then: {{delay: {delay}}}}}]")
    )


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("whn: {}", "did you mean 'when'?"),
        ("prioritty: 1", "did you mean 'priority'?"),
        ("xyz: 1", "use one of name, when, then, times, probability, priority, optional"),
    ],
)
def test_an_unknown_key_is_reported_with_a_suggestion(key: str, hint: str) -> None:
    [problem] = problems(f"stubs: [{{then: default, {key}}}]")

    assert problem.remedy == hint


@pytest.mark.parametrize(
    ("name", "hint"),
    [("rate_limits", "or rate_limit_exceeded?"), ("zzz", "use one of invalid_api_key, no_api_key")],
)
def test_an_unknown_fault_is_reported_with_a_suggestion(name: str, hint: str) -> None:
    [problem] = problems(f"stubs: [{{then: {{fault: {name}}}}}]")

    assert hint in problem.remedy


EVERYTHING_WRONG_YAML = """\
stubs:
  - name: one
    when:
      operation: createAssistent
      body:
        name: {gt: x}
    then:
      fault: nope
  - nam: two
    then: default
  - then:
      - json: "{{ nope }}"
      - status: 5000
objects:
  assistants:
    - model: gpt-4o
      temperature: 3
    - model: gpt-4o
      id: 5
extra: 1
"""
EVERYTHING_WRONG = [
    (4, "stubs[0].when.operation"),
    (6, "stubs[0].when.body.name.gt"),
    (8, "stubs[0].then.fault"),
    (9, "stubs[1].nam"),
    (12, "stubs[2].then[0].json"),
    (13, "stubs[2].then[1].status"),
    (17, "objects.assistants[0].temperature"),
    (19, "objects.assistants[1].id"),
    (20, "extra"),
]

EVERYTHING_WRONG_JSON = """\
{"stubs": [
  {"when": {
    "operation": "createAssistent",
    "body": {"name":
      {"gt": "x"}}},
   "then": {
     "fault": "nope"}},
  {"then": "default",
   "nam": "two"},
  {"then": [
    {"json": "{{ nope }}"},
    {"status": 5000}]}],
 "objects": {"assistants": [
   {"model": "gpt-4o",
    "temperature": 3}]},
 "extra": 1}
"""


def test_every_problem_of_a_document_is_reported_at_once_with_its_line() -> None:
    reported = problems(EVERYTHING_WRONG_YAML)

    assert [(one.line, one.place) for one in reported] == EVERYTHING_WRONG


def test_every_problem_of_a_json_document_is_reported_at_once_with_its_line() -> None:
    reported = problems(EVERYTHING_WRONG_JSON, as_json=True)

    assert [(one.line, one.place) for one in reported] == [
        (3, "stubs[0].when.operation"),
        (5, "stubs[0].when.body.name.gt"),
        (7, "stubs[0].then.fault"),
        (9, "stubs[1].nam"),
        (11, "stubs[2].then[0].json"),
        (12, "stubs[2].then[1].status"),
        (15, "objects.assistants[0].temperature"),
        (16, "extra"),
    ]


# ── Compiled stubs ───────────────────────────────────────────────────────────────


def test_a_stub_knows_its_source_and_its_name() -> None:
    [one, two] = compiled("stubs:\n- {name: first, then: default}\n- then: default\n").stubs

    assert (one.name, one.source) == ("first", "f:2")
    assert (two.name, two.source) == ("stub 2: any request, default", "f:3")


def test_the_same_stub_has_the_same_id_in_yaml_and_in_json() -> None:
    [yaml] = compiled("stubs: [{when: {body: {a: 1}}, then: default}]").stubs
    [json] = compiled('[{"then": "default", "when": {"body": {"a": 1}}}]', as_json=True).stubs

    assert yaml.id == json.id
    assert yaml.hash == json.hash


@pytest.mark.parametrize(
    ("operation", "operations"),
    [
        ("createAssistant", {"createAssistant"}),
        (["createAssistant", "listModels"], {"createAssistant", "listModels"}),
        (
            "*Assistant",
            {"createAssistant", "getAssistant", "modifyAssistant", "deleteAssistant"},
        ),
        ("[cm]*Assistant", {"createAssistant", "modifyAssistant"}),
    ],
)
def test_operations_are_named_listed_or_globbed(operation: Any, operations: set[str]) -> None:
    assert the_stub(when={"operation": operation}).operations == frozenset(operations)


def test_a_stub_without_a_when_matches_every_request() -> None:
    assert the_stub().operations is None
    assert the_stub().conditions == ()


@pytest.mark.parametrize(
    ("then", "kinds"),
    [
        ("default", [Action]),
        ({}, [Action]),
        ({"delay": 1}, [Action]),
        ({"body": {}}, [Patch]),
        ({"drop": ["a"]}, [Patch]),
        ({"status": 201}, [Patch]),
        ({"headers": {"a": None}}, [Patch]),
        ({"json": None}, [WholeResponse]),
        ({"json": {}, "status": 500}, [WholeResponse]),
        ({"text": ""}, [WholeResponse]),
        ({"fault": "conflict"}, [FaultAction]),
        ({"fault": "conflict", "body": {"error": {}}}, [FaultAction]),
        (["default", {"fault": "conflict"}, {"json": 1}], [Action, FaultAction, WholeResponse]),
    ],
)
def test_an_action_is_of_one_kind(then: Any, kinds: list[type[Action]]) -> None:
    assert [type(action) for action in the_stub(then=then).actions] == kinds


@pytest.mark.parametrize(
    ("delay", "compiled_delay"),
    [
        (1, Delay(1.0, 1.0)),
        (0.5, Delay(0.5, 0.5)),
        ("300ms", Delay(0.3, 0.3)),
        ({"min": 0, "max": "2s"}, Delay(0.0, 2.0)),
        ({"median": "300ms", "p99": "2s"}, Delay(0.3, 2.0, log_normal=True)),
    ],
)
def test_a_delay_has_three_forms(delay: Any, compiled_delay: Delay) -> None:
    [action] = the_stub(then={"delay": delay}).actions

    assert action.delay is not None
    assert action.delay.low == pytest.approx(compiled_delay.low)
    assert action.delay.high == pytest.approx(compiled_delay.high)
    assert action.delay.log_normal == compiled_delay.log_normal


def test_a_uniform_delay_is_sampled_between_its_bounds() -> None:
    delay = Delay(1.0, 3.0)

    assert [delay.sample(share) for share in (0.0, 0.5, 1.0)] == [1.0, 2.0, 3.0]


def test_a_log_normal_delay_has_its_median_and_its_99th_percentile() -> None:
    delay = Delay(0.3, 2.0, log_normal=True)

    assert delay.sample(0.5) == pytest.approx(0.3)
    assert delay.sample(0.99) == pytest.approx(2.0)
    assert 0 < delay.sample(0.0) < delay.sample(0.25) < 0.3
    assert delay.sample(1.0) < 100
