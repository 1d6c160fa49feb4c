"""The JSON Schema of fixture files: it is up to date, and accepts what the server accepts."""

import json
import re
from typing import Any

import pytest

from mockserver import shipped_data
from mockserver.cli import main
from mockserver.loading.json_schema import schema, schema_text
from mockserver.loading.read_document import read
from tests.support import Api

EXAMPLE = """\
objects:
  assistants:
    - {id: asst_tutor, model: gpt-4o, name: Math Tutor}
    - {repeat: 40, model: gpt-4o-mini, name: "{{ fake.company }}", created_at: -3600}
  threads:
    - {}
    - id: thread_talk
      created_at: -60
      metadata: {about: "{{ fake.word }}"}
      messages:
        - {id: msg_first, role: user, content: Hello?, created_at: 5}
        - {repeat: 44, role: assistant, content: [{type: text, text: "{{ fake.sentence }}"}]}
  runs:
    - {id: run_done, thread_id: thread_talk, assistant_id: asst_tutor, status: completed}
    - {thread_id: thread_talk, assistant_id: asst_tutor, additional_messages: []}
stubs:
  - name: the tutor gets a fixed id and a generated description
    when:
      operation: createAssistant
      body: {name: Math Tutor, model: {starts_with: gpt-4}}
    then:
      body:
        id: asst_fixed
        description: "{{ fake.sentence }}"
        metadata: {requested: "{{ request.body.name }}"}
  - name: the first two are rate limited, the third goes through
    when: {operation: createAssistant, body: {name: Flaky}}
    then:
      - {fault: rate_limit_exceeded, headers: {retry-after: "1"}}
      - {fault: rate_limit_exceeded}
      - default
  - name: slow lists
    when: {operation: listAssistants, query: {limit: {gte: 50}}}
    then: {delay: {median: 300ms, p99: 2s}}
  - {when: {operation: [listModels, "*Assistant"]}, then: default, times: 2, probability: 0.1}
"""

TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
}

SCHEMA = schema()


