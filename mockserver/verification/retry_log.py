"""What clients did after a fault: each request that a fault was injected into, and its retries."""

import contextlib
import math
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from itertools import pairwise

MAX_REQUESTS = 1000
"""How many requests are remembered in a namespace; the oldest goes first."""

MAX_ATTEMPTS = 100
"""How many attempts of one request are remembered; beyond it the newest takes the last place."""

EARLY_TOLERANCE_SECONDS = 0.01
"""By how much a client may come back early: clocks differ in their steps."""


@dataclass(slots=True)
class Attempt:
    """One attempt of a request: when, in seconds of a steady clock, and what became of it.

    `answered` is when its response began to go out, None where it never did. `fault` is None where
    none was injected, `status` None where no response came. `retry_after` is what the response
    asked for, in seconds; `created` is the id of the object that the attempt created; `delivered`
    says whether a late response was still taken.
    """

    at: float
    answered: float | None
    fault: str | None
    status: int | None
    retry_after: float | None = None
    created: str | None = None
    delivered: bool = False


@dataclass(slots=True)
class RetriedRequest:
    """A request that a fault was injected into, and the attempts of the very same request since.

    `created` has the ids of the objects that the attempts created: more than one is one too many.
    `count` counts all attempts, also those that are no longer remembered.
    """

    operation: str | None
    key: str | None
    attempts: list[Attempt] = field(default_factory=list)
    created: list[str] = field(default_factory=list)
    count: int = 0

    def add(self, attempt: Attempt) -> None:
        """Add one more attempt."""
        self.count += 1
        if attempt.created is not None and len(self.created) < MAX_REQUESTS:
            self.created.append(attempt.created)
        if len(self.attempts) < MAX_ATTEMPTS:
            self.attempts.append(attempt)
        else:
            self.attempts[-1] = attempt

    @property
    def outcome(self) -> str:
        """How it stands: what the newest attempt came to."""
        last = self.attempts[-1]
        if last.delivered:
            return "answered late"
        if last.fault is not None:
            return "gave up" if self.count > 1 else "never retried"
        return "got through" if (last.status or 0) < 400 else "refused"

    def waits(self) -> Iterator[tuple[float, float | None]]:
        """Yield the wait before each retry, and the wait that was asked for, in seconds."""
        for before, after in pairwise(self.attempts):
            yield after.at - (before.answered or before.at), before.retry_after

    def early_retries(self) -> list[tuple[float, float, str | None]]:
        """Return the waits that were cut short: how long, how long asked for, by which fault."""
        return [
            (after.at - before.answered, before.retry_after, before.fault)
            for before, after in pairwise(self.attempts)
            if before.answered is not None  # else the client never heard of it
            and before.retry_after is not None
            and after.at - before.answered < before.retry_after - EARLY_TOLERANCE_SECONDS
        ]


def requested_wait(headers: Mapping[str, str]) -> float | None:
    """Return how long a response asks to wait, in seconds, read as official SDKs do [run]."""
    lower = {name.lower(): value for name, value in headers.items()}
    after = lower.get("retry-after", "")
    readings: tuple[Callable[[], float], ...] = (
        lambda: float(lower["retry-after-ms"]) / 1000,
        lambda: float(after),
        lambda: parsedate_to_datetime(after).timestamp() - time.time(),
    )
    for read in readings:
        with contextlib.suppress(KeyError, ValueError, OverflowError, TypeError):
            wait = read()
            if math.isfinite(wait):
                return max(wait, 0.0)
    return None


class RetryLog:
    """The requests of one namespace that faults were injected into, with their attempts.

    `injected` counts the injections of each fault.
    """

    def __init__(self) -> None:
        self.injected: dict[str, int] = {}
        self.requests: deque[RetriedRequest] = deque(maxlen=MAX_REQUESTS)
        self._open: OrderedDict[bytes, RetriedRequest] = OrderedDict()

    @property
    def awaits_retries(self) -> bool:
        """Whether there is a request that might be sent again."""
        return bool(self._open)

    def add(
        self, request_hash: bytes, operation: str | None, key: str | None, attempt: Attempt
    ) -> None:
        """Add an attempt of a request; one without a fault counts only after one with a fault."""
        request = self._open.get(request_hash)
        if attempt.fault is not None:
            self.injected[attempt.fault] = self.injected.get(attempt.fault, 0) + 1
        elif request is None:
            return
        if request is None:
            request = self._open[request_hash] = RetriedRequest(operation, key)
            self.requests.append(request)
            if len(self._open) > MAX_REQUESTS:
                self._open.popitem(last=False)
        request.add(attempt)
        if attempt.fault is None:
            del self._open[request_hash]

    def note_delivered(self, request_hash: bytes, attempt: Attempt) -> None:
        """Note that the client took a late response: what follows it is no retry."""
        attempt.delivered = True
        request = self._open.get(request_hash)
        if request is not None and request.attempts[-1] is attempt:
            del self._open[request_hash]

    def clear(self) -> None:
        """Forget everything."""
        self.injected.clear()
        self.requests.clear()
        self._open.clear()
