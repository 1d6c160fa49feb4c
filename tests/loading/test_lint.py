"""The warnings of `mockserver check` about valid stubs."""

from typing import Any

import pytest

from mockserver.api.shared.known_models import shipped
from mockserver.loading.compile import compile_document
from mockserver.loading.document import Document
from mockserver.loading.lint import lint


def warnings_of(*stubs: dict[str, Any]) -> list[str]:
    document = Document("f.yaml", {"stubs": list(stubs)}, {(): 1})
    return [why for _, why in lint(compile_document(document, shipped()).stubs)]


@pytest.mark.parametrize(
    ("when", "then", "has_warning"),
    [
        ({"path": "/v1/responses", "method": "POST"}, {"body": {"id": "x"}}, True),
        ({"path": "/v1/responses"}, {"status": 201}, True),
        ({"path": "/v1/*"}, {"body": {"object": "x"}}, False),
        ({"path": "/v1/responses"}, {"json": {"id": "x"}}, False),
        ({"path": "/v1/responses"}, {"fault": "overloaded"}, False),
        ({"path": "/v1/assistants/*"}, {"body": {"name": "x"}}, False),
        ({"path": "/v1/assistants", "method": "DELETE"}, {"body": {"name": "x"}}, True),
        ({"operation": "createAssistant"}, {"body": {"name": "x"}}, False),
        ({}, {"body": {"name": "x"}}, False),
    ],
)
def test_a_patch_of_a_path_that_is_not_served_has_a_warning(
    when: dict[str, Any], then: dict[str, Any], has_warning: bool
) -> None:
    warnings = warnings_of({"when": when, "then": then})

    assert [("no default response to change" in why) for why in warnings] == [True] * has_warning


@pytest.mark.parametrize(
    ("when", "has_warning"),
    [
        ({"path": "/v1/models"}, True),
        ({"path": "/v1/threads/runs", "method": "GET"}, True),
        ({"path": "/v1/threads/thread_1/run"}, True),
        ({"path": "/v1/threads/runs"}, False),
        ({"path": "/v1/threads/thread_1/runs", "method": "POST"}, False),
        ({"path": "/v1/threads/*/runs"}, False),
        ({"message": "Hello?"}, False),
        ({}, False),
    ],
)
def test_a_script_at_a_path_where_no_run_is_made_has_a_warning(
    when: dict[str, Any], has_warning: bool
) -> None:
    warnings = warnings_of({"when": when, "then": {"run": [{"say": "Hello."}]}})

    assert [why.startswith("no run is made at this path") for why in warnings] == [
        True
    ] * has_warning


def test_the_other_warnings_have_a_remedy() -> None:
    unreachable, misspelled = warnings_of(
        {"name": "all", "then": "default"},
        {"when": {"body": {"name": {"startswith": "a"}}}, "then": "default"},
    )

    assert unreachable.startswith("can never match, all (f.yaml:1) always answers first: move it")
    assert "if you mean the operator `starts_with`, spell it so" in misspelled
