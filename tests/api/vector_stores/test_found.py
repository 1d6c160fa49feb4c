"""What searches find: by the API, and by a run that cites it."""

from typing import Any

import pytest

from tests.api.conversation import (
    laid_out,
    play_out,
    posted,
    refusal,
    script,
    steps_of,
    thread,
)
from tests.api.conversation import run as new_run
from tests.api.vector_stores.shelf import STORES, attach, file, files_path, search, store
from tests.support import Api

TIPS = {"air.txt": "Breathe slowly.", "water.txt": "Drink water.", "sleep.md": "Sleep for 8 hours."}

PAGE = """{
  "object": "vector_store.search_results.page",
  "search_query": [
    "water"
  ],
  "data": [
    {
      "file_id": <file>,
      "filename": "water.txt",
      "score": 0.6667,
      "attributes": {
        "year": 2024
      },
      "content": [
        {
          "type": "text",
          "text": "Drink water."
        }
      ]
    }
  ],
  "has_more": false,
  "next_page": null
}"""

EMPTY = """{
  "object": "vector_store.search_results.page",
  "search_query": [
    "tea"
  ],
  "data": [],
  "has_more": false,
  "next_page": null
}"""


def tips(api: Api, **fields: Any) -> str:
    """Create a store of three tips."""
    return store(api, *(file(api, text, name) for name, text in TIPS.items()), **fields)


def names(results: list[Any], name: str = "filename") -> list[str]:
    return [one[name] for one in results]


def test_a_page_of_results_has_its_layout(api: Api) -> None:
    file_id, store_id = file(api, "Drink water.", "water.txt"), store(api)
    attach(api, store_id, file_id, attributes={"year": 2024})

    reply = api.post(f"{STORES}/{store_id}/search", {"query": "water"})

    laid_out(reply, PAGE, file=f'"{file_id}"')
    laid_out(api.post(f"{STORES}/{store(api)}/search", {"query": "tea"}), EMPTY)


def test_several_queries_are_asked_at_once(api: Api) -> None:
    store_id = tips(api)

    page = posted(api, f"{STORES}/{store_id}/search", {"query": ["water", "sleep"]})

    assert page["search_query"] == ["water", "sleep"]
    assert names(page["data"]) == ["water.txt", "sleep.md", "air.txt"]


def test_results_are_as_many_and_as_good_as_was_asked(api: Api) -> None:
    store_id = tips(api)

    assert names(search(api, store_id, "water", max_num_results=1)) == ["water.txt"]
    good = {"ranker": "auto", "score_threshold": 0.5}
    assert names(search(api, store_id, "water", ranking_options=good)) == ["water.txt"]
    assert len(search(api, store_id, "water", rewrite_query=True)) == 3


def test_ten_results_are_given_unless_said(api: Api) -> None:
    small = {"type": "static", "static": {"max_chunk_size_tokens": 100, "chunk_overlap_tokens": 0}}
    store_id = store(api, file(api, "water " * 1000), chunking_strategy=small)

    assert len(search(api, store_id, "water")) == 10
    assert len(search(api, store_id, "water", max_num_results=50)) == 16


def test_a_search_is_a_use_of_the_store(api: Api) -> None:
    store_id = tips(api, expires_after={"anchor": "last_active_at", "days": 1})
    before = api.get(f"{STORES}/{store_id}").json
    api.post("/_mock/clock", {"advance": "1h"})

    search(api, store_id, "water")

    after = api.get(f"{STORES}/{store_id}").json
    assert after["last_active_at"] >= before["last_active_at"] + 3600
    assert after["expires_at"] == after["last_active_at"] + 86400


