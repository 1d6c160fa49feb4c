"""Fixture files as they are posted to a server, which need not see them."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

from mockserver.loading.document import Document
from mockserver.loading.find_files import is_json
from mockserver.loading.read_files import read_files
from mockserver.problems import FixtureError, Problem


class Posting(NamedTuple):
    """What one fixture file is posted as: the name of the file, the body and its media type.

    With `only_stubs`, its objects are left out: they are posted apart.
    """

    source: str
    content: bytes
    media_type: str
    only_stubs: bool = False

    @property
    def path(self) -> str:
        """The path under `/_mock/`, with the query."""
        query = {"source": self.source[-200:]} | ({"only": "stubs"} if self.only_stubs else {})
        return f"stubs?{urlencode(query)}"


def postings(path: str) -> list[Posting]:
    """Return the fixture files at a path, in a folder or in a glob, as they are posted.

    The last one is posted first, so that the stubs of the first are tried first. A file that asks
    for variables of the environment or for other files is posted with them. Of several files, or of
    such a one, every problem is found before the first is posted.

    Raises:
        FixtureError: with every problem of every file.
    """
    problems: list[Problem] = []
    read = read_files([path], problems)
    if problems:
        raise FixtureError(problems)
    objects: list[Posting] = []
    if len(read.documents) > 1 or read.substituted:
        from mockserver.api.shared.known_models import any_model
        from mockserver.loading.files import load

        load([path], any_model())
    if len(read.documents) > 1:
        objects = _objects_apart(read.documents)
    found = []
    for document in read.documents:
        file = Path(document.source)
        posting = _as_json(document, document.value)
        if file not in read.substituted:
            kind = _JSON if is_json(file) else "application/yaml"
            posting = Posting(document.source, file.read_bytes(), kind)
        found.append(posting._replace(only_stubs=bool(objects)))
    return [*found, *objects]


def _objects_apart(documents: Sequence[Document]) -> list[Posting]:
    """Return the objects of files where some may refer to those of another file.

    They are posted before the rest of the files, kind by kind, those that others refer to first.
    """
    from mockserver.loading.objects import KINDS

    found = []
    for kind in KINDS:
        for document in documents:
            value = document.value if isinstance(document.value, dict) else {}
            if entries := (value.get("objects") or {}).get(kind.name):
                found.append((kind, _as_json(document, {"objects": {kind.name: entries}})))
    if not any(kind.refers_to for kind, _ in found):
        return []
    return [posting for _, posting in reversed(found)]


def _as_json(document: Document, value: Any) -> Posting:
    return Posting(document.source, json.dumps(value).encode(), _JSON)


_JSON = "application/json"
