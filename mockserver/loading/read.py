"""Reads a fixture document, YAML or JSON, from bytes."""

from mockserver.loading.document import Document
from mockserver.loading.json_reader import JsonReader
from mockserver.loading.reader import SIZE_LIMIT
from mockserver.loading.yaml_reader import YamlReader
from mockserver.problems import FixtureError, Problem


def read(content: bytes, source: str, *, as_json: bool) -> Document:
    """Read a document whole.

    Raises:
        FixtureError: it is not well formed; it has every problem that was found.
    """
    if len(content) > SIZE_LIMIT:
        problem = Problem(
            source,
            0,
            "",
            f"{len(content)} bytes is more than a document may have",
            f"keep it under {SIZE_LIMIT} bytes; split it, or use `repeat`",
        )
        raise FixtureError([problem])
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        problem = Problem(source, line, "", "not UTF-8", "save the file as UTF-8")
        raise FixtureError([problem]) from None
    return (JsonReader if as_json else YamlReader)(text, source).read()
