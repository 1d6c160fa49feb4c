"""Reads fixture files, with what they ask for from the environment and from files beside them."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from mockserver.loading.document import Document
from mockserver.loading.find_files import find_files, is_json, unreadable
from mockserver.loading.read_document import read
from mockserver.loading.substitutions import Substitution
from mockserver.problems import FixtureError, Place, Problem


class ReadFiles(NamedTuple):
    """The documents in fixture files, with their sources as written in the paths.

    `included` has the files whose content the fixture files use, `substituted` the fixture files
    that ask for such a file, or for variables of the environment.
    """

    documents: list[Document]
    included: tuple[Path, ...]
    substituted: set[Path]


def read_files(paths: Sequence[str], problems: list[Problem]) -> ReadFiles:
    """Return the documents in files, folders and globs.

    A file whose content another one uses is no fixture file, and neither is a JSON Schema beside
    them. Problems that prevent reading, and ids given in two files, are appended.
    """
    results: dict[Path, Document | FixtureError] = {}
    included: list[Path] = []
    substituted: set[Path] = set()
    for file in find_files(paths, problems):
        try:
            document = _read_file(file)
        except FixtureError as error:
            results[file] = error
            continue
        substitution = Substitution(document, file.parent, os.environ)
        results[file] = substitution.apply()
        included.extend(substitution.included)
        if results[file] is not document:
            substituted.add(file)
    contents = {os.path.realpath(path) for path in included}
    documents = []
    for file, result in results.items():
        if os.path.realpath(file) in contents:
            continue
        if isinstance(result, FixtureError):
            problems.extend(result.problems)
        elif not _is_json_schema(result.value) or str(file) in paths:
            documents.append(result)
    problems.extend(_repeated_ids(documents))
    return ReadFiles(documents, tuple(dict.fromkeys(included)), substituted)


def _read_file(file: Path) -> Document:
    """Return the document in a file.

    A single stub, or a list of stubs, is wrapped in a document.

    Raises:
        FixtureError: the file cannot be read, or is not well formed.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise FixtureError([unreadable(str(file), error)]) from None
    return read(content, str(file), as_json=is_json(file)).as_fixtures()


def _is_json_schema(value: Any) -> bool:
    """Return whether a document is what `mockserver schema` prints, or another JSON Schema."""
    kind = value.get("$schema") if isinstance(value, dict) else None
    return isinstance(kind, str) and "json-schema.org/" in kind and "$defs" in value


def _repeated_ids(documents: Sequence[Document]) -> Iterator[Problem]:
    """Yield a problem for each object whose id is that of an object in an earlier document."""
    taken: dict[str, tuple[Document, Problem]] = {}
    for document in documents:
        for place, object_id in _ids(document.value):
            problem = document.problem(place, "", "use another id")
            earlier, first = taken.setdefault(object_id, (document, problem))
            if earlier is not document:
                what = f"the id is already used in {first.source}:{first.line}"
                yield document.problem(place, what, "use another id")


def _ids(value: Any) -> Iterator[tuple[Place, str]]:
    """Yield the place and the id of each object, also in a document whose shape is wrong."""
    objects = value.get("objects") if isinstance(value, dict) else None
    for kind, listed in objects.items() if isinstance(objects, dict) else ():
        for at, entry in _entries(listed):
            here = ("objects", kind, at)
            if isinstance(entry.get("id"), str):
                yield (*here, "id"), entry["id"]
            for field, inner in entry.items():  # the messages of a thread, and the like
                for inner_at, part in _entries(inner):
                    if isinstance(part.get("id"), str):
                        yield (*here, field, inner_at, "id"), part["id"]


def _entries(value: Any) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield each item of a list that is an object, with its place there."""
    for at, entry in enumerate(value if isinstance(value, list) else ()):
        if isinstance(entry, dict):
            yield at, entry
