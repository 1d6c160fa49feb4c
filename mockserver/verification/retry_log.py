"""The retry log: each request that a fault was injected into, and its retries."""

import contextlib
import math
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from itertools import pairwise

from mockserver import real_time

MAX_REQUESTS = 1000
"""How many requests of a namespace are kept; the oldest is dropped first."""

MAX_ATTEMPTS = 100
"""How many attempts of a request are kept: the first ones, and the newest."""

EARLY_TOLERANCE_SECONDS = 0.01
"""How much too early a retry may come without counting as early: clocks have coarse steps."""


@dataclass(slots=True)
class Attempt:
    """One attempt of a request and its outcome; times are seconds of a monotonic clock.

    `answered` is when sending its response began, or None where it never did. `fault` is None where
    none was injected. `status` is None where there was no response. `retry_after` is the wait that
    the response requested, in seconds. `created` is the id of the object that the attempt created.
    `delivered` says whether the client still received a late response.
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
    """A request that a fault was injected into, and all attempts of the same request since.

    `created` has the ids of the objects that the attempts created: more than one means duplicates.
    `count` counts all attempts, also those that are no longer kept.
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
        """The outcome so far, which is that of the newest attempt."""
        last = self.attempts[-1]
        if last.delivered:
            return "answered late"
        if last.fault is not None:
            return "gave up" if self.count > 1 else "never retried"
        return "got through" if (last.status or 0) < 400 else "refused"

    def waits(self) -> Iterator[tuple[float, float | None]]:
        """Yield the wait before each retry and the requested wait, in seconds."""
        for before, after in pairwise(self.attempts):
            yield after.at - (before.answered or before.at), before.retry_after

    def early_retries(self) -> list[tuple[float, float, str | None]]:
        """Return the waits that were too short: the wait, the requested wait, and the fault."""
        return [
            (after.at - before.answered, before.retry_after, before.fault)
            for before, after in pairwise(self.attempts)
            if before.answered is not None  # otherwise it was never received
            and before.retry_after is not None
            and after.at - before.answered < before.retry_after - EARLY_TOLERANCE_SECONDS
        ]


def requested_wait(headers: Mapping[str, str]) -> float | None:
    """Return the wait that a response requests, in seconds, as the official SDKs read it [run]."""
    lower = {name.lower(): value for name, value in headers.items()}
    after = lower.get("retry-after", "")
    readings: tuple[Callable[[], float], ...] = (
        lambda: float(lower["retry-after-ms"]) / 1000,
        lambda: float(after),
        lambda: parsedate_to_datetime(after).timestamp() - real_time.wall(),
    )
    for read in readings:
        with contextlib.suppress(KeyError, ValueError, OverflowError, TypeError):
            wait = read()
            if math.isfinite(wait):
                return max(wait, 0.0)
    return None


class RetryLog:
    """The requests of a namespace that faults were injected into, with their attempts.

    `injected` counts the injections of each fault by name.

    `awaiting` has the requests that may be sent again, by their hash.
    """

    def __init__(self) -> None:
        self.injected: dict[str, int] = {}
        self.requests: deque[RetriedRequest] = deque(maxlen=MAX_REQUESTS)
        self.awaiting: OrderedDict[bytes, RetriedRequest] = OrderedDict()

    def add(
        self, request_hash: bytes, operation: str | None, key: str | None, attempt: Attempt
    ) -> None:
        """Add an attempt of a request; without a fault only where it is a retry."""
        request = self.awaiting.get(request_hash)
        if attempt.fault is not None:
            self.injected[attempt.fault] = self.injected.get(attempt.fault, 0) + 1
        elif request is None:
            return
        if request is None:
            request = self.awaiting[request_hash] = RetriedRequest(operation, key)
            self.requests.append(request)
            if len(self.awaiting) > MAX_REQUESTS:
                self.awaiting.popitem(last=False)
        request.add(attempt)
        if attempt.fault is None:
            del self.awaiting[request_hash]

    def note_delivered(self, request_hash: bytes, attempt: Attempt) -> None:
        """Note that the client received a late response: the next request is not a retry."""
        attempt.delivered = True
        request = self.awaiting.get(request_hash)
        if request is not None and request.attempts[-1] is attempt:
            del self.awaiting[request_hash]

    def clear(self) -> None:
        """Remove all requests and counts."""
        self.injected.clear()
        self.requests.clear()
        self.awaiting.clear()
