"""Runs of fixtures: left to be polled, or played to their end."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.api.conversation import KEYS, THREADS, posted, refusal
from tests.conftest import Start
from tests.loading.objects.problems import problems, the_problem
from tests.support import Api

START = 1735689600
RUNS = f"{THREADS}/thread_a/runs"
TALK = """
objects:
  assistants:
    - {id: asst_a, model: gpt-4o, name: Math Tutor}
  threads:
    - {id: thread_a, messages: [{role: user, content: What is 2 + 2?}], created_at: -100}
  runs:
"""


def serve(start: Start, file: Path, *runs: str, **settings: Any) -> Api:
    """Start a server whose thread `thread_a` has these runs."""
    file.write_text(TALK.replace("runs:", "runs: []") if not runs else TALK + listed(runs))
    return start(fixtures=(str(file),), **settings)


def listed(runs: Sequence[str]) -> str:
    return "".join(f"    - {{{run}}}\n" for run in runs)


def run(**fields: Any) -> dict[str, Any]:
    """Return a document with a run."""
    fields = {"thread_id": "thread_a", "assistant_id": "asst_a", **fields}
    return {"objects": {"runs": [fields]}}


OPEN = "id: run_a, thread_id: thread_a, assistant_id: asst_a"
DONE = OPEN + ", status: completed"


# ── What exists ──────────────────────────────────────────────────────────────────


def test_a_run_is_left_queued_and_reads_bring_it_to_its_end(start: Start, file: Path) -> None:
    api = serve(start, file, OPEN)
    refused = api.post(f"{THREADS}/thread_a/messages", {"role": "user", "content": "x"})
    assert refusal(refused)[1] == "Can't add messages to thread_a while a run run_a is active."

    read = [api.get(f"{RUNS}/run_a").json for _ in range(2)]

    assert [one["status"] for one in read] == ["in_progress", "completed"]
    assert tuple(read[0]) == KEYS
    [answer, _] = api.get(f"{THREADS}/thread_a/messages").json["data"]
    assert (answer["run_id"], answer["assistant_id"]) == ("run_a", "asst_a")


def test_a_completed_run_has_answered_before_the_first_request(start: Start, file: Path) -> None:
    api = serve(start, file, DONE + ", metadata: {a: b}, created_at: -30")

    [answer, question] = api.get(f"{THREADS}/thread_a/messages").json["data"]
    done = api.get(f"{RUNS}/run_a").json
    [step] = api.get(f"{RUNS}/run_a/steps").json["data"]

    assert (done["status"], done["metadata"]) == ("completed", {"a": "b"})
    assert "What is 2 + 2?" in answer["content"][0]["text"]["value"]
    assert step["step_details"]["message_creation"]["message_id"] == answer["id"]
    times = (done["created_at"], done["started_at"], done["completed_at"], answer["created_at"])
    assert {*times, step["completed_at"]} == {START - 30}
    assert question["created_at"] == START - 100
    posted(api, f"{THREADS}/thread_a/messages", {"role": "user", "content": "Thanks."})


def test_it_is_what_a_request_would_have_made(start: Start, file: Path) -> None:
    options = "temperature: 0.5, instructions: Be short., additional_instructions: Now."
    api = serve(start, file, f"{DONE}, {options}")
    sent = {"assistant_id": "asst_a", "temperature": 0.5, "instructions": "Be short."}

    own = posted(api, RUNS, sent | {"additional_instructions": "Now."})

    found = api.get(f"{RUNS}/run_a").json
    same = set(KEYS) - {"id", "status", "started_at", "completed_at", "expires_at", "usage"}
    assert {name: found[name] for name in same} == {name: own[name] for name in same}


def test_several_runs_of_a_thread_come_one_after_the_other(start: Start, file: Path) -> None:
    other = OPEN.replace("run_a", "run_b")
    api = serve(start, file, DONE + ", created_at: -60", other)

    assert [one["id"] for one in api.get(RUNS).json["data"]] == ["run_b", "run_a"]
    assert api.get(f"{RUNS}/run_b").json["status"] == "completed"  # the list moved it on, too


def test_a_run_that_is_too_old_expires_when_it_is_read(start: Start, file: Path) -> None:
    api = serve(start, file, OPEN + ", created_at: -600")

    assert api.get(f"{RUNS}/run_a").json["status"] == "expired"


@pytest.mark.parametrize(
    ("more", "status"),
    [("", "completed"), (", status: completed", "completed"), (", status: queued", "queued")],
)
def test_without_polls_a_run_ends_at_once_unless_it_is_to_be_queued(
    start: Start, file: Path, more: str, status: str
) -> None:
    api = serve(start, file, OPEN + more, run_polls=0)

    assert api.get("/_mock/state").json["runs"][0]["status"] == status
    assert api.get(f"{RUNS}/run_a").json["status"] == "completed"


def test_a_run_is_the_same_for_every_key_and_on_every_server(start: Start, file: Path) -> None:
    done = "thread_id: thread_a, assistant_id: asst_a, status: completed"
    one, other = (serve(start, file, done, seed=3) for _ in range(2))
    another_seed = serve(start, file, done, seed=4)

    state = one.get("/_mock/state").json
    assert state == other.get("/_mock/state").json
    assert state == Api(one.url, "sk-other").get("/_mock/state").json
    assert state["runs"][0]["id"] != another_seed.get("/_mock/state").json["runs"][0]["id"]


def test_it_does_not_move_the_clock(start: Start, file: Path) -> None:
    assert serve(start, file, DONE).create()["created_at"] == START


def test_the_objects_that_it_refers_to_may_be_in_any_file(start: Start, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(f"objects: {{runs: [{{{DONE}}}]}}")
    (tmp_path / "b.yaml").write_text("objects: {threads: [{id: thread_a}]}")
    (tmp_path / "c.yaml").write_text(
        "objects: {assistants: [{id: asst_a, model: gpt-4o, instructions: Be kind.}]}"
    )

    api = start(fixtures=(str(tmp_path),))

    assert api.get(f"{RUNS}/run_a").json["instructions"] == "Be kind."


# ── What is posted ───────────────────────────────────────────────────────────────


def test_a_posted_run_may_refer_to_what_the_key_has(api: Api) -> None:
    assistant = api.create(name="Math Tutor")["id"]
    thread = posted(api, THREADS, {"messages": [{"role": "user", "content": "Hello?"}]})["id"]

    path = f"{THREADS}/{thread}/runs/run_b"

    for _ in range(2):  # the second takes the place of the first
        document = run(id="run_b", thread_id=thread, assistant_id=assistant)
        assert api.post("/_mock/stubs", document).status == 200
        assert api.get(path).json["status"] == "in_progress"

    document = run(id="run_c", thread_id=thread, assistant_id=assistant)
    [problem] = api.post("/_mock/stubs", document).json["errors"]
    assert problem["place"] == "objects.runs[0].thread_id"
    assert problem["what"] == f"Thread {thread} already has an active run run_b"
    assert problem["remedy"].startswith("give the run before it status: completed")


def test_another_keys_thread_is_none_of_it(api: Api) -> None:
    other = Api(api.url, f"{api.key}-other")
    thread = posted(other, THREADS)["id"]

    reply = api.post("/_mock/stubs", run(thread_id=thread))

    assert reply.status == 400
    assert [one["what"] for one in reply.json["errors"]] == [
        "there is no assistant with the id asst_a",
        f"there is no thread with the id {thread}",
    ]


def test_a_document_that_is_refused_leaves_everything_as_it_was(api: Api) -> None:
    assistant = api.create(instructions="Be kind.")["id"]
    thread = posted(api, THREADS)["id"]
    before = api.get("/_mock/state").json
    document = run(thread_id=thread, assistant_id=assistant)
    document["objects"]["runs"] *= 2

    assert api.post("/_mock/stubs", document).status == 400

    assert api.get("/_mock/state").json == before


def test_a_run_that_is_posted_for_all_refers_to_what_each_key_begins_with(
    start: Start, file: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    api = serve(start, file)
    api.delete(f"{THREADS}/thread_a")
    everyone = Api(api.url, key=None)

    assert everyone.post("/_mock/stubs", run(id="run_b")).status == 200

    assert Api(api.url, "sk-new").get(f"{RUNS}/run_b").json["status"] == "in_progress"
    assert api.get(f"{RUNS}/run_b").status == 404  # its thread is gone
    assert capfd.readouterr().err.splitlines() == [
        "mockserver: skipped an initial object of a fixture: No thread found with id 'thread_a'."
    ]


# ── What is refused ──────────────────────────────────────────────────────────────

REFUSED = [
    ("assistant_id: asst_a", ".thread_id", "Missing required parameter: 'thread_id'"),
    ("thread_id: thread_a", ".assistant_id", "Missing required parameter: 'assistant_id'"),
    ("thread_id: asst_a, assistant_id: asst_a", ".thread_id", "an ID that begins with 'thread'"),
    ("thread_id: thread_a, assistant_id: x", ".assistant_id", "an ID that begins with 'asst'"),
    ("thread_id: thread_c, assistant_id: asst_a", ".thread_id", "there is no thread with the id"),
    ("thread_id: thread_a, assistant_id: asst_c", ".assistant_id", "there is no assistant with"),
    (OPEN + ", status: done", ".status", "Invalid value: 'done'. Supported values are: 'compl"),
    (OPEN + ", stream: true", ".stream", "Unknown parameter: 'stream'"),
    (OPEN + ", model: gpt-nine", ".model", "does not exist"),
    (OPEN + ", repeat: 2", ".repeat", "Unknown parameter: 'repeat'"),
    (OPEN.replace("run_a", "thread_a"), ".id", "not a run id"),
    (OPEN + ", created_at: x", ".created_at", "not a time"),
    (OPEN.replace("thread_a", "thread_empty"), ".thread_id", "requires a Thread with a user"),
    (OPEN + ", additional_messages: [{role: x, content: y}]", ".additional_messages[0].role", "x"),
]


@pytest.mark.parametrize(("entry", "place", "words"), REFUSED)
def test_what_the_api_would_refuse_is_reported_at_its_field(
    entry: str, place: str, words: str
) -> None:
    problem = the_problem(
        TALK.replace("  runs:", "    - {id: thread_empty}\n  runs:") + f"    - {{{entry}}}\n"
    )

    assert problem.line == 9
    assert problem.place == "objects.runs[0]" + place
    assert words in problem.what


def test_an_id_that_nothing_has_is_told_the_nearest() -> None:
    problem = the_problem(TALK + "    - {thread_id: thread_b, assistant_id: asst_a}")
    other = the_problem(f"objects: {{threads: [{{id: thread_a}}], runs: [{{{OPEN}}}]}}")

    assert problem.remedy == "did you mean 'thread_a'?"
    assert other.what == "there is no assistant with the id asst_a"
    assert other.remedy == "give an assistant of these fixtures that id"


def test_a_thread_has_one_active_run() -> None:
    second = "    - {thread_id: thread_a, assistant_id: asst_a}"

    problem = the_problem(f"{TALK}    - {{{OPEN}}}\n{second}")

    assert (problem.line, problem.place) == (9, "objects.runs[1].thread_id")
    assert problem.what == "Thread thread_a already has an active run run_a"
    assert problem.remedy.startswith("give the run before it status: completed")


def test_an_object_that_has_a_problem_is_no_problem_of_those_that_refer_to_it() -> None:
    text = TALK.replace("gpt-4o", "gpt-nine").replace("role: user", "role: usr")

    found = problems(f"{text}    - {{{OPEN}}}\n")

    assert [one.place for one in found] == [
        "objects.assistants[0].model",
        "objects.threads[0].messages[0].role",
    ]


def test_the_runs_of_a_thread_are_limited_and_the_first_too_many_is_named() -> None:
    many = "    - {thread_id: thread_a, assistant_id: asst_a, status: completed}\n" * 502

    problem = the_problem(TALK + many)

    assert problem.place == "objects.runs[500].thread_id"
    assert problem.what == "more than 500 runs have this thread_id"
