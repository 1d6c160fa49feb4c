"""The index of stubs finds the same stubs as trying each one."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from multidict import CIMultiDict

from mockserver.api.shared.known_models import shipped
from mockserver.expressions.request_view import About, RequestView
from mockserver.loading.compile import compile_document
from mockserver.loading.document import Document
from mockserver.stubs.index import StubIndex, matching_stubs
from mockserver.stubs.near_misses import near_misses
from mockserver.stubs.stub import Stub

Given = dict[str, Any]


def compiled(given: Sequence[Given]) -> tuple[Stub, ...]:
    stubs = [{"name": str(at), "then": "default", **one} for at, one in enumerate(given)]
    return compile_document(Document("f", {"stubs": stubs}, {}), shipped()).stubs


def when(body: object = None, operation: str | None = None, **more: Any) -> Given:
    return {
        "when": ({} if body is None else {"body": body})
        | ({} if operation is None else {"operation": operation})
        | more
    }


def request_of(
    body: Any, operation: str | None = "createAssistant", query: str | list[str] = ""
) -> RequestView:
    headers = CIMultiDict([("X-Team", "blue"), ("x-team", "red")])
    return RequestView(operation, "POST", "/v1/assistants", headers, {"q": query}, body)


def matching(stubs: Sequence[Given], request: RequestView) -> list[str]:
    return [stub.name for stub in matching_stubs([StubIndex(compiled(stubs))], request)]


STUBS: list[Given] = [
    when({"name": "Ada"}),
    when({"name": {"starts_with": "A"}}),
    when({"name": {"ends_with": "da"}}),
    when({"name": {"ends_with": ""}}),
    when({"name": {"starts_with": ""}}),
    when({"name": {"contains": "d"}}),
    when({"name": {"contains": ""}}),
    when({"name": {"contains": "Ada"}}, "modifyAssistant"),
    when({"name": {"contains": 5}}),
    when({"name": {"contains": "d", "starts_with": "A"}}),
    when(None, query={"q": {"contains": "y"}}),
    when({"name": {"not": "Ada"}}),
    when({"name": {"length": 3}}),
    when({"name": "Ada"}, "modifyAssistant"),
    when({"name": "Ada"}, "*Assistant"),
    when(None, "createAssistant"),
    when(),
    when({"metadata": {"k": "v"}, "name": "Ada"}),
    when(None, headers={"x-team": "blue"}),
    when(None, query={"q": {"starts_with": "x"}}),
    when(None, query={"q": "xyz"}),
    when(None, query={"q": ["xyz", "a"]}),
    when(None, headers={"x-team": ["blue", "red"]}),
    when({"tools": {"0": {"type": "function"}}}),
    when(None, method="POST"),
    when(None, path="/v1/assistants"),
    when(None, path="/v1/*"),
    when(None, path="/v1"),
]


@pytest.mark.parametrize("operation", ["createAssistant", "modifyAssistant", "listModels", None])
@pytest.mark.parametrize("query", ["", "x", "xyz", ["xyz", "x"], ["a", "xyz"], ["xyz", "xyz"]])
@pytest.mark.parametrize(
    "body",
    [
        {},
        None,
        [],
        {"name": "Ada"},
        {"name": "Ada", "metadata": {"k": "v"}},
        {"name": ""},
        {"name": "da"},
        {"name": "a"},
        {"name": 5},
        {"name": ["Ada"]},
        {"name": ["Ada", 5, "d"]},
        {"tools": [{"type": "function"}]},
        {"tools": [{"type": "x"}]},
    ],
)
def test_the_index_finds_the_same_stubs_as_trying_each_one(
    body: Any, operation: str | None, query: str | list[str]
) -> None:
    request = request_of(body, operation, query)
    stubs = compiled(STUBS)
    tried = [
        stub.name
        for stub in stubs
        if (stub.operations is None or operation in stub.operations)
        and all(condition.matches(request) for condition in stub.conditions)
    ]

    assert [stub.name for stub in matching_stubs([StubIndex(stubs)], request)] == tried


def test_stubs_are_ordered_by_priority_then_position() -> None:
    stubs = [when(), when() | {"priority": 5}, when() | {"priority": -1}, when(), {"priority": 5}]

    assert matching(stubs, request_of({})) == ["1", "4", "0", "3", "2"]


def test_priority_comes_before_the_order_of_layers() -> None:
    front = StubIndex(compiled([when() | {"name": "front"}]), 0)
    back = compiled([when() | {"name": "back"}, when() | {"name": "first", "priority": 1}])

    order = matching_stubs([StubIndex(back, 1), front], request_of({}))

    assert [stub.name for stub in order] == ["first", "front", "back"]


def test_an_empty_index_is_false() -> None:
    assert not StubIndex()
    assert StubIndex(compiled([{}]))


def test_an_index_is_for_the_operations_of_its_stubs() -> None:
    index = StubIndex(compiled([when(None, "createRun"), when(None, "*Thread")]))

    assert [index.is_for(one) for one in ("createRun", "getThread", "getRun", None)] == [
        *(True, True, False, False)
    ]
    assert StubIndex(compiled([when()])).is_for(None)


def test_only_the_stubs_with_the_string_in_the_request_are_candidates() -> None:
    index = StubIndex(compiled([when({"name": f"n{n}"}) for n in range(1000)]))

    assert [one.stub.name for one in index.candidates(request_of({"name": "n7"}))] == ["7"]


def test_of_many_stubs_that_ask_for_a_part_of_a_message_those_with_it_are_candidates() -> None:
    index = StubIndex(compiled([when(None, message={"contains": f"<{n}>"}) for n in range(1000)]))
    asked = replace(request_of({}, "createRun"), about=About(lambda part: "Is <7> more than <42>?"))

    assert {one.stub.name for one in index.candidates(asked)} == {"7", "42"}


def test_what_a_request_is_about_is_not_looked_up_for_stubs_of_other_operations() -> None:
    index = StubIndex(compiled([when(None, "createRun", message={"contains": "Hi"})]))
    about = About(lambda part: "Hi")

    assert [*index.candidates(replace(request_of({}, "createMessage"), about=about))] == []
    assert about.found == {}


def test_the_nearest_misses_come_first_with_the_result_and_value_of_each_condition() -> None:
    stubs = compiled(
        [
            when({"name": "Bob", "model": "x"}),
            when({"name": "Ada", "model": "x"}),
            when({"name": "Ada"}, "listAssistants"),
            when({"name": "Eve"}),
            when({"name": "Ada", "model": "y", "a": 1, "b": 2}),
        ]
    )
    misses = near_misses([StubIndex(stubs)], request_of({"name": "Ada", "model": "m"}))

    assert [miss.stub.name for miss in misses] == ["1", "3", "0"]
    assert [miss.failed for miss in misses] == [1, 1, 2]
    assert [(str(one), matched, value) for one, matched, value in misses[0].conditions] == [
        ('body.name = "Ada"', True, "Ada"),
        ('body.model = "x"', False, "m"),
    ]
