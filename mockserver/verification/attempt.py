"""One attempt of a request: what was sent, what came of it, and what it asks of the client."""

import contextlib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from enum import IntEnum

from mockserver import real_time
from mockserver.http.request import Line

RETRY_COUNT = "x-stainless-retry-count"
"""The header in which the official clients count the retries of a request, from 0 on [run]."""

_TEMPORARY = (408, 429)
_EITHER = (409, 425, 501, 505)
"""Statuses that may be retried or not: the official clients retry 409, and every status from 500
on, though some of them will not change."""


class Sure(IntEnum):
    """How sure it is that one attempt is a retry of another; a greater value is less sure."""

    CERTAIN = 0
    LIKELY = 1
    POSSIBLE = 2

    @property
    def word(self) -> str:
        """The name in the report."""
        return self.name.lower()


@dataclass(slots=True)
class Attempt:
    """One attempt of a request and its outcome; times are seconds of a monotonic clock.

    `answered` is when sending its response began, or None where it never did. `fault` is None where
    none was injected. `status` is None where there was no response. `retry_after` is the wait that
    the response requested, in seconds. `created` is the id of the object that the attempt created,
    and `thread` that of its thread, if it has one.
    `delivered` says whether the client still received a late response. `deserves_retry` is that of
    the response. `retry_count` is what the client said of itself, or None. `line` is the connection
    that it came on. `is_under_way` says that its response is not over. Of a stream with a
    fault, `is_told` says that the client still heard where its run stands, `is_broken` that it
    broke off before that. `sure` says how sure it is that it is a retry of the attempt before it.
    """

    at: float
    answered: float | None
    fault: str | None
    status: int | None
    retry_after: float | None = None
    created: str | None = None
    thread: str | None = None
    delivered: bool = False
    deserves_retry: bool | None = None
    retry_count: int | None = None
    line: Line | None = None
    is_under_way: bool = False
    is_told: bool = False
    is_broken: bool = False
    sure: Sure = Sure.CERTAIN

    def shares_line(self, other: "Attempt") -> bool:
        """Return whether both came on one connection."""
        return self.line is other.line

    def line_is_open(self) -> bool:
        """Return whether its connection could be used for another request."""
        line = None if self.line is None else self.line()
        return line is not None and not line.is_closing()

    def is_in_flight(self) -> bool:
        """Return whether its client still waits for the response."""
        return self.is_under_way and self.line_is_open()


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


def deserves_retry(status: int | None, headers: Mapping[str, str], body: object) -> bool | None:
    """Return whether a client should retry: True, False, or None where either is right.

    `status` is None where no response reaches the client. `x-should-retry` decides, as with the
    official clients [run]. Those retry an exhausted quota too, in vain: that is not held against
    them.
    """
    should = next((v for name, v in headers.items() if name.lower() == "x-should-retry"), None)
    if should in ("true", "false"):
        return should == "true"
    if status is None:
        return True
    if status < 400 or status in _EITHER:
        return None
    if status == 429 and isinstance(body, bytes) and b'"insufficient_quota"' in body:
        return None
    return status >= 500 or status in _TEMPORARY


def retry_count(headers: Mapping[str, str]) -> int | None:
    """Return the number of retries that a client says it has made of a request, or None."""
    text = headers.get(RETRY_COUNT, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else None
