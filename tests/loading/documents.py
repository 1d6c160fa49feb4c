"""Documents for the tests of the readers."""

from typing import Any

import pytest

from mockserver.loading.read_document import read
from mockserver.problems import FixtureError, Problem


def yaml(text: str) -> Any:
    return read(text.encode(), "f.yaml", as_json=False).value


def from_json(text: str) -> Any:
    return read(text.encode(), "f.json", as_json=True).value


def problems(text: str | bytes, *, as_json: bool = False) -> list[Problem]:
    content = text.encode() if isinstance(text, str) else text
    with pytest.raises(FixtureError) as refused:
        read(content, "f", as_json=as_json).checked_value()
    return refused.value.problems


def the_problem(text: str | bytes, *, as_json: bool = False) -> Problem:
    [problem] = problems(text, as_json=as_json)
    assert problem.remedy
    return problem
