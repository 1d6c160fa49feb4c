"""What is wrong with a script is said when it is loaded: where, what, and the remedy."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mockserver.api.runs.items import ITEMS
from tests.conftest import Start
from tests.support import Api

NAMES = ", ".join(ITEMS)

REFUSED = {
    # A list of items
    "run: null": ("run: input should be a valid list, got null", "such as [{say: Hello.}]"),
    "run: say": ('run: input should be a valid list, got "say"', "write a list of items"),
    "run: {say: a}": ("run: input should be a valid list", "write a list of items"),
    "run: [sing]": ('run[0]: not an item of a script: "sing"', f"use one of {NAMES}"),
    "run: [sya]": ('run[0]: not an item of a script: "sya"', "did you mean 'say'?"),
    "run: [say]": ('run[0]: not an item of a script: "say"', "it needs a value, as in: say: "),
    "run: [null]": ("run[0]: expected an object, got null", "write an item as in: say: "),
    "run: [[{say: a}]]": ("run[0]: expected an object", "write an item as in: say: "),
    "run: [{}]": ("run[0]: an item without a name: {}", f"write one of {NAMES}"),
    "run: [{sya: a}]": ("run[0].sya: unknown key 'sya'", "did you mean 'say'?"),
    "run: [{say: a, call: b}]": ("run[0]: say and call in one item", "each in an item of its own"),
    "run: [expire, {say: a}]": ("run[1]: nothing is played behind expire", "put it in front"),
    "run: [fail, {fail: A.}]": ("run[1]: nothing is played behind fail", "remove it"),
    # Values
    "run: [{say: 4}]": ("run[0].say: not a text: 4", "quote it"),
    "run: [{say: {}}]": ("run[0].say: missing key 'text'", "add 'text'"),
    "run: [{say: {text: 4}}]": ("run[0].say.text: input should be a valid string", "in quotes"),
    "run: [{say: a, text: b}]": ("run[0].text: unknown key 'text'", "deltas, delay, cite"),
    "run: [{say: a, delta: words}]": ("run[0].delta: unknown key 'delta'", "mean 'deltas'?"),
    "run: [{say: {text: a, delta: 3}}]": ("run[0].say.delta: unknown key", "mean 'deltas'?"),
    "run: [{say: a, deltas: letters}]": ("run[0].deltas: not a way to cut", "words, characters"),
    "run: [{say: {text: a, deltas: 0}}]": ("run[0].say.deltas: not a way to cut", "characters"),
    "run: [{say: {text: a, deltas: 2}, deltas: 3}]": ("run[0]: deltas is given twice", "keep one"),
    "run: [{say: a, delay: soon}]": ("run[0].delay: not a length of time", "300ms, 2s, 1m30s"),
    "run: [{say: a, delay: [1]}]": ("run[0].delay: input should be a valid", "write a"),
    "run: [{say: a, delay: {min: 2s, max: 1s}}]": ("delay: min is greater than max", "swap them"),
    "run: [{say: a, cite: [{file: b, qoute: c}]}]": ("cite[0].qoute: unknown key", "mean 'quote'?"),
    "run: [{fault: 3}]": ("run[0].fault: not the name of a fault", "such as stream_cut"),
    "run: [{fault: overloaded}]": ("run[0].fault: overloaded is no fault of a stream", "use one"),
    "run: [{fault: stream_cut, after: 2}]": ("run[0].after: stream_cut has no option", "takes"),
    "run: [{fault: stream_cut, say: a}]": ("run[0]: say and fault in one item", "of its own"),
    "run: [{say: a, cite: tips.md}]": ("run[0].cite: not what a text cites", "{file: tips.md}"),
    "run: [{say: a, cite: [{file: 1}]}]": ("run[0].cite[0].file: input should be", "in quotes"),
    "run: [{refuse: a, cite: true}]": (
        "run[0].cite: unknown key 'cite'",
        "use one of deltas, delay",
    ),
    "run: [{call: {}}]": ("run[0].call: not a call of a function", "{NAME: {ARGUMENT: VALUE}}"),
    "run: [{call: {add: [1]}}]": ("run[0].call: not a call of a function", "or a list of such"),
    "run: [{call: a b}]": ("run[0].call: not the name of a function", "use letters, digits"),
    "run: [{call: add, arguments: {}}]": (
        "run[0].arguments: unknown key",
        "inside the item's value",
    ),
    "run: [{search: tips}]": ("run[0].search: expected an object", "as in: search: {results:"),
    "run: [{search: {results: [{}]}}]": (
        "run[0].search.results[0]: missing key 'file_name'",
        "add",
    ),
    "run: [{search: {results: [{file_name: a, score: 2}]}}]": (
        "score: input should be less",
        "use",
    ),
    "run: [{code: {logs: a}}]": ("run[0].code: missing key 'input'", "add 'input'"),
    "run: [{wait: 0}]": ("run[0].wait: waits for nothing: 0", "such as 30s, or polls: N"),
    "run: [{wait: {polls: 0}}]": ("run[0].wait: waits for nothing", "polls: N"),
    "run: [{wait: soon}]": ('run[0].wait: not a length of time: "soon"', "such as 30s"),
    "run: [{wait: {seconds: 3}}]": ("run[0].wait: neither a time nor a number of reads", "polls"),
    "run: [{fail: quota_gone}]": (
        'run[0].fail: unknown code: "quota_gone"',
        "use one of server_error",
    ),
    "run: [{fail: invalid_promt}]": ("run[0].fail: unknown code", "did you mean 'invalid_prompt'?"),
    "run: [{fail: {code: full}}]": ("run[0].fail.code: input should be 'server_error'", "use"),
    "run: [{fail: {codes: a}}]": ("run[0].fail.codes: unknown key 'codes'", "did you mean 'code'?"),
    "run: [{incomplete: max_tokens}]": ("unknown reason", "did you mean 'max_prompt_tokens'?"),
    "run: [{incomplete: null}]": (
        "run[0].incomplete: expected an object",
        "as in: incomplete: max",
    ),
    "run: [{expire: 3s}]": ("run[0].expire: expected an object", "write an item as in: expire"),
    # Outputs of tools
    "run: [{say: '{{ outputs.0 }}'}]": (
        "run[0].say: no function is called in front of it",
        "put a call in front of it",
    ),
    "run: [{call: {add: {a: '{{ outputs.0 }}'}}}]": ("run[0].call: no function", "put a call"),
    "run: [{call: add}, {say: '{{ outputs.1 }}'}]": (
        "run[1].say: there is no output 1",
        "the call in front has 1, from 0 on",
    ),
    "run: [{call: [a, b]}, {call: c}, {say: '{{ outputs[1] }}'}]": ("run[2].say: there is no", "1"),
    "run: [{call: add}, {say: '{{ outputs.sub }}'}]": (
        "run[1].say: no call of 'sub' is in front of it",
        "use one of add",
    ),
    "run: [{call: add}, {say: '{{ outputs }}'}]": (
        "run[1].say: no output is named",
        "outputs.NAME",
    ),
    "{run: [{call: add}], headers: {a: '{{ outputs.0 }}'}}": (
        "headers.a: only a script knows the outputs of tools",
        "then: {run: [...]}",
    ),
    "json: {a: '{{ outputs.0 }}'}": ("json.a: only a script knows the outputs of tools", "run"),
    # Other templates
    "run: [{say: '{{ mesage }}'}]": ("run[0].say: unknown expression `mesage`", "thread, message"),
    "run: [{say: '{{ message.text }}'}]": ("run[0].say: `message` is a text", "use message"),
    "run: [{say: '{{ messages.0 }}'}]": ("run[0].say: `messages` is a number", "use messages"),
    "run: [{say: 'a {{ message'}]": ("run[0].say: `{{` without `}}`", "close it"),
    # Beside it
    "{run: [], json: {}}": ("then: run and json exclude each other", "keep one of them"),
    "{run: [], body: {}}": ("then: run and body exclude each other", "keep one of them"),
    "{run: [], drop: [model]}": ("then: run and drop exclude each other", "keep one of them"),
    "{run: [], fault: overloaded}": ("then: fault and run exclude each other", "keep one of them"),
    "{run: [], status: 201}": ("then.status: a run that is made has the status 200", "use a fault"),
    "[{run: []}, run]": ('then[1]: expected an object, got "run"', "or the word default"),
}
"""What is wrong with an action, the words about it, and the remedy."""

CONDITIONS = {
    "{operation: listModels}": ("when.operation: listModels plays no script", "name createRun"),
    "{operation: '*Assistant'}": ("when.operation: *Assistant plays no script", "or none"),
    "{operation: listModels, message: a}": ("when.message: listModels is about no thread", "name"),
    "{operation: createThread, assistant: {}}": ("createThread is about no assistant", "createRun"),
    "{message: [a, b]}": ('when.message: not a text: ["a","b"]', "write {in: [one, two]}"),
    "{message: 4}": ("when.message: not a text: 4", "quote it"),
    "{message: {text: a}}": ("when.message: a text has no fields", "operators such as"),
    "{assistant: Math Tutor}": ('when.assistant: no fields: "Math Tutor"', "write some, such as"),
    "{thread: [a]}": ('when.thread: no fields: ["a"]', "write some, such as"),
    "{messages: '3'}": ('when.messages: not a number: "3"', "without quotes, or {gte: 3}"),
    "{messages: {count: 3}}": ('when.messages: not a number: {"count":3}', "or {gte: 3}"),
    "{messages: {gte: three}}": ('when.messages.gte: `gte` cannot take "three"', "use a number"),
    "{mesage: a}": ("when.mesage: unknown key 'mesage'", "did you mean 'message'?"),
}


def written(then: str, when: str = "{}") -> str:
    action = then if then[0] in "[{" else f"{{{then}}}"
    return f"stubs:\n- when: {when}\n  then:\n    {action}\n"


def problems(api: Api, text: str) -> list[dict[str, Any]]:
    as_yaml = {"Content-Type": "application/yaml"}
    reply = api.post("/_mock/stubs", text.encode(), headers=as_yaml)
    assert reply.status == 400, reply.body
    found: list[dict[str, Any]] = reply.json["errors"]
    return found


@pytest.mark.parametrize("then", REFUSED)
def test_an_action_that_is_none_is_refused_with_its_place_and_the_remedy(
    api: Api, then: str
) -> None:
    words, remedy = REFUSED[then]

    [problem] = problems(api, written(then))

    assert problem["line"] in (3, 4)
    assert words in f"{problem['place']}: {problem['what']}"
    assert remedy in problem["remedy"]


@pytest.mark.parametrize("when", CONDITIONS)
def test_a_condition_that_no_run_can_meet_is_refused(api: Api, when: str) -> None:
    words, remedy = CONDITIONS[when]

    [problem] = problems(api, written("run: []", when))

    assert problem["line"] == 2
    assert words in f"{problem['place']}: {problem['what']}"
    assert remedy in problem["remedy"]


SEVERAL = """\
stubs:
- name: many at once
  when: {message: [a], messages: x}
  then:
    run:
    - {say: 4}
    - {wait: 0}
    - say: Hello.
      deltas: letters
    - {sya: a}
    - {call: add}
    - expire
    - {say: "{{ outputs.sub }}"}
