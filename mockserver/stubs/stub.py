"""A stub as the server uses it: compiled once, tried for every request."""

from dataclasses import dataclass
from typing import Any

from mockserver.expressions.conditions import Condition
from mockserver.stubs.actions.action import Action


@dataclass(frozen=True, slots=True, eq=False)
class Stub:
    """Conditions, and the actions that follow a match.

    `id` is its name in the control API, `source` where it was written, `definition` what was
    written there, `hash` what its random draws derive from. `operations` is None for every request.
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

    def __str__(self) -> str:
        return f"{self.name} ({self.source})"
