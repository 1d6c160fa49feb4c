"""What `mockserver check` warns of, though it is sound."""

from typing import Any

import pytest

from mockserver.api.shared.known_models import shipped
from mockserver.loading.compile import compile_document
from mockserver.loading.document import Document
from mockserver.loading.lint import lint


def told(*stubs: dict[str, Any]) -> list[str]:
    document = Document("f.yaml", {"stubs": list(stubs)}, {(): 1})
    return [why for _, why in lint(compile_document(document, shipped()).stubs)]


@pytest.mark.parametrize(
    ("when", "then", "is_doubtful"),
    [
        ({"path": "/v1/threads", "method": "POST"}, {"body": {"id": "x"}}, True),
        ({"path": "/v1/threads"}, {"status": 201}, True),
        ({"path": "/v1/*"}, {"body": {"object": "x"}}, False),
        ({"path": "/v1/threads"}, {"json": {"id": "x"}}, False),
        ({"path": "/v1/threads"}, {"fault": "overloaded"}, False),
        ({"path": "/v1/assistants/*"}, {"body": {"name": "x"}}, False),
        ({"path": "/v1/assistants", "method": "DELETE"}, {"body": {"name": "x"}}, True),
        ({"operation": "createAssistant"}, {"body": {"name": "x"}}, False),
        ({}, {"body": {"name": "x"}}, False),
    ],
)
def test_a_change_to_an_answer_that_there_is_not(
    when: dict[str, Any], then: dict[str, Any], is_doubtful: bool
) -> None:
    warnings = told({"when": when, "then": then})

    assert [("no default answer to change" in why) for why in warnings] == [True] * is_doubtful


def test_the_others_are_told_with_the_remedy() -> None:
    hidden, misspelt = told(
        {"name": "all", "then": "default"},
        {"when": {"body": {"name": {"startswith": "a"}}}, "then": "default"},
    )

    assert hidden.startswith("can never match, all (f.yaml:1) always answers first: put it in")
    assert "if the operator `starts_with` is meant, write it so" in misspelt