- then: {run: [{incomplete: max_tokens}]}
"""


def test_every_problem_is_reported_at_once_each_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "several.yaml"
    file.write_text(SEVERAL)

    checked = subprocess.run(
        [sys.executable, "-m", "mockserver", "check", str(file)],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    lines = [line.split(": ")[0].removeprefix(f"{file}:") for line in checked.stdout.splitlines()]
    assert checked.returncode == 2
    assert lines == ["3", "3", "6", "7", "9", "10", "13", "13", "14"]
    assert "Traceback" not in checked.stdout + checked.stderr


# ── Other ways in ────────────────────────────────────────────────────────────────


def test_a_fault_of_one_request_is_no_way_to_write_a_script(api: Api) -> None:
    reply = api.get("/v1/models", headers={"X-Mock-Fault": "overloaded; run=say"})

    assert reply.status == 400
    assert "run" in reply.error["message"]


def test_a_fault_rule_is_no_way_to_write_a_script(api: Api) -> None:
    rule = {"fault": "overloaded", "run": [{"say": "a"}]}

    [problem] = api.post("/_mock/faults", rule).json["errors"]

    assert problem["what"] == "fault and run exclude each other"


def test_a_stub_that_goes_with_submitted_outputs_may_use_any_that_were_heard(start: Start) -> None:
    api = start()
    when = {"operation": "submitToolOuputsToRun"}
    then = {"run": [{"say": "{{ outputs.anything }} {{ outputs.7 }}"}]}

    assert api.post("/_mock/stubs", {"when": when, "then": then}).status == 200
