"""Stubs that can never answer are found, and no others."""

import json
from typing import Any

import pytest

from mockserver.api.shared.known_models import shipped
from mockserver.loading.compile import compile_document
from mockserver.loading.read_document import read
from mockserver.loading.unreachable_stubs import unreachable_stubs

Given = dict[str, Any]
ADA = {"body": {"name": "Ada"}}
CREATE = {"operation": "createAssistant"}


def unreachable(*given: Given) -> list[tuple[str, str]]:
    stubs = [{"name": str(at), "then": "default", **one} for at, one in enumerate(given)]
    document = read(json.dumps({"stubs": stubs}).encode(), "f", as_json=True)
    stubs_compiled = compile_document(document, shipped()).stubs
    return [(stub.name, by.name) for stub, by in unreachable_stubs(stubs_compiled)]


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


def test_priority_decides_which_one_hides_the_other() -> None:
    assert unreachable({}, {"priority": 1}, {"priority": 2}) == [("1", "2"), ("0", "2")]