@pytest.mark.parametrize(
    ("body", "message", "param", "code"),
    [
        ({}, "Missing required parameter: 'query'.", "query", "missing_required_parameter"),
        (
            {"query": 5},
            "Invalid type for 'query': expected one of a string or array of strings, but got an "
            "integer instead.",
            "query",
            "invalid_type",
        ),
        (
            {"query": []},
            "Invalid 'query': empty array. Expected an array with minimum length 1, but got an "
            "empty array instead.",
            "query",
            "empty_array",
        ),
        (
            {"query": "a", "max_num_results": 51},
            "Invalid 'max_num_results': integer above maximum value. Expected a value <= 50, but "
            "got 51 instead.",
            "max_num_results",
            "integer_above_max_value",
        ),
        (
            {"query": "a", "ranking_options": {"score_threshold": 1.5}},
            "Invalid 'ranking_options.score_threshold': decimal above maximum value. Expected a "
            "value <= 1, but got 1.5 instead.",
            "ranking_options.score_threshold",
            "decimal_above_max_value",
        ),
        (
            {"query": "a", "ranking_options": {"ranker": "best"}},
            "Invalid value: 'best'. Supported values are: 'none', 'auto', and "
            "'default-2024-11-15'.",
            "ranking_options.ranker",
            "invalid_value",
        ),
    ],
)
def test_a_search_is_checked(
    api: Api, body: dict[str, Any], message: str, param: str, code: str
) -> None:
    assert refusal(api.post(f"{STORES}/{store(api)}/search", body)) == (400, message, param, code)


# ── Runs ─────────────────────────────────────────────────────────────────────────

RESULTS = "&include[]=step_details.tool_calls[*].file_search.results[*].content"


def searching(**file_search: Any) -> list[Any]:
    """Return the tool that searches files, with its options."""
    return [{"type": "file_search", "file_search": file_search}]


def results_of(api: Api, run: Any) -> Any:
    """Return what the first step of a run found."""
    assert run["status"] == "completed", run["last_error"]
    [call] = steps_of(api, run, RESULTS)[0]["step_details"]["tool_calls"]
    return call["file_search"]["results"]


def test_a_run_finds_what_the_stores_of_its_assistant_and_thread_have(api: Api) -> None:
    script(api, {"search": {}}, {"say": "Drink."})
    own = store(api, file(api, "Tap water.", "tap.txt"))
    assistant = api.create(
        tools=searching(), tool_resources={"file_search": {"vector_store_ids": [tips(api)]}}
    )
    resources = {"file_search": {"vector_store_ids": [own]}}
    asked = thread(api, "Which water?", tool_resources=resources)

    run = play_out(api, new_run(api, asked, assistant_id=assistant["id"]))

    found = results_of(api, run)
    assert list(found[0]) == ["file_id", "file_name", "score", "attributes", "content"]
    assert names(found, "file_name") == ["water.txt", "tap.txt", "air.txt", "sleep.md"]
    assert found[0]["content"] == [{"type": "text", "text": "Drink water."}]


def test_the_content_of_results_is_shown_where_it_is_asked_for(api: Api) -> None:
    script(api, {"search": {}}, {"say": "Drink."})
    resources = {"file_search": {"vector_store_ids": [tips(api)]}}

    assistant = api.create(tools=searching(), tool_resources=resources)
    run = play_out(api, new_run(api, thread(api, "Which water?"), assistant_id=assistant["id"]))

    [call] = steps_of(api, run)[0]["step_details"]["tool_calls"]
    assert "content" not in call["file_search"]["results"][0]
    assert names(call["file_search"]["results"], "score") == names(results_of(api, run), "score")


@pytest.mark.parametrize(
    ("options", "count"),
    [
        ({"max_num_results": 1}, 1),
        ({"ranking_options": {"ranker": "auto", "score_threshold": 0.5}}, 1),
        ({}, 3),
    ],
)
def test_the_options_of_the_tool_hold(api: Api, options: dict[str, Any], count: int) -> None:
    script(api, {"search": {}}, {"say": "Drink."})
    resources = {"file_search": {"vector_store_ids": [tips(api)]}}
    assistant = api.create(tools=searching(**options), tool_resources=resources)

    run = play_out(api, new_run(api, thread(api, "Water?"), assistant_id=assistant["id"]))

    assert len(results_of(api, run)) == count


