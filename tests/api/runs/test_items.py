"""What each item of a script does, in each form in which it can be written."""

import json
from typing import Any

import pytest

from tests.api.conversation import (
    THREADS,
    ask,
    path_of,
    play_out,
    read,
    said,
    script,
    steps_of,
    submit,
)
from tests.support import Api

INTERPRETER = {"type": "code_interpreter"}
SEARCH = {"type": "file_search"}


def function(name: str) -> Any:
    return {"type": "function", "function": {"name": name}}


def calls_of(run: Any) -> list[tuple[str, str]]:
    """Return the name and the arguments of each call that a run waits for."""
    calls = run["required_action"]["submit_tool_outputs"]["tool_calls"]
    return [(call["function"]["name"], call["function"]["arguments"]) for call in calls]


# ── say and refuse ───────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "item",
    [
        {"say": "Four."},
        {"say": {"text": "Four."}},
        {"say": "Four.", "deltas": "words"},
        {"say": {"text": "Four.", "deltas": "characters"}, "delay": "20ms"},
        {"say": {"text": "Four.", "delay": 0.5, "deltas": 3}},
    ],
)
def test_say_writes_a_message_however_a_stream_would_cut_it(api: Api, item: Any) -> None:
    script(api, item)

    ended = play_out(api, ask(api))

    assert (ended["status"], said(api, ended)) == ("completed", ["Four."])


@pytest.mark.parametrize("item", [{"refuse": "No."}, {"refuse": {"text": "No.", "delay": "1s"}}])
def test_refuse_writes_a_message_that_is_a_refusal(api: Api, item: Any) -> None:
    script(api, item)

    ended = play_out(api, ask(api))

    [newest, _] = api.get(f"{THREADS}/{ended['thread_id']}/messages").json["data"]
    assert ended["status"] == "completed"
    assert newest["content"] == [{"type": "refusal", "refusal": "No."}]


def test_a_script_without_items_completes_a_run_that_never_speaks(api: Api) -> None:
    script(api)

    ended = play_out(api, ask(api))

    assert (ended["status"], said(api, ended), steps_of(api, ended)) == ("completed", [], [])


def test_items_stand_in_any_order_and_each_say_is_a_message(api: Api) -> None:
    script(
        api,
        {"say": "First."},
        {"code": {"input": "1"}},
        {"say": "Second."},
        {"call": "look_up"},
        {"say": "Third."},
    )
    waiting = play_out(api, ask(api, tools=[INTERPRETER, function("look_up")]))
    submit(api, waiting, "found")

    ended = play_out(api, waiting)

    assert said(api, ended) == ["First.", "Second.", "Third."]
    kinds = [step["type"] for step in steps_of(api, ended)]
    creation, calls = "message_creation", "tool_calls"
    assert kinds == [creation, calls, creation, calls, creation]


# ── call ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("written", "calls"),
    [
        ("look_up", [("look_up", "{}")]),
        ({"look_up": None}, [("look_up", "{}")]),
        ({"look_up": {"city": "Paris"}}, [("look_up", '{"city":"Paris"}')]),
        ({"look_up": '{"city": "Par'}, [("look_up", '{"city": "Par')]),
        (["look_up", "look_up"], [("look_up", "{}"), ("look_up", "{}")]),
        ({"look_up": {"n": 1}, "add": {"n": 2}}, [("look_up", '{"n":1}'), ("add", '{"n":2}')]),
        (
            [{"look_up": {"n": 1}}, "add", {"look_up": {"n": 2}}],
            [("look_up", '{"n":1}'), ("add", "{}"), ("look_up", '{"n":2}')],
        ),
    ],
)
def test_call_asks_for_the_outputs_of_functions(
    api: Api, written: Any, calls: list[tuple[str, str]]
) -> None:
    script(api, {"call": written}, {"say": "Done."})

    waiting = play_out(api, ask(api, tools=[function("look_up"), function("add")]))

    assert waiting["status"] == "requires_action"
    assert calls_of(waiting) == calls
    submit(api, waiting, *["x"] * len(calls))
    assert said(api, play_out(api, waiting)) == ["Done."]


