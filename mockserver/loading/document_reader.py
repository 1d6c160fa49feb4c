"""The common part of the YAML and JSON readers: lines, problems and limits."""

import math
import re
from typing import Any

from mockserver.loading.document import Document
from mockserver.problems import FixtureError, Place, Problem, place_text

SIZE_LIMIT = 16 * 1024 * 1024
"""The maximum size of a document, in bytes."""

NODE_LIMIT = 500_000
"""The maximum number of values in a document, with its aliases expanded."""

DEPTH_LIMIT = 200
"""The maximum depth of nesting of a document, in levels."""

_SURROGATE = re.compile("[\ud800-\udfff]")


class Reader:
    """Records lines, collects problems and enforces limits; a subclass reads one format."""

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
        """Record the line of a value, and count it; stop at a limit."""
        self.lines[place] = line
        self._nodes += 1
        if self._nodes > NODE_LIMIT:
            self._stop(
                line,
                place,
                f"more than {NODE_LIMIT} values",
                "split the document, or use fewer aliases",
            )
        if len(place) > DEPTH_LIMIT:
            self._stop_nesting(line, place)

    def _stop_nesting(self, line: int, place: Place) -> None:
        self._stop(line, place, f"nested more than {DEPTH_LIMIT} levels", "reduce the nesting")

    def _checked(self, scalar: Any, place: Place, line: int) -> Any:
        """Return a scalar that can be sent as JSON; stop at any other."""
        if isinstance(scalar, float) and not math.isfinite(scalar):
            self._stop(line, place, "the number is out of range", "use a smaller number")
        if isinstance(scalar, str) and _SURROGATE.search(scalar):
            self._stop(line, place, "an unpaired surrogate", "write the whole character")
        return scalar

    def _stop(self, line: int, place: Place, what: str, remedy: str) -> None:
        """Stop reading with a problem that makes it impossible to continue.

        Raises:
            FixtureError: always, with this problem and those before it.
        """
        self.problems.append(Problem(self.source, line, place_text(place[:8]), what, remedy))
        raise FixtureError(self.problems)

    def _duplicate(self, line: int, place: Place, first_line: int) -> None:
        self.problems.append(
            Problem(
                self.source,
                line,
                place_text(place),
                f"duplicate key '{place[-1]}', first given on line {first_line}",
                "keep one of the two",
                place,
            )
        )
