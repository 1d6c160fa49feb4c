"""The deltas of a stream, key by key, and what they add up to."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.api.runs.deltas import pieces, refusal_deltas, said, text_deltas, tokens
from tests.api.conversation import thread
from tests.api.streams import begin, data, streamed
from tests.support import Api


def message_deltas(api: Api, *items: Any) -> tuple[list[Any], Any]:
    """Return the deltas of a message, and the message."""
    path, body = begin(api, thread(api, "a"), *items)
    heard = streamed(api, path, body)
    [message] = data(heard, "message.completed")
    deltas = data(heard, "message.delta")
    assert all(list(one) == ["id", "object", "delta"] for one in deltas)
    assert {(one["id"], one["object"]) for one in deltas} == {
        (message["id"], "thread.message.delta")
    }
    return [one["delta"] for one in deltas], message


def call_deltas(api: Api, *items: Any) -> list[Any]:
    """Return the calls in the deltas of the first step."""
    path, body = begin(api, thread(api, "a"), *items)
    heard = streamed(api, path, body)
    step = data(heard, "run.step.created")[0]
    deltas = data(heard, "run.step.delta")
    assert all(list(one) == ["id", "object", "delta"] for one in deltas)
    assert {(one["id"], one["object"]) for one in deltas} == {(step["id"], "thread.run.step.delta")}
    details = [one["delta"]["step_details"] for one in deltas]
    assert all(list(one) == ["type", "tool_calls"] for one in details)
    return [call for one in details for call in one["tool_calls"]]


# ── Texts ────────────────────────────────────────────────────────────────────────


def test_the_first_delta_of_a_text_has_annotations_and_later_ones_only_its_value(api: Api) -> None:
    deltas, _ = message_deltas(api, {"say": "It is sunny."})

    assert json.dumps(deltas) == json.dumps(
        [
            {"content": [{"index": 0, "type": "text", "text": {"value": "It", "annotations": []}}]},
            {"content": [{"index": 0, "type": "text", "text": {"value": " is"}}]},
            {"content": [{"index": 0, "type": "text", "text": {"value": " sunny."}}]},
        ]
    )


@pytest.mark.parametrize(
    ("how", "values"),
    [
        ("words", ["Grüße", " an", "  👋", "\nalle", " "]),
        ("characters", list("Grüße an  👋\nalle ")),
        (7, ["Grüße a", "n  👋\nal", "le "]),
        (99, ["Grüße an  👋\nalle "]),
    ],
)
def test_a_script_says_how_a_text_is_cut(api: Api, how: Any, values: list[str]) -> None:
    deltas, _ = message_deltas(api, {"say": "Grüße an  👋\nalle ", "deltas": how})

    assert [one["content"][0]["text"]["value"] for one in deltas] == values


def test_each_annotation_is_a_delta_of_its_own_with_its_mark(api: Api) -> None:
    results = [{"file_name": "tips.md", "text": "Breathe."}, {"file_name": "rest.md"}]
    cite = [{"file": "tips.md", "quote": "Breathe."}, {"file": "rest.md"}]
    deltas, message = message_deltas(
        api, {"search": {"results": results}}, {"say": "Breathe é.", "cite": cite}
    )

    text = message["content"][0]["text"]
    *words, first, second = [one["content"][0] for one in deltas]
    assert [one["text"]["value"] for one in words] == ["Breathe", " é."]
    for at, (part, annotation) in enumerate(zip((first, second), text["annotations"], strict=True)):
        [shown] = part["text"]["annotations"]
        assert list(part) == ["index", "type", "text"]
        assert list(part["text"]) == ["value", "annotations"]
        assert list(shown) == [
            *("index", "type", "text", "start_index", "end_index", "file_citation")
        ]
        quote = ("Breathe.", "")[at]
        cited = annotation["file_citation"] | {"quote": quote}
        assert shown == {"index": at, **annotation, "file_citation": cited}
        assert part["text"]["value"] == annotation["text"]
        assert (
            text["value"][annotation["start_index"] : annotation["end_index"]]
            == (annotation["text"])
        )
        assert list(annotation["file_citation"]) == ["file_id"]
    assert text["value"] == "Breathe é.【4:0†tips.md】【4:1†rest.md】"


def test_a_refusal_comes_in_pieces_of_its_own_type(api: Api) -> None:
    deltas, message = message_deltas(api, {"refuse": "I cannot."})

    assert deltas == [
        {"content": [{"index": 0, "type": "refusal", "refusal": piece}]}
        for piece in ("I", " cannot.")
    ]
    assert message["content"] == [{"type": "refusal", "refusal": "I cannot."}]


# ── Tools ────────────────────────────────────────────────────────────────────────


def test_each_call_begins_with_its_name_and_goes_on_with_its_arguments(api: Api) -> None:
    first, *others = call_deltas(api, {"call": [{"get_weather": {"city": "Paris"}}, "get_time"]})
    second = next(one for one in others if one["index"] == 1)

    for at, (begun, name) in enumerate([(first, "get_weather"), (second, "get_time")]):
        assert json.dumps(begun | {"id": "call_1"}) == json.dumps(
            {
                "index": at,
                "id": "call_1",
                "type": "function",
                "function": {"name": name, "arguments": "", "output": None},
            }
        )
    assert first["id"] != second["id"]
    later = [one for one in others if one is not second]
    assert all(list(one) == ["index", "type", "function"] for one in later)
    assert all(list(one["function"]) == ["arguments"] for one in later)
    assert [
        "".join(one["function"]["arguments"] for one in later if one["index"] == at)
        for at in (0, 1)
    ] == ['{"city":"Paris"}', "{}"]
    assert [one["index"] for one in (first, *others)] == sorted(
        one["index"] for one in (first, *others)
    )


def test_a_search_is_one_delta_without_results(api: Api) -> None:
    [delta] = call_deltas(api, {"search": {"results": [{"file_name": "a.md"}]}})

    assert json.dumps(delta | {"id": "call_1"}) == json.dumps(
        {
            "index": 0,
            "id": "call_1",
            "type": "file_search",
            "file_search": {
                "ranking_options": {"ranker": "default_2024_08_21", "score_threshold": 0.0},
                "results": [],
            },
        }
    )


def test_code_comes_in_pieces_then_its_output(api: Api) -> None:
    first, *rest = call_deltas(api, {"code": {"input": "print(6 * 7)", "logs": "42"}})
    *pieces, output = rest

    assert json.dumps(first | {"id": "call_1"}) == json.dumps(
        {
            "index": 0,
            "id": "call_1",
            "type": "code_interpreter",
            "code_interpreter": {"input": "", "outputs": []},
        }
    )
    assert all(list(one) == ["index", "type", "code_interpreter"] for one in rest)
    assert "".join(one["code_interpreter"]["input"] for one in pieces) == "print(6 * 7)"
    assert output["code_interpreter"] == {"outputs": [{"index": 0, "type": "logs", "logs": "42"}]}


def test_code_that_prints_nothing_has_no_delta_with_outputs(api: Api) -> None:
    first, *rest = call_deltas(api, {"code": "x = 1"})

    assert all(list(one["code_interpreter"]) == ["input"] for one in rest)
    assert first["code_interpreter"]["outputs"] == []


# ── Every text ───────────────────────────────────────────────────────────────────

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
HOW = st.one_of(st.none(), st.sampled_from(["words", "characters"]), st.integers(1, 9))


@given(TEXTS, HOW)
def test_the_pieces_of_any_text_add_up_to_it(text: str, how: Any) -> None:
    assert "".join(pieces(text, how)) == text
    assert all(pieces(text, how))


@given(TEXTS)
def test_the_tokens_of_any_code_add_up_to_it(text: str) -> None:
    assert "".join(tokens(text)) == text


@given(TEXTS, HOW)
def test_what_was_said_is_in_the_deltas(text: str, how: Any) -> None:
    whole = {"value": text, "annotations": []}
    for deltas in (text_deltas(whole, [], how), refusal_deltas(text, how)):
        assert "".join(map(said, deltas)) == text
