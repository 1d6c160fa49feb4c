"""An index of the stubs of one layer, and the matching stubs in the order of trial."""

from collections.abc import Iterable, Iterator, Sequence
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

    Most stubs compare some field with a string, so they are looked up by that string. Only the
    others are tried one by one.
    """

    def __init__(self, stubs: Sequence[Stub] = (), layer: int = 0) -> None:
        self.stubs = tuple(stubs)
        self._by_text: dict[_Key, dict[str, list[_Ranked]]] = {}
        self._others: dict[str | None, list[_Ranked]] = {}
        self.subjects: dict[str | None, set[Subject]] = {}
        """The subjects that the stubs for each operation ask about; for None, those for all."""
        for at, stub in enumerate(self.stubs):
            asked = {one.part for one in stub.conditions if one.part in SUBJECTS}
            for operation in (stub.operations or [None]) if asked else ():
                self.subjects.setdefault(operation, set()).update(asked)
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

    def candidates(self, request: RequestView) -> Iterator[_Ranked]:
        """Yield the stubs that may match a request, in no particular order."""
        for key, by_text in self._by_text.items():
            value = request.value(key.part, key.steps)
            for text in _texts(value, key):
                for ranked in by_text.get(text, ()):
                    operations = ranked.stub.operations
                    if operations is None or request.operation in operations:
                        yield ranked
        yield from self._others.get(None, ())
        if request.operation is not None:
            yield from self._others.get(request.operation, ())


class _Key(NamedTuple):
    """A string in a request, or its first or last `length` characters."""

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


def _texts(value: Any, key: _Key) -> Iterable[str]:
    """Return the texts to look up for a value: several where a name is repeated."""
    if type(value) is str:
        return (value if key.length is None else _affix(value, key),)
    if type(value) is list and key.part in ("headers", "query"):
        return {text for one in value for text in _texts(one, key)}
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
