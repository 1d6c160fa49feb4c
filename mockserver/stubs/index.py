"""An index of the stubs of one layer, and the matching stubs in the order of trial."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from mockserver.expressions.conditions import Condition
from mockserver.expressions.request_view import SUBJECTS, RequestView, Subject
from mockserver.stubs.stub import Stub

Rank = tuple[int, int, int]
"""The sort key of a stub: negated priority, layer, position within the layer."""


class _Ranked(NamedTuple):
    rank: Rank
    stub: Stub


class StubIndex:
    """The stubs of one layer, in the order in which they are tried.

    Most stubs compare some field with a string, so they are looked up by that string: those that
    ask whether it is contained, by one pass over their strings. Only the others are tried one by
    one.
    """

    def __init__(self, stubs: Sequence[Stub] = (), layer: int = 0) -> None:
        self.stubs = tuple(stubs)
        self._by_text: dict[_Key, _Group] = {}
        self._others: dict[str | None, list[_Ranked]] = {}
        self.subjects: dict[str | None, set[Subject]] = {}
        """The subjects that the stubs for each operation ask about; for None, those for all."""
        self._operations: set[str | None] = set()
        for at, stub in enumerate(self.stubs):
            self._operations.update(stub.operations or [None])
            asked = {one.part for one in stub.conditions if one.part in SUBJECTS}
            for operation in (stub.operations or [None]) if asked else ():
                self.subjects.setdefault(operation, set()).update(asked)
            ranked = _Ranked((-stub.priority, layer, at), stub)
            keys = list(filter(None, map(_text_key, stub.conditions)))
            if keys:
                key, text = min(keys, key=lambda found: found[0].operator == "contains")
                self._by_text.setdefault(key, _Group()).add(text, ranked)
                continue
            for operation in stub.operations or [None]:
                self._others.setdefault(operation, []).append(ranked)

    def __bool__(self) -> bool:
        return bool(self.stubs)

    def is_for(self, operation: str | None) -> bool:
        """Return whether any stub may match requests for an operation; None is none of the API."""
        return None in self._operations or operation in self._operations

    def candidates(self, request: RequestView) -> Iterator[_Ranked]:
        """Yield the stubs that may match a request, in no particular order."""
        for key, group in self._by_text.items():
            if not group.is_for(request.operation):
                continue
            value = request.value(key.part, key.steps)
            for text in _texts(value, key, group.by_text):
                for ranked in group.by_text.get(text, ()):
                    operations = ranked.stub.operations
                    if operations is None or request.operation in operations:
                        yield ranked
        yield from self._others.get(None, ())
        if request.operation is not None:
            yield from self._others.get(request.operation, ())


@dataclass
class _Group:
    """The stubs that compare the same field in the same way, by the string that they ask for."""

    by_text: dict[str, list[_Ranked]] = field(default_factory=dict)
    operations: set[str | None] = field(default_factory=set)

    def add(self, text: str, ranked: _Ranked) -> None:
        self.by_text.setdefault(text, []).append(ranked)
        self.operations.update(ranked.stub.operations or [None])

    def is_for(self, operation: str | None) -> bool:
        """Return whether any of the stubs may be for an operation; the others ask no subject."""
        return None in self.operations or operation in self.operations


class _Key(NamedTuple):
    """A string in a request, its first or last `length` characters, or any part of it."""

    part: Any
    steps: tuple[str, ...]
    operator: str
    length: int | None


_LOOKED_UP = ("equals", "starts_with", "ends_with", "contains")


def _text_key(condition: Condition) -> tuple[_Key, str] | None:
    operator, text = condition.operator, condition.operand
    if not isinstance(text, str) or operator not in _LOOKED_UP:
        return None
    length = len(text) if operator in ("starts_with", "ends_with") else None
    return _Key(condition.part, condition.steps, operator, length), text


def _texts(value: Any, key: _Key, asked: Iterable[str]) -> Iterable[str]:
    """Return the texts to look up for a value, several where a name is repeated.

    `asked` has all that stubs ask for.
    """
    if key.operator == "contains":
        values = value if type(value) is list else (value,)
        return {text for one in values if type(one) is str for text in asked if text in one}
    if type(value) is str:
        return (value if key.length is None else _affix(value, key),)
    if type(value) is list and key.part in ("headers", "query"):
        return {text for one in value for text in _texts(one, key, asked)}
    return ()


def _affix(value: str, key: _Key) -> str:
    assert key.length is not None  # noqa: S101
    if key.operator == "starts_with":
        return value[: key.length]
    return value[len(value) - key.length :] if key.length <= len(value) else ""


def matching_stubs(layers: Iterable[StubIndex], request: RequestView) -> list[Stub]:
    """Return the stubs of several layers that match, in the order in which they are tried."""
    candidates = [ranked for index in layers if index for ranked in index.candidates(request)]
    candidates.sort(key=lambda ranked: ranked.rank)
    return [
        ranked.stub
        for ranked in candidates
        if all(condition.matches(request) for condition in ranked.stub.conditions)
    ]