def accepts(rule: Any, value: Any) -> bool:
    """Return whether a value is valid, for the keywords of JSON Schema that the schema uses."""
    if isinstance(rule, bool):
        return rule
    if "$ref" in rule:
        found: Any = SCHEMA
        for step in rule["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        if not accepts(found, value):
            return False
    if "anyOf" in rule and not any(accepts(one, value) for one in rule["anyOf"]):
        return False
    if "if" in rule and not accepts(rule["then" if accepts(rule["if"], value) else "else"], value):
        return False
    if "const" in rule and value != rule["const"]:
        return False
    if "enum" in rule and value not in rule["enum"]:
        return False
    if "type" in rule and not is_a(value, rule["type"]):
        return False
    return inside(rule, value)


def is_a(value: Any, kind: str) -> bool:
    boolean = isinstance(value, bool)
    return isinstance(value, TYPES[kind]) and (not boolean or kind == "boolean")


def inside(rule: Any, value: Any) -> bool:
    if isinstance(value, dict):
        known, rest = rule.get("properties", {}), rule.get("additionalProperties", True)
        patterns = rule.get("patternProperties", {})
        if len(value) < rule.get("minProperties", 0):
            return False
        return set(rule.get("required", ())) <= value.keys() and all(
            accepts(known.get(name, rest), inner)
            for name, inner in value.items()
            if not any(re.search(pattern, name) for pattern in patterns)
        )
    if isinstance(value, list):
        return len(value) >= rule.get("minItems", 0) and all(
            accepts(rule.get("items", True), item) for item in value
        )
    if isinstance(value, str):
        return len(value) >= rule.get("minLength", 0) and bool(
            re.search(rule.get("pattern", ""), value)
        )
    if isinstance(value, int | float) and not isinstance(value, bool):
        return bool(rule.get("minimum", value) <= value <= rule.get("maximum", value))
    return True


def test_the_file_is_what_the_command_prints(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    printed = capsys.readouterr().out

    assert printed == schema_text()
    assert shipped_data.fixtures_folder().joinpath("schema.json").read_text("utf-8") == printed
    assert json.loads(printed) == schema()


def test_the_schema_accepts_an_example_of_everything() -> None:
    assert accepts(SCHEMA, read(EXAMPLE.encode(), "f", as_json=False).value)


@pytest.mark.parametrize(
    "text",
    [
        "[{then: default}, {when: {method: GET}, then: {text: x}, x-note: mine}]",
        "{$schema: x, version: 1, env: true, x-all: 1, name: one, then: default}",
        "{x-base: &base {model: gpt-4o}, objects: {assistants: [*base]}, env: false}",
        "stubs: [{then: [{json_file: a.json}, {text_file: b.txt}]}]",
    ],
)
def test_the_schema_accepts_every_form_of_a_file(text: str) -> None:
    assert accepts(SCHEMA, read(text.encode(), "f", as_json=False).value)


@pytest.mark.parametrize(
    "text",
    [
        "stubs: 5",
        "stub: []",
        "version: 2",
        "stubs: [{}]",
        "[{}]",
        "[{then: default, whn: {}}]",
        "{then: default, whn: {}}",
        "{then: default, stubs: []}",
        "env: [A]",
        "stubs: [{then: defalt}]",
        "stubs: [{then: []}]",
        "stubs: [{then: default, whn: {}}]",
        "stubs: [{then: default, when: {bdy: 1}}]",
        "stubs: [{then: {status: 99}}]",
        "stubs: [{then: {delay: soon}}]",
        "stubs: [{then: {delay: -1}}]",
        "stubs: [{then: {delay: {min: 1}}}]",
        "stubs: [{then: default, times: 0}]",
        "stubs: [{then: default, probability: 2}]",
        "objects: {folders: []}",
        "objects: {files: [{filename: a, purpose: x, content: a}]}",
        "objects: {files: [{filename: a, purpose: vision, content: a, id: file_1}]}",
        "objects: {assistants: [{name: no model}]}",
        "objects: {assistants: [{model: gpt-4o, repeat: 0}]}",
        "objects: {assistants: [{model: gpt-4o, id: thread_1}]}",
        "objects: {assistants: [{model: gpt-4o, nam: x}]}",
        "objects: {threads: [{id: asst_1}]}",
        "objects: {threads: [{mesages: []}]}",
        "objects: {threads: [{messages: [{role: user}]}]}",
        "objects: {threads: [{messages: [{role: user, content: x, id: thread_1}]}]}",
        "objects: {runs: [{thread_id: thread_1}]}",
        "objects: {runs: [{thread_id: thread_1, assistant_id: asst_1, repeat: 2}]}",
        "objects: {runs: [{thread_id: thread_1, assistant_id: asst_1, status: done}]}",
        "objects: {runs: [{thread_id: t, assistant_id: a, additional_messages: [{id: msg_1}]}]}",
    ],
)
def test_the_schema_refuses_what_the_server_refuses(text: str) -> None:
    assert not accepts(SCHEMA, read(text.encode(), "f", as_json=False).value)


WRITTEN = [
    "expire",
    "search",
    "say: Hello.",
    "say: {text: Hello., deltas: 3, delay: 20ms, cite: [{file: a.md, quote: b}]}",
    "{say: Hello., deltas: words, cite: true}",
    "{refuse: No., delay: 0.5}",
    "call: add",
    "call: {add: {a: 1}, sub: null, mul: '{}'}",
    "call: [add, {add: {a: '{{ outputs.0 }}'}}]",
    "search: {results: [{file_name: a.md, text: b, score: 0.5, attributes: {n: 1, b: true}}]}",
    "code: 6 * 7",
    "{code: 6 * 7, logs: '42'}",
    "wait: 30s",
    "wait: {polls: 5}",
    "fail: Sorry.",
    "fail: {code: invalid_prompt, message: No.}",
    "{fail: No., code: invalid_prompt}",
    "incomplete: content_filter",
    "cancel: {}",
]
NOT_WRITTEN = [
    "say",
    "sing",
    "say: 4",
    "{say: a, call: b}",
    "{say: a, later: []}",
    "{say: a, deltas: letters}",
    "{refuse: a, cite: true}",
    "call: {}",
    "call: {add: 1}",
    "{call: add, arguments: {}}",
    "code: {logs: a}",
    "wait: soon",
    "wait: {seconds: 3}",
    "incomplete: max_tokens",
    "{}",
]


def script_with(item: str) -> Any:
    text = f"then: {{run: [{{call: add}}, {item if item[0] == '{' else f'{{{item}}}'}]}}"
    text = text if ":" in item or item == "{}" else f"then: {{run: [{item}]}}"
    return read(text.encode(), "f", as_json=False).value


@pytest.mark.parametrize("item", WRITTEN)
def test_the_schema_accepts_every_form_of_an_item_as_the_server_does(api: Api, item: str) -> None:
    stub = script_with(item)

    assert accepts(SCHEMA, stub)
    assert api.post("/_mock/stubs", stub).status == 200


@pytest.mark.parametrize("item", NOT_WRITTEN)
def test_the_schema_refuses_what_is_no_item_as_the_server_does(api: Api, item: str) -> None:
    stub = script_with(item)

    assert not accepts(SCHEMA, stub)
    assert api.post("/_mock/stubs", stub).status == 400


def test_every_reference_has_a_target() -> None:
    references = re.findall(r'"\$ref": "#/\$defs/(\w+)"', schema_text())

    assert references
    assert set(references) <= schema()["$defs"].keys()
