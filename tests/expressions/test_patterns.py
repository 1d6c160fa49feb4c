"""Regular expressions in conditions: those that Python cannot read are reported."""

import pytest
from multidict import CIMultiDict

from mockserver.expressions.conditions import compile_part
from mockserver.expressions.request_view import RequestView

REQUEST = RequestView("createAssistant", "POST", "/v1/assistants", CIMultiDict(), {}, {"name": "a"})


@pytest.mark.parametrize("pattern", ["a{99999999999}", "(" * 2000 + ")" * 2000, "a("])
def test_a_pattern_that_python_cannot_read_is_reported(pattern: str) -> None:
    problems: list[str] = []
    conditions = compile_part(
        "body", {"name": {"matches": pattern}}, (), lambda _, what, remedy: problems.append(what)
    )

    assert [condition.matches(REQUEST) for condition in conditions] == [False]
    assert [problem.split(":")[0] for problem in problems] == ["not a regular expression"]
