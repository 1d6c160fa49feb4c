"""The stubs in force: found fast, tried in order, and able to say why."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from mockserver.expressions.conditions import Asked, Condition
from mockserver.stubs.stub import Action, Stub

Rank = tuple[int, int, int]
"""Where a stub stands in the order: priority, layer, place within its layer."""


class _Ranked(NamedTuple):
    rank: Rank
    stub: Stub


class Book:
    """Stubs of one layer, in the order in which they are tried.

    Most stubs want some field to be one text, so those are looked up by that text;
    only the others are tried one by one.
    """

    def __init__(self, stubs: Sequence[Stub] = (), layer: int = 0) -> None:
        self.stubs = tuple(stubs)
        self._by_text: dict[_Key, dict[str, list[_Ranked]]] = {}
        self._others: dict[str | None, list[_Ranked]] = {}
        for at, stub in enumerate(self.stubs):
            ranked = _Ranked((-stub.priority, layer, at), stub)
            indexed = next(filter(None, map(_text_key, stub.conditions)), None)
            if indexed is not None:
                key, text = indexed
                self._by_text.setdefault(key, {}).setdefault(text, []).append(ranked)
                continue
            for operation in stub.operations or [None]:
                self._others.setdefault(operation, []).append(ranked)

    def __bool__(self) -> bool:
        return bool(self.stubs)

    def candidates(self, asked: Asked) -> Iterator[_Ranked]:
        """Give the stubs that might match, in no particular order."""
        for key, by_text in self._by_text.items():
            value = asked.value(key.part, key.steps)
            if type(value) is str:
                sought = value if key.length is None else _affix(value, key)
                for ranked in by_text.get(sought, ()):
                    operations = ranked.stub.operations
                    if operations is None or asked.operation in operations:
                        yield ranked
        yield from self._others.get(None, ())
        if asked.operation is not None:
            yield from self._others.get(asked.operation, ())


class _Key(NamedTuple):
    """A text of the request, or its first or last `length` characters."""

    part: Any
    steps: tuple[str, ...]
    operator: str
    length: int | None


def _text_key(condition: Condition) -> tuple[_Key, str] | None:
    operator, text = condition.operator, condition.operand
    if not isinstance(text, str) or operator not in ("equals", "starts_with", "ends_with"):
        return None
    length = None if operator == "equals" else len(text)
    return _Key(condition.part, condition.steps, operator, length), text


def _affix(value: str, key: _Key) -> str:
    assert key.length is not None  # noqa: S101
    if key.operator == "starts_with":
        return value[: key.length]
    return value[len(value) - key.length :] if key.length <= len(value) else ""


@dataclass(frozen=True, slots=True)
class Decision:
    """The stub that answers a request, and what it does this time (counted from 1)."""

    stub: Stub
    action: Action
    time: int


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A stub that did not answer: its conditions, whether each held, and what was there."""

    stub: Stub
    conditions: tuple[tuple[Condition, bool, Any], ...]

    @property
    def failed(self) -> int:
        """How many conditions did not hold."""
        return sum(not held for _, held, _ in self.conditions)


def in_order(books: Iterable[Book], asked: Asked) -> list[Stub]:
    """Give the stubs of several layers that match, in the order in which they are tried."""
    candidates = [ranked for book in books if book for ranked in book.candidates(asked)]
    candidates.sort(key=lambda ranked: ranked.rank)
    return [
        ranked.stub
        for ranked in candidates
        if all(condition.holds(asked) for condition in ranked.stub.conditions)
    ]


def near_misses(books: Iterable[Book], asked: Asked, most: int = 3) -> list[NearMiss]:
    """Give the stubs for this operation that came nearest, each condition held or not.

    One whose conditions all held has matched, and is none.
    """
    misses = [
        NearMiss(
            stub,
            tuple(
                (condition, condition.holds(asked), asked.value(condition.part, condition.steps))
                for condition in stub.conditions
            ),
        )
        for book in books
        for stub in book.stubs
        if stub.operations is None or asked.operation in stub.operations
    ]
    found = [miss for miss in misses if miss.failed]
    found.sort(key=lambda miss: (miss.failed, -len(miss.conditions)))
    return found[:most]
