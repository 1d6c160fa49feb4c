"""Problems in what a user wrote: where, what, and the remedy."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import TypeVar

Place = tuple[str | int, ...]
"""A path in a document, such as `("stubs", 0, "when")`."""

Report = Callable[[Place, str, str], None]
"""Takes the place of a problem, what is wrong, and the remedy."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One problem in a fixture document.

    `source` is the file or other origin of the document. `line` counts from 1, and is 0 where the
    line is unknown. `place` is for people, `steps` is the same place in the document that is
    compiled.
    """

    source: str
    line: int
    place: str
    what: str
    remedy: str
    steps: Place = field(default=(), compare=False)

    def __str__(self) -> str:
        line = f":{self.line}" if self.line else ""
        place = f"{self.place}: " if self.place else ""
        return f"{self.source}{line}: {place}{self.what}: {self.remedy}"


class FixtureError(ValueError):
    """Some fixtures are invalid; `problems` has every problem.

    `included` has the files whose content they use: what is to be mended may be there.
    """

    def __init__(self, problems: Sequence[Problem], included: Sequence[Path] = ()) -> None:
        self.problems = sorted(problems)
        self.included = included
        super().__init__("\n".join(map(str, self.problems)))


T = TypeVar("T")


def call_all(functions: Iterable[Callable[[], T]]) -> list[T]:
    """Call every function and return their results.

    Raises:
        FixtureError: a function raised it; the error has the problems of all functions.
    """
    results: list[T] = []
    problems: list[Problem] = []
    for function in functions:
        try:
            results.append(function())
        except FixtureError as error:
            problems += error.problems
    if problems:
        raise FixtureError(problems)
    return results


def closest(name: str, known: Sequence[str]) -> str:
    """Return the remedy for an unknown name: the most similar known name, or all of them."""
    close = get_close_matches(name, known, 1)
    return f"did you mean '{close[0]}'?" if close else f"use one of {', '.join(known)}"


def place_text(place: Place) -> str:
    """Return a place as text, such as `stubs[0].when.body.name`."""
    text = ""
    for step in place:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text
