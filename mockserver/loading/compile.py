"""From a checked document to stubs and objects as the server uses them."""

from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from mockserver.api.shared.known_models import Models
from mockserver.loading.compile_stub import StubCompiler
from mockserver.loading.document import Document
from mockserver.loading.document_model import FixtureDocument
from mockserver.loading.initial_objects import InitialObject, compile_objects
from mockserver.loading.shape_problems import shape_problem, without
from mockserver.problems import FixtureError, Place, Problem
from mockserver.stubs.stub import Stub

MAX_PASSES = 4
"""How often the shape is checked: what is wrong is taken out, and may have hidden something."""


@dataclass(frozen=True, slots=True)
class Fixtures:
    """What fixture files contain: stubs and initial objects, in the order of the files."""

    stubs: tuple[Stub, ...] = ()
    objects: tuple[InitialObject, ...] = ()


def compile_document(document: Document, models: Models) -> Fixtures:
    """Check and compile a fixture document; `models` are those that its objects may use.

    Raises:
        FixtureError: with every problem of the document.
    """
    value = {} if document.value is None else document.value
    checked, value, problems = _checked(document, value)

    def report(place: Place, what: str, remedy: str) -> None:
        problems.append(document.problem(place, what, remedy))

    given = value.get("stubs", [])
    stubs = [
        StubCompiler(document, ("stubs", at), given[at], problems).compile(stub)
        for at, stub in enumerate(checked.stubs)
    ]
    objects = compile_objects(checked.objects.assistants, ("objects", "assistants"), report, models)
    if problems:
        raise FixtureError(problems)
    return Fixtures(tuple(stubs), tuple(objects))


def _checked(document: Document, value: Any) -> tuple[FixtureDocument, Any, list[Problem]]:
    """Check the shape of a document; what is wrong is taken out, so that the rest is checked too.

    Raises:
        FixtureError: nothing is left that could be checked further.
    """
    problems = list(document.problems)
    for _ in range(MAX_PASSES):
        try:
            return FixtureDocument.model_validate(value), value, problems
        except ValidationError as error:
            errors = error.errors(include_url=False)
        places = {problem.place for problem in problems}
        new = [shape_problem(document, one) for one in errors]
        # One problem for a place: a union reports every member that it might have been.
        for problem in new:
            if problem.place not in places:
                places.add(problem.place)
                problems.append(problem)
        value = without(value, errors)
    raise FixtureError(problems)
