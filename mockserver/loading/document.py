"""A fixture document: its value, and the line that each place in it stands on."""

from dataclasses import dataclass
from typing import Any

from mockserver.problems import FixtureError, Place, Problem, place_text

_STUB_KEYS = ("then", "when", "name", "times", "probability", "priority")


@dataclass(frozen=True, slots=True)
class Document:
    """A document's value, and the line of each place in it, counted from 1.

    `problems` are those that did not keep it from being read: keys given twice. `prefix` is where
    what was written stands in `value`. `fault_keys` has, where what was written is no stub, the
    keys that may stand beside the options of a fault.
    """

    source: str
    value: Any
    lines: dict[Place, int]
    problems: tuple[Problem, ...] = ()
    prefix: Place = ()
    fault_keys: tuple[str, ...] | None = None

    def checked_value(self) -> Any:
        """Return the value.

        Raises:
            FixtureError: a key was given twice.
        """
        if self.problems:
            raise FixtureError(self.problems)
        return self.value

    def as_fixtures(self) -> "Document":
        """Return a fixture document made of one that may also be a single stub, or a list of them.

        Problems keep their place in what was written.
        """
        if isinstance(self.value, list):
            prefix: Place = ("stubs",)
            value: Any = {"stubs": self.value}
        elif isinstance(self.value, dict) and not self.value.keys().isdisjoint(_STUB_KEYS):
            prefix, value = ("stubs", 0), {"stubs": [self.value]}
        else:
            return self
        lines = {(*prefix, *place): line for place, line in self.lines.items()}
        return Document(self.source, value, lines, self.problems, prefix)

    def problem(self, place: Place, what: str, remedy: str) -> Problem:
        """Return a problem at a place, with the line of it or of what is around it."""
        known = place
        while known and known not in self.lines:
            known = known[:-1]
        line, shown = self.lines.get(known, 1), place[len(self.prefix) :]
        return Problem(self.source, line, place_text(shown), what, remedy)