def deep(levels: int) -> Any:
    value: Any = "the end"
    for _ in range(levels):
        value = {"in": value}
    return value


@pytest.mark.parametrize(
    "arguments",
    [
        {"quote": '"', "newline": "a\nb", "owl": "🦉", "slash": "\\u0041", "null": None},
        {"wide": 12345678901234567890123, "float": 1.0, "small": 1e-07, "minus": -0.0},
        {"list": [1, [True, {}]], "": "no name", "a.b": "a dot"},
        {"long": "a" * 256_000},
        deep(180),
    ],
    ids=["text", "numbers", "names", "long", "deep"],
)
def test_arguments_come_out_as_they_went_in(api: Api, arguments: Any) -> None:
    script(api, {"call": {"look_up": arguments}})

    [(_, text)] = calls_of(play_out(api, ask(api, tools=[function("look_up")])))

    assert text == json.dumps(arguments, ensure_ascii=False, separators=(",", ":"))


def test_a_call_in_a_call_that_waits_uses_the_output_of_the_first(api: Api) -> None:
    script(
        api,
        {"call": {"look_up": {}}},
        {"call": {"add": {"numbers": "{{ outputs.look_up.numbers }}", "all": "{{ outputs.0 }}"}}},
        {"say": "{{ outputs.add }} of {{ outputs.look_up }}"},
    )
    run = play_out(api, ask(api, tools=[function("look_up"), function("add")]))
    submit(api, run, '{"numbers": [1, 2.0]}')
    run = play_out(api, run)
    [(name, arguments)] = calls_of(run)
    submit(api, run, "3")

    assert name == "add"
    assert json.loads(arguments) == {"numbers": [1, 2.0], "all": '{"numbers": [1, 2.0]}'}
    assert said(api, play_out(api, run)) == ['3 of {"numbers": [1, 2.0]}']


# ── search and code ──────────────────────────────────────────────────────────────


def test_search_shows_its_results_in_the_layout_of_the_wire(api: Api) -> None:
    found = {"file_name": "tips.md", "text": "Breathe.", "score": 0.75, "attributes": {"n": 1.0}}
    script(api, {"search": {"results": [found, {"file_name": "more.md"}]}}, {"say": "Breathe."})
    ended = play_out(api, ask(api, tools=[SEARCH]))

    content = "&include[]=step_details.tool_calls%5B*%5D.file_search.results%5B*%5D.content"
    [call] = steps_of(api, ended, content)[0]["step_details"]["tool_calls"]

    first, second = call["file_search"]["results"]
    assert list(call) == ["id", "type", "file_search"]
    assert list(call["file_search"]) == ["ranking_options", "results"]
    assert call["file_search"]["ranking_options"] == {
        "ranker": "default_2024_08_21",
        "score_threshold": 0.0,
    }
    assert list(first) == ["file_id", "file_name", "score", "attributes", "content"]
    assert first["file_id"].startswith("file-")
    assert (first["score"], first["attributes"]) == (0.75, {"n": 1.0})
    assert first["content"] == [{"type": "text", "text": "Breathe."}]
    assert (second["score"], second["content"]) == (0.5, [{"type": "text", "text": ""}])


def test_search_shows_the_text_of_its_results_only_where_that_is_asked_for(api: Api) -> None:
    script(api, {"search": {"results": [{"file_name": "tips.md", "text": "Breathe."}]}})
    ended = play_out(api, ask(api, tools=[SEARCH]))

    [step] = steps_of(api, ended)

    [result] = step["step_details"]["tool_calls"][0]["file_search"]["results"]
    assert list(result) == ["file_id", "file_name", "score", "attributes"]


@pytest.mark.parametrize("item", ["search", {"search": None}, {"search": {}}])
def test_a_search_may_find_nothing(api: Api, item: Any) -> None:
    script(api, item, {"say": "I found nothing."})

    [step, _] = steps_of(api, play_out(api, ask(api, tools=[SEARCH])))

    assert step["step_details"]["tool_calls"][0]["file_search"]["results"] == []


