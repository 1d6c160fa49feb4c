"""What faults did to a client: each request that was struck, and what was tried next."""

import contextlib
import math
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from itertools import pairwise

CASES = 1000
"""How many struck requests are remembered in a namespace; the oldest goes first."""

TRIES = 100
"""How many tries of one request are remembered; beyond it the newest takes the last place."""

TOLERANCE = 0.01
"""By how much a client may come back early, in seconds: clocks differ in their steps."""


@dataclass(slots=True)
class Try:
    """One try of a request: when, in seconds of a steady clock, and what became of it.

    `answered` is when its answer began to go out, None where it never did. `fault` is
    None for a try that no fault struck, `status` None where no answer came. `retry_after`
    is what the answer asked for, in seconds, `made` the id of the object that the try
    made, and `delivered` whether a late answer was still taken.
    """

    at: float
    answered: float | None
    fault: str | None
    status: int | None
    retry_after: float | None = None
    made: str | None = None
    delivered: bool = False


@dataclass(slots=True)
class Case:
    """A request that a fault struck, and the tries of the very same request that followed.

    `made` has the ids of the objects that its tries made: more than one is one too many.
    """

    operation: str | None
    key: str | None
    tries: list[Try] = field(default_factory=list)
    made: list[str] = field(default_factory=list)
    count: int = 0

    def add(self, one: Try) -> None:
        """Note one more try."""
        self.count += 1
        if one.made is not None and len(self.made) < CASES:
            self.made.append(one.made)
        if len(self.tries) < TRIES:
            self.tries.append(one)
        else:
            self.tries[-1] = one

    @property
    def outcome(self) -> str:
        """How it stands: what the newest try came to."""
        last = self.tries[-1]
        if last.delivered:
            return "answered late"
        if last.fault is not None:
            return "gave up" if self.count > 1 else "never retried"
        return "got through" if (last.status or 0) < 400 else "refused"

    def waits(self) -> Iterator[tuple[float, float | None]]:
        """Give how long the client waited before each further try, and how long it was asked to."""
        for before, after in pairwise(self.tries):
            yield after.at - (before.answered or before.at), before.retry_after

    def early(self) -> list[tuple[float, float, str | None]]:
        """Give the waits that were not kept: how long, how long asked for, and by which fault."""
        return [
            (after.at - before.answered, before.retry_after, before.fault)
            for before, after in pairwise(self.tries)
            if before.answered is not None  # else nobody has heard of it
            and before.retry_after is not None
            and after.at - before.answered < before.retry_after - TOLERANCE
        ]


def asked_to_wait(headers: Mapping[str, str]) -> float | None:
    """Read how long an answer asks a client to wait, in seconds, as official SDKs do [run]."""
    said = {name.lower(): value for name, value in headers.items()}
    after = said.get("retry-after", "")
    readings: tuple[Callable[[], float], ...] = (
        lambda: float(said["retry-after-ms"]) / 1000,
        lambda: float(after),
        lambda: parsedate_to_datetime(after).timestamp() - time.time(),
    )
    for read in readings:
        with contextlib.suppress(KeyError, ValueError, OverflowError, TypeError):
            wait = read()
            if math.isfinite(wait):
                return max(wait, 0.0)
    return None


class Strikes:
    """The cases of one namespace."""

    def __init__(self) -> None:
        self.struck: dict[str, int] = {}
        self.cases: deque[Case] = deque(maxlen=CASES)
        self._open: OrderedDict[bytes, Case] = OrderedDict()

    @property
    def any_open(self) -> bool:
        """Whether a request was struck that might be tried again."""
        return bool(self._open)

    def note(self, request: bytes, operation: str | None, key: str | None, one: Try) -> None:
        """Note a try of a request; one that no fault struck, only after one that did."""
        case = self._open.get(request)
        if one.fault is not None:
            self.struck[one.fault] = self.struck.get(one.fault, 0) + 1
        elif case is None:
            return
        if case is None:
            case = self._open[request] = Case(operation, key)
            self.cases.append(case)
            if len(self._open) > CASES:
                self._open.popitem(last=False)
        case.add(one)
        if one.fault is None:
            del self._open[request]

    def delivered(self, request: bytes, one: Try) -> None:
        """Note that the client took a late answer: what follows it is no retry."""
        one.delivered = True
        case = self._open.get(request)
        if case is not None and case.tries[-1] is one:
            del self._open[request]

    def clear(self) -> None:
        """Forget everything."""
        self.struck.clear()
        self.cases.clear()
        self._open.clear()
