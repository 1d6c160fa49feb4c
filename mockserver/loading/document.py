"""A fixture document: its value, and the line of each place in it."""

from dataclasses import dataclass, replace
from typing import Any

from mockserver.problems import FixtureError, Place, Problem, place_text

COMMON_KEYS = ("$schema", "version", "env")
"""The keys of a document that a file with a single stub may have too."""

_OWN_KEYS = ("stubs", "objects")
_STUB_KEYS = ("then", "when", "name", "times", "probability", "priority", "optional")


@dataclass(frozen=True, slots=True)
class Document:
    """A document's value, and the line of each place in it, counted from 1.

    `problems` holds the problems that did not prevent reading: duplicate keys. `prefix` is the
    place in `value` of the original text, for a single stub, a list of stubs or a fault rule.
    `fault_keys` lists, if the original is a fault rule or a line of text, the keys that it accepts
    besides the options of its fault.
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
            FixtureError: a key is given twice.
        """
        if self.problems:
            raise FixtureError(self.problems)
        return self.value

    def as_fixtures(self) -> "Document":
        """Return a fixture document; a single stub or a list of stubs is wrapped in one.

        Problems are still reported at their place in the original.
        """
        if isinstance(self.value, list):
            prefix: Place = ("stubs",)
            value: Any = {"stubs": self.value}
        elif self._is_stub():
            common = {key: self.value[key] for key in COMMON_KEYS if key in self.value}
            stub = {key: inner for key, inner in self.value.items() if key not in common}
            prefix, value = ("stubs", 0), common | {"stubs": [stub]}
        else:
            return self
        lines = {(*prefix, *place): line for place, line in self.lines.items()}
        problems = [replace(one, steps=(*prefix, *one.steps)) for one in self.problems]
        return Document(self.source, value, self.lines | lines, tuple(problems), prefix)

    def _is_stub(self) -> bool:
        return (
            isinstance(self.value, dict)
            and not self.value.keys().isdisjoint(_STUB_KEYS)
            and self.value.keys().isdisjoint(_OWN_KEYS)
        )

    def problem(self, place: Place, what: str, remedy: str) -> Problem:
        """Return a problem at a place, with its line or the line of the nearest value around it."""
        known = place
        while known and known not in self.lines:
            known = known[:-1]
        line, shown = self.lines.get(known, 1), place
        if place[: len(self.prefix)] == self.prefix:
            shown = place[len(self.prefix) :]
        return Problem(self.source, line, place_text(shown), what, remedy, place)
