"""What is wrong with the objects of a document."""

import pytest

from mockserver.api.shared.known_models import shipped
from mockserver.loading.compile import compile_document
from mockserver.loading.read_document import read
from mockserver.problems import FixtureError, Problem


def problems(text: str) -> list[Problem]:
    with pytest.raises(FixtureError) as refused:
        compile_document(read(text.encode(), "f", as_json=False), shipped())
    return refused.value.problems


def the_problem(text: str) -> Problem:
    [problem] = problems(text)
    assert problem.remedy
    return problem
