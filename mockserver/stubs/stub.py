"""A compiled stub, which is tried for every request."""

from dataclasses import dataclass
from typing import Any

from mockserver.expressions.conditions import Condition
from mockserver.stubs.actions.action import Action


@dataclass(frozen=True, slots=True, eq=False)
class Stub:
    """Conditions, and the actions for the requests that match them.

    `id` identifies the stub in the control API. `source` is its file and line, `definition` the
    original object there. Its entropy derives from `hash`. `operations` is None for all requests.
    Strictness does not miss an `optional` stub that nothing matches.
    """

    id: str
    name: str
    source: str
    definition: dict[str, Any]
    operations: frozenset[str] | None
    conditions: tuple[Condition, ...]
    actions: tuple[Action, ...]
    times: int | None
    probability: float | None
    priority: int
    hash: bytes
    optional: bool = False

    def __str__(self) -> str:
        return f"{self.name} ({self.source})"
