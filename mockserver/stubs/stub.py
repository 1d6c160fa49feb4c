"""Stubs as the server uses them: compiled once, asked by every request."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import NormalDist
from typing import Any, Literal

from mockserver.expressions.conditions import Condition
from mockserver.expressions.templates import Rendered

_NORMAL = NormalDist()

Kind = Literal["default", "patch", "json", "text", "fault", "rate_limit"]


@dataclass(frozen=True, slots=True)
class Delay:
    """How long an answer is held back, in seconds: one length, or a spread to draw from."""

    low: float
    high: float
    log_normal: bool = False

    def draw(self, share: float) -> float:
        """Give a length of time; `share` is from 0 up to 1.

        Log-normal: `low` is the median, `high` the 99th percentile.
        """
        if not self.log_normal:
            return self.low + (self.high - self.low) * share
        share = min(max(share, 1e-9), 1 - 1e-9)
        sigma = math.log(self.high / self.low) / _NORMAL.inv_cdf(0.99)
        return self.low * math.exp(sigma * _NORMAL.inv_cdf(share))


@dataclass(frozen=True, slots=True)
class Limit:
    """So many requests a period of `per` seconds, for all that match or for each operation."""

    requests: int
    per: float
    by: Literal["all", "operation"] = "all"


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that a stub does.

    `content` renders the patch, the whole JSON value, the text, or for a fault its
    body where one is given instead of the fault's own. `options` are the fault's, and
    `strikes_after` says that the handler does its work first.
    """

    kind: Kind
    content: Rendered | None = None
    drop: tuple[tuple[str, ...], ...] = ()
    status: int | None = None
    headers: Rendered | None = None
    delay: Delay | None = None
    fault: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    strikes_after: bool = False
    limit: Limit | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Stub:
    """One rule.

    `id` is its name in the control API, `source` where it was written,
    `chance` what its draws derive from. `operations` is None for every request.
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
    chance: bytes
