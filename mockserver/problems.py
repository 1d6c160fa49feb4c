"""What is wrong with something that a user wrote: where, what, and the remedy."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

Place = tuple[str | int, ...]
"""A path in a document: `("stubs", 0, "when")`."""

Report = Callable[[Place, str, str], None]
"""Takes a problem: its place, what it is, and the remedy."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One fault of a fixture document.

    `source` is the file, or what else the document came from; `line` counts from
    1, and is 0 where no line can be named.
    """

    source: str
    line: int
    place: str
    what: str
    remedy: str

    def __str__(self) -> str:
        line = f":{self.line}" if self.line else ""
        place = f"{self.place}: " if self.place else ""
        return f"{self.source}{line}: {place}{self.what}: {self.remedy}"


class FixtureError(ValueError):
    """Fixtures that cannot be used; `problems` has every one of the reasons."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = sorted(problems)
        super().__init__("\n".join(map(str, self.problems)))


Made = TypeVar("Made")


def gathered(makers: Iterable[Callable[[], Made]]) -> list[Made]:
    """Make several things, and tell of what is wrong with any of them together.

    Raises:
        FixtureError: with every problem of all of them.
    """
    made: list[Made] = []
    problems: list[Problem] = []
    for make in makers:
        try:
            made.append(make())
        except FixtureError as error:
            problems += error.problems
    if problems:
        raise FixtureError(problems)
    return made


def place_text(place: Place) -> str:
    """Write a place as `stubs[0].when.body.name`."""
    text = ""
    for step in place:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text
