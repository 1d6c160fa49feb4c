"""Reads a fixture document from the bytes of a YAML or JSON file."""

from mockserver.loading.document import Document
from mockserver.loading.document_reader import SIZE_LIMIT
from mockserver.loading.json_reader import JsonReader
from mockserver.loading.yaml_reader import YamlReader
from mockserver.problems import FixtureError, Problem


def read(content: bytes, source: str, *, as_json: bool) -> Document:
    """Return the document in `content`; `source` names it in messages.

    Raises:
        FixtureError: it is too large, not UTF-8 or not well formed.
    """
    if len(content) > SIZE_LIMIT:
        problem = Problem(
            source,
            0,
            "",
            f"a document of {len(content)} bytes is too large",
            f"keep it within {SIZE_LIMIT} bytes; split it, or use `repeat`",
        )
        raise FixtureError([problem])
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        problem = Problem(source, line, "", "not UTF-8", "save the file as UTF-8")
        raise FixtureError([problem]) from None
    return (JsonReader if as_json else YamlReader)(text, source).read()
