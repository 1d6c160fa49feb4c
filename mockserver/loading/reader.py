"""What reading a document has in common in YAML and JSON: lines, problems, bounds."""

import math
import re
from typing import Any

from mockserver.loading.document import Document
from mockserver.problems import FixtureError, Place, Problem, place_text

SIZE_LIMIT = 16 * 1024 * 1024
"""The largest document, in bytes."""

NODE_LIMIT = 500_000
"""How many values a document may have once its aliases are written out."""

DEPTH_LIMIT = 200
"""Levels of nesting that a document may have."""

_SURROGATE = re.compile("[\ud800-\udfff]")


class Reader:
    """Notes lines, collects problems, keeps within bounds; a subclass reads one format."""

    def __init__(self, text: str, source: str) -> None:
        self.text = text
        self.source = source
        self.lines: dict[Place, int] = {}
        self.problems: list[Problem] = []
        self._nodes = 0

    def read(self) -> Document:
        """Return the document.

        Raises:
            FixtureError: it is not well formed.
        """
        value = self._document()
        return Document(self.source, value, self.lines, tuple(self.problems))

    def _document(self) -> Any:
        raise NotImplementedError

    def _enter(self, place: Place, line: int) -> None:
        """Note a value."""
        self.lines[place] = line
        self._nodes += 1
        if self._nodes > NODE_LIMIT:
            self._stop(
                line, place, f"more than {NODE_LIMIT} values", "write less, or use fewer aliases"
            )
        if len(place) > DEPTH_LIMIT:
            self._stop_nesting(line, place)

    def _stop_nesting(self, line: int, place: Place) -> None:
        self._stop(line, place, f"nested more than {DEPTH_LIMIT} levels", "nest less")

    def _checked(self, scalar: Any, place: Place, line: int) -> Any:
        """Return a scalar that can go over the wire; stop at any other."""
        if isinstance(scalar, float) and not math.isfinite(scalar):
            self._stop(line, place, "a number beyond all bounds", "write a smaller one")
        if isinstance(scalar, str) and _SURROGATE.search(scalar):
            self._stop(line, place, "half a surrogate pair", "write the whole character")
        return scalar

    def _stop(self, line: int, place: Place, what: str, remedy: str) -> None:
        """Give up: there is no reading on from here."""
        self.problems.append(Problem(self.source, line, place_text(place[:8]), what, remedy))
        raise FixtureError(self.problems)

    def _duplicate(self, line: int, place: Place, first_line: int) -> None:
        self.problems.append(
            Problem(
                self.source,
                line,
                place_text(place),
                f"the key '{place[-1]}' was given before, on line {first_line}",
                "keep one of the two",
            )
        )
