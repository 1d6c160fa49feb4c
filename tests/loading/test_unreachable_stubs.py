"""Stubs that can never answer are found, and no others."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.api.shared.known_models import shipped
from mockserver.expressions.operators import same
from mockserver.loading.compile import compile_document
from mockserver.loading.read_document import read
from mockserver.loading.unreachable_stubs import unreachable_stubs
from mockserver.stubs.stub import Stub

Given = dict[str, Any]
ADA = {"body": {"name": "Ada"}}
CREATE = {"operation": "createAssistant"}


def compiled(*written: Given) -> tuple[Stub, ...]:
    stubs = [{"name": str(at), "then": "default", **one} for at, one in enumerate(written)]
    document = read(json.dumps({"stubs": stubs}).encode(), "f", as_json=True)
    return compile_document(document, shipped()).stubs


def unreachable(*written: Given) -> list[tuple[str, str]]:
    return [(stub.name, by.name) for stub, by in unreachable_stubs(compiled(*written))]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({}, {}),
        ({}, {"when": CREATE}),
        ({}, {"when": ADA, "times": 3, "probability": 0.5}),
        ({"when": CREATE}, {"when": CREATE | ADA}),
        ({"when": {"operation": "*"}}, {"when": {"operation": ["createAssistant", "listModels"]}}),
        ({"when": ADA}, {"when": {"body": {"name": "Ada", "model": "x"}}}),
        ({"when": {"headers": {"X-A": "1"}}}, {"when": {"headers": {"x-a": "1", "b": "2"}}}),
        ({"when": ADA, "probability": 1}, {"when": ADA}),
        ({"when": ADA, "then": ["default", {"json": 1}]}, {"when": ADA}),
    ],
)
def test_a_stub_behind_one_with_a_subset_of_its_conditions_is_unreachable(
    first: Given, second: Given
) -> None:
    assert unreachable(first, second) == [("1", "0")]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"when": CREATE}, {}),
        ({"when": CREATE}, {"when": {"operation": "listModels"}}),
        ({"when": CREATE}, {"when": {"operation": "*Assistant"}}),
        ({"when": ADA}, {"when": {"body": {"name": "Eve"}}}),
        ({"when": ADA | CREATE}, {"when": ADA}),
        ({"times": 1}, {}),
        ({"probability": 0.5}, {}),
        ({"then": {"rate_limit": {"requests": 1, "per": "1s"}}}, {}),
        ({"when": {"headers": {"name": "Ada"}}}, {"when": ADA}),
        ({"when": {"body": {"n": {"gt": 1}}}}, {"when": {"body": {"n": {"lt": 1}}}}),
    ],
)
def test_a_stub_that_can_still_match_is_not_unreachable(first: Given, second: Given) -> None:
    assert unreachable(first, second) == []


# ── The same as comparing each stub with each ────────────────────────────────────


def by_comparing_each(stubs: Sequence[Stub]) -> list[tuple[str, str]]:
    """Return what is unreachable by the definition, which is slow."""
    before: list[Stub] = []
    found = []
    for stub in sorted(stubs, key=lambda stub: -stub.priority):
        hidden_by = next((other for other in before if hides(other, stub)), None)
        if hidden_by is not None:
            found.append((stub.name, hidden_by.name))
        elif stub.times is None:
            before.append(stub)
    return found


def hides(one: Stub, other: Stub) -> bool:
    covers = one.operations is None or (
        other.operations is not None and other.operations <= one.operations
    )
    return covers and all(
        any(
            (mine.part, mine.steps, mine.operator) == (theirs.part, theirs.steps, theirs.operator)
            and same(mine.operand, theirs.operand)
            for theirs in other.conditions
        )
        for mine in one.conditions
    )


NAMES = st.sampled_from(["a", "b", "c"])
VALUES: st.SearchStrategy[Any] = st.sampled_from(
    [1, 1.0, True, 0, False, None, "1", "", [1], [True], [1.0, "a"], ["bool", True], [], "bool"]
)
OPERANDS = VALUES | st.builds(lambda value: {"equals": {"a": value}}, VALUES)
WHENS = st.fixed_dictionaries(
    {},
    optional={
        "operation": st.sampled_from(["createAssistant", "*Assistant", ["listModels"], "list*"]),
        "method": st.sampled_from(["GET", "POST"]),
        "query": st.dictionaries(
            st.sampled_from(["a", "b"]), st.sampled_from(["1", 1]), max_size=2
        ),
        "body": st.dictionaries(NAMES, OPERANDS, max_size=3),
    },
)
STUBS = st.fixed_dictionaries(
    {"when": WHENS}, optional={"priority": st.integers(-1, 1), "times": st.just(1)}
)


@settings(max_examples=300, deadline=None)
@given(st.lists(STUBS, max_size=12))
def test_the_index_finds_the_same_as_comparing_each(given_stubs: list[Given]) -> None:
    stubs = compiled(*given_stubs)

    found = [(stub.name, by.name) for stub, by in unreachable_stubs(stubs)]

    assert found == by_comparing_each(stubs)


def test_priority_decides_which_one_hides_the_other() -> None:
    assert unreachable({}, {"priority": 1}, {"priority": 2}) == [("1", "2"), ("0", "2")]
