"""Explains why no stub answered a request: the nearest stubs, condition by condition."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from mockserver.expressions.conditions import Condition
from mockserver.expressions.request_view import RequestView
from mockserver.stubs.index import StubIndex
from mockserver.stubs.stub import Stub


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A stub that did not match: for each condition, whether it matched and the actual value."""

    stub: Stub
    conditions: tuple[tuple[Condition, bool, Any], ...]

    @property
    def failed(self) -> int:
        """The number of conditions that did not match."""
        return sum(not matched for _, matched, _ in self.conditions)


def explain(stub: Stub, request: RequestView) -> NearMiss:
    """Return a stub's conditions, each with whether a request meets it and the actual value."""
    return NearMiss(
        stub,
        tuple(
            (condition, condition.matches(request), request.value(condition.part, condition.steps))
            for condition in stub.conditions
        ),
    )


def near_misses(layers: Iterable[StubIndex], request: RequestView, most: int = 3) -> list[NearMiss]:
    """Return up to `most` stubs for the operation with the fewest failed conditions, nearest first.

    A stub whose conditions all matched is not a near miss.
    """
    misses = [
        explain(stub, request)
        for index in layers
        for stub in index.stubs
        if stub.operations is None or request.operation in stub.operations
    ]
    nearest = [miss for miss in misses if miss.failed]
    nearest.sort(key=lambda miss: (miss.failed, -len(miss.conditions)))
    return nearest[:most]
