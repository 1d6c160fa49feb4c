"""Why no stub answered a request: the stubs that came nearest, condition by condition."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from mockserver.expressions.conditions import Condition
from mockserver.expressions.request_view import RequestView
from mockserver.stubs.index import StubIndex
from mockserver.stubs.stub import Stub


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A stub that did not match: each condition, whether it matched, and the actual value."""

    stub: Stub
    conditions: tuple[tuple[Condition, bool, Any], ...]

    @property
    def failed(self) -> int:
        """How many conditions did not match."""
        return sum(not matched for _, matched, _ in self.conditions)


def near_misses(layers: Iterable[StubIndex], request: RequestView, most: int = 3) -> list[NearMiss]:
    """Return the stubs for this operation that came nearest, the nearest first.

    A stub whose conditions all matched is no near miss.
    """
    misses = [
        NearMiss(
            stub,
            tuple(
                (
                    condition,
                    condition.matches(request),
                    request.value(condition.part, condition.steps),
                )
                for condition in stub.conditions
            ),
        )
        for index in layers
        for stub in index.stubs
        if stub.operations is None or request.operation in stub.operations
    ]
    found = [miss for miss in misses if miss.failed]
    found.sort(key=lambda miss: (miss.failed, -len(miss.conditions)))
    return found[:most]
