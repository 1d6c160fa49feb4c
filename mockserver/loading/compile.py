"""Compiles a checked document to the stubs and initial objects that the server uses."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from mockserver.api.shared.known_models import Models
from mockserver.loading.compile_stub import StubCompiler
from mockserver.loading.document import Document
from mockserver.loading.document_model import FixtureDocument
from mockserver.loading.objects.compile_objects import (
    Compiled,
    Existing,
    check_together,
    compile_objects,
)
from mockserver.loading.objects.initial_object import InitialObject
from mockserver.loading.shape_problems import shape_problem, without
from mockserver.problems import FixtureError, Place, Problem
from mockserver.stubs.stub import Stub

MAX_PASSES = 4
"""How often the shape is checked: removing a wrong value may reveal another problem."""

EXTENSION = "x-"
"""What the keys of a document and of a stub begin with that are ignored: for YAML anchors."""


@dataclass(frozen=True, slots=True)
class Fixtures:
    """The stubs of fixture files, in the order of the files, and their initial objects.

    An object comes after those that it refers to. `included` has the files whose content the
    fixture files use.
    """

    stubs: tuple[Stub, ...] = ()
    objects: tuple[InitialObject, ...] = ()
    included: tuple[Path, ...] = ()


def compile_document(
    document: Document, models: Models, existing: Existing | None = None
) -> Fixtures:
    """Return the stubs and objects of a fixture document.

    Its objects may use `models`, and refer to those of the `existing` namespace.

    Raises:
        FixtureError: with every problem of the document.
    """
    fixtures, problems = compile_sound([document], models, existing)
    if problems:
        raise FixtureError(problems)
    return fixtures


def compile_sound(
    documents: Sequence[Document], models: Models, existing: Existing | None = None
) -> tuple[Fixtures, list[Problem]]:
    """Return the stubs and objects of fixture documents that have no problem, and the problems.

    The objects may use `models`, and refer to each other and to those of the `existing` namespace.
    """
    parts = [_compile(document) for document in documents]
    objects = check_together([one for part in parts for one in part.objects], models, existing)
    stubs = tuple(stub for part in parts for stub in part.stubs)
    problems = [problem for part in parts for problem in part.problems]
    return Fixtures(stubs, tuple(objects)), problems


class _Part(NamedTuple):
    """What is compiled of one document; its problems grow while its objects are checked."""

    stubs: list[Stub]
    objects: list[Compiled]
    problems: list[Problem]


def _compile(document: Document) -> _Part:
    value = {} if document.value is None else _without_extensions(document.value)
    checked, value, problems = _checked(document, value)

    def report(place: Place, what: str, remedy: str) -> None:
        problems.append(document.problem(place, what, remedy))

    if checked.env:
        what = "the environment is read for fixture files alone"
        report(("env",), what, "put the values themselves in, or load it as a file")
    given = value.get("stubs", [])
    stubs = [
        StubCompiler(document, ("stubs", position), given[position], problems).compile(stub)
        for position, stub in enumerate(checked.stubs)
    ]
    objects = compile_objects(checked.objects, [problem.steps for problem in problems], report)
    wrong = {problem.steps[:2] for problem in problems}
    sound = [stub for position, stub in enumerate(stubs) if ("stubs", position) not in wrong]
    return _Part(sound, objects, problems)


def _without_extensions(value: Any) -> Any:
    """Return a document without its `x-…` keys and those of its stubs: they are the user's own."""
    if not isinstance(value, dict):
        return value
    value = {key: inner for key, inner in value.items() if not key.startswith(EXTENSION)}
    if isinstance(value.get("stubs"), list):
        value["stubs"] = [
            {key: inner for key, inner in stub.items() if not key.startswith(EXTENSION)}
            if isinstance(stub, dict)
            else stub
            for stub in value["stubs"]
        ]
    return value


def _checked(document: Document, value: Any) -> tuple[FixtureDocument, Any, list[Problem]]:
    """Return a document whose shape is checked, the value without what is wrong, and the problems.

    Wrong values are removed so that the rest is checked too; all of them, if after `MAX_PASSES`
    passes the shape is still wrong.
    """
    problems = list(document.problems)
    for _ in range(MAX_PASSES):
        try:
            return FixtureDocument.model_validate(value), value, problems
        except ValidationError as error:
            errors = error.errors(include_url=False)
        places = {problem.place for problem in problems}
        new = [shape_problem(document, one) for one in errors]
        # One problem for each place: pydantic reports an error for every member of a union.
        for problem in new:
            if problem.place not in places:
                places.add(problem.place)
                problems.append(problem)
        value = without(value, errors)
    return FixtureDocument(), {}, problems