@pytest.mark.parametrize(
    ("item", "outputs"),
    [
        ({"code": "6 * 7"}, []),
        ({"code": {"input": "6 * 7"}}, []),
        ({"code": {"input": "6 * 7", "logs": "42"}}, [{"type": "logs", "logs": "42"}]),
        ({"code": "6 * 7", "logs": ""}, [{"type": "logs", "logs": ""}]),
    ],
)
def test_code_shows_its_input_and_what_it_printed(api: Api, item: Any, outputs: Any) -> None:
    script(api, item)

    [step] = steps_of(api, play_out(api, ask(api, tools=[INTERPRETER])))

    [call] = step["step_details"]["tool_calls"]
    assert list(call) == ["id", "type", "code_interpreter"]
    assert call["code_interpreter"] == {"input": "6 * 7", "outputs": outputs}
    assert list(call["code_interpreter"]) == ["input", "outputs"]


# ── cite ─────────────────────────────────────────────────────────────────────────

FOUND = {"search": {"results": [{"file_name": "tips.md"}, {"file_name": "more.md"}]}}


@pytest.mark.parametrize(
    ("cite", "text"),
    [
        (True, "Breathe.【4:0†tips.md】"),
        (False, "Breathe."),
        ([], "Breathe."),
        ([{"file": "more.md"}], "Breathe.【4:0†more.md】"),
        (
            [{"file": "more.md"}, {"file": "tips.md", "quote": "In, out."}],
            "Breathe.【4:0†more.md】【4:1†tips.md】",
        ),
    ],
)
def test_say_cites_files_that_a_search_of_the_run_found(api: Api, cite: Any, text: str) -> None:
    script(api, FOUND, {"say": "Breathe.", "cite": cite})

    ended = play_out(api, ask(api, tools=[SEARCH]))

    [newest, _] = api.get(f"{THREADS}/{ended['thread_id']}/messages").json["data"]
    shown = newest["content"][0]["text"]
    assert shown["value"] == text
    for mark in shown["annotations"]:
        assert text[mark["start_index"] : mark["end_index"]] == mark["text"]
        assert mark["file_citation"]["file_id"].startswith("file-")


def test_a_file_has_the_same_id_in_every_run_and_can_be_cited_by_it(api: Api) -> None:
    named = {"search": {"results": [{"file_name": "tips.md", "file_id": "file-tips"}]}}
    script(api, named, {"say": "Breathe.", "cite": [{"file": "file-tips"}]})

    assert said(api, play_out(api, ask(api, tools=[SEARCH]))) == ["Breathe.【4:0†tips.md】"]


# ── wait ─────────────────────────────────────────────────────────────────────────


def states(api: Api, run: Any, reads: int) -> list[str]:
    return [read(api, run)["status"] for _ in range(reads)]


def test_wait_holds_a_run_for_so_many_reads(api: Api) -> None:
    script(api, {"wait": {"polls": 3}}, {"say": "Done."})

    assert states(api, ask(api), 5) == ["in_progress"] * 4 + ["completed"]


@pytest.mark.parametrize("length", ["30s", 30, "0.5m", 29.5])
def test_wait_holds_a_run_until_the_clock_has_passed_it(api: Api, length: Any) -> None:
    script(api, {"wait": length}, {"say": "Done."})
    run = ask(api)

    assert states(api, run, 4) == ["in_progress"] * 4
    api.post("/_mock/clock", {"advance": "29s"})
    assert states(api, run, 2) == ["in_progress"] * 2
    api.post("/_mock/clock", {"advance": "1s"})
    assert states(api, run, 1) == ["completed"]


def test_a_wait_that_is_longer_than_a_run_may_be_open_lets_it_expire(api: Api) -> None:
    script(api, {"wait": "1h"}, {"say": "Too late."})
    run = ask(api)
    states(api, run, 2)

    api.post("/_mock/clock", {"advance": "10m"})

    assert (play_out(api, run)["status"], said(api, run)) == ("expired", [])


