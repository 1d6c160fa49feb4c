"""Fixture files as they are posted to a server, which need not see them."""

import json
from pathlib import Path
from typing import NamedTuple

from mockserver.loading.find_files import is_json
from mockserver.loading.read_files import read_files
from mockserver.problems import FixtureError, Problem


class Posting(NamedTuple):
    """What one fixture file is posted as: the name of the file, the body and its media type."""

    source: str
    content: bytes
    media_type: str


def postings(path: str) -> list[Posting]:
    """Return the fixture files at a path, in a folder or in a glob, as they are posted.

    A file that asks for variables of the environment or for other files is posted with them. Of
    several files, or of such a one, every problem is found before the first is posted.

    Raises:
        FixtureError: with every problem of every file.
    """
    problems: list[Problem] = []
    read = read_files([path], problems)
    if problems:
        raise FixtureError(problems)
    if len(read.documents) > 1 or read.substituted:
        from mockserver.api.shared.known_models import any_model
        from mockserver.loading.files import load

        load([path], any_model())
    found = []
    for document in read.documents:
        file = Path(document.source)
        if file in read.substituted:
            found.append(Posting(document.source, json.dumps(document.value).encode(), _JSON))
        else:
            kind = _JSON if is_json(file) else "application/yaml"
            found.append(Posting(document.source, file.read_bytes(), kind))
    return found


_JSON = "application/json"