@pytest.mark.parametrize("holder", ["assistant", "thread"])
def test_a_store_is_created_with_an_assistant_or_a_thread(api: Api, holder: str) -> None:
    script(api, {"search": {}}, {"say": "Drink."})
    file_id = file(api, "Drink water.", "water.txt")
    new = {"vector_stores": [{"file_ids": [file_id], "metadata": {"a": "b"}}]}
    given: dict[str, Any] = {"assistant": {}, "thread": {}}
    given[holder] = {"tool_resources": {"file_search": new}}
    assistant = api.create(tools=searching(), **given["assistant"])
    asked = posted(
        api,
        "/v1/threads",
        {"messages": [{"role": "user", "content": "Water?"}], **given["thread"]},
    )
    created = {"assistant": assistant, "thread": asked}[holder]

    [store_id] = created["tool_resources"]["file_search"]["vector_store_ids"]

    shown = api.get(f"{STORES}/{store_id}").json
    days = {"assistant": None, "thread": {"anchor": "last_active_at", "days": 7}}[holder]
    assert (shown["expires_after"], shown["metadata"]) == (days, {"a": "b"})
    assert api.get(files_path(store_id)).json["first_id"] == file_id
    run = play_out(api, new_run(api, asked["id"], assistant_id=assistant["id"]))
    assert names(results_of(api, run), "file_name") == ["water.txt"]


def test_a_run_that_searches_uses_its_stores(api: Api) -> None:
    script(api, {"search": {}}, {"say": "Drink."})
    store_id = tips(api, expires_after={"anchor": "last_active_at", "days": 1})
    resources = {"file_search": {"vector_store_ids": [store_id]}}
    assistant = api.create(tools=searching(), tool_resources=resources)
    asked = thread(api, "Water?")
    for _ in range(3):
        api.post("/_mock/clock", {"advance": "20h"})
        assert results_of(api, play_out(api, new_run(api, asked, assistant_id=assistant["id"])))

    api.post("/_mock/clock", {"advance": "24h"})
    run = play_out(api, new_run(api, asked, assistant_id=assistant["id"]))

    assert run["status"] == "failed"
    assert run["last_error"] == {
        "code": "server_error",
        "message": "The script of this run searches the vector store "
        f"{store_id}, which has expired.",
    }


def test_a_run_searches_what_is_left_of_its_stores(api: Api) -> None:
    script(api, {"search": {}}, {"say": "Drink."})
    store_id = tips(api)
    resources = {"file_search": {"vector_store_ids": [store_id]}}
    assistant = api.create(tools=searching(), tool_resources=resources)
    api.delete(f"{STORES}/{store_id}")

    run = play_out(api, new_run(api, thread(api, "Water?"), assistant_id=assistant["id"]))

    assert results_of(api, run) == []


def test_every_key_finds_the_same(api: Api) -> None:
    other = Api(api.url, f"{api.key}-other")

    pages = [
        one.post(f"{STORES}/{tips(one)}/search", {"query": "sleep and water"}).body
        for one in (api, other)
    ]

    assert pages[0] == pages[1]


# ── Attachments ──────────────────────────────────────────────────────────────────


def asking(file_id: str, tool: str = "file_search") -> dict[str, Any]:
    """Return a message with a file for a tool."""
    attachment = {"file_id": file_id, "tools": [{"type": tool}]}
    return {"role": "user", "content": "Which water?", "attachments": [attachment]}


def test_a_run_searches_what_is_attached_to_its_messages(api: Api) -> None:
    script(api, {"search": {}}, {"say": "Drink."})
    asked = posted(api, "/v1/threads", {"messages": [asking(file(api, "Tap water.", "tap.txt"))]})
    assistant = api.create(tools=searching())

    run = play_out(api, new_run(api, asked["id"], assistant_id=assistant["id"]))

    assert names(results_of(api, run), "file_name") == ["tap.txt"]


@pytest.mark.parametrize("place", ["a message", "a thread", "a run"])
def test_a_file_that_cannot_be_searched_is_not_attached_for_a_search(api: Api, place: str) -> None:
    table = file(api, "a,b", "a.csv")
    assistant, thread_id = api.create(tools=searching())["id"], thread(api, "Hello?")
    path, body = {
        "a message": (f"/v1/threads/{thread_id}/messages", asking(table)),
        "a thread": ("/v1/threads", {"messages": [asking(table)]}),
        "a run": (
            f"/v1/threads/{thread_id}/runs",
            {"assistant_id": assistant, "additional_messages": [asking(table)]},
        ),
    }[place]

    status, message, param, code = refusal(api.post(path, body))

    assert (status, param, code) == (400, "file_ids", "unsupported_file")
    assert message.startswith("Files with extensions [.csv] are not supported for retrieval.")


def test_the_code_interpreter_takes_any_file(api: Api) -> None:
    table = asking(file(api, "a,b", "a.csv"), "code_interpreter")

    posted(api, f"/v1/threads/{thread(api)}/messages", table)