def test_a_wait_behind_a_message_leaves_the_message_closed(api: Api) -> None:
    script(api, {"say": "One moment."}, {"wait": {"polls": 2}}, {"say": "Done."})

    assert said(api, play_out(api, ask(api))) == ["One moment.", "Done."]


# ── Ends ─────────────────────────────────────────────────────────────────────────

SORRY = "Sorry, something went wrong."


@pytest.mark.parametrize(
    ("item", "code", "message"),
    [
        ("fail", "server_error", SORRY),
        ({"fail": None}, "server_error", SORRY),
        ({"fail": "server_error"}, "server_error", SORRY),
        ({"fail": "It is on fire."}, "server_error", "It is on fire."),
        ({"fail": {"message": "It burns."}}, "server_error", "It burns."),
        ({"fail": {"code": "invalid_prompt"}}, "invalid_prompt", "The prompt is invalid."),
        ({"fail": "invalid_prompt", "message": "No."}, "invalid_prompt", "No."),
        ({"fail": "No.", "code": "invalid_prompt"}, "invalid_prompt", "No."),
        (
            {"fail": {"code": "rate_limit_exceeded", "message": "Slow down."}},
            "rate_limit_exceeded",
            "Slow down.",
        ),
    ],
)
def test_fail_ends_a_run_with_an_error(api: Api, item: Any, code: str, message: str) -> None:
    script(api, item)

    ended = play_out(api, ask(api))

    assert ended["status"] == "failed"
    assert ended["last_error"] == {"code": code, "message": message}
    assert said(api, ended) == []


@pytest.mark.parametrize("reason", ["max_completion_tokens", "max_prompt_tokens"])
@pytest.mark.parametrize("is_short", [True, False])
def test_incomplete_cuts_off_the_message_that_is_open(
    api: Api, reason: str, is_short: bool
) -> None:
    item: Any = {"incomplete": reason if is_short else {"reason": reason}}
    script(api, {"say": "Well, it all began"}, item)

    ended = play_out(api, ask(api))

    assert ended["status"] == "incomplete"
    assert ended["incomplete_details"] == {"reason": reason}
    assert said(api, ended) == ["Well, it all began"]
    newest = api.get("/_mock/state").json["messages"][-1]
    assert (newest["status"], newest["incomplete_details"]) == (
        "incomplete",
        {"reason": "max_tokens"},
    )


@pytest.mark.parametrize(
    ("name", "status"), [("expire", "expired"), ("cancel", "cancelled"), ("fail", "failed")]
)
def test_an_end_is_written_by_its_name_alone(api: Api, name: str, status: str) -> None:
    script(api, name)

    ended = play_out(api, ask(api))

    assert (ended["status"], said(api, ended)) == (status, [])
    assert api.post(f"{path_of(ended)}/cancel").status == 400


# ── What a run lacks ─────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("items", "words"),
    [
        ([{"call": "look_up"}], "calls look_up, a function that the run does not have: add it to"),
        (["search"], "searches files, but the run has no tool file_search"),
        ([{"code": "1"}], "runs code, but the run has no tool code_interpreter"),
        ([{"say": "a", "cite": True}], "cites a file, but no search of this run found one"),
        ([{"say": "a", "cite": [{"file": "b.md"}]}], "cites b.md, a file that is not there"),
    ],
)
def test_a_run_that_cannot_play_its_script_fails_and_says_why(
    api: Api, items: list[Any], words: str
) -> None:
    script(api, *items)

    ended = play_out(api, ask(api, tools=[function("another")]))

    assert ended["status"] == "failed"
    assert ended["last_error"]["code"] == "server_error"
    assert words in ended["last_error"]["message"]
    newest = api.get("/_mock/requests?operation=getRun").json["requests"][0]
    assert words in newest["response"]["body"]["last_error"]["message"]
