"""The options of faults that set the headers about retrying."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import formatdate
from typing import Any

from mockserver import real_time
from mockserver.faults.options import FaultOption, number, switch


@dataclass(frozen=True, slots=True)
class _RetryHeader:
    option: FaultOption
    header: str
    write: Callable[[Any], str]


def _plain(value: float) -> str:
    """Return a number without an exponent: many clients parse only digits."""
    return str(int(value)) if value == int(value) else f"{value:.10f}".rstrip("0")


_HEADERS = (
    _RetryHeader(
        number("retry_after", "the header retry-after, in seconds", None, whole=False),
        "retry-after",
        _plain,
    ),
    _RetryHeader(
        number("retry_after_ms", "the header retry-after-ms, in milliseconds", None, whole=False),
        "retry-after-ms",
        _plain,
    ),
    _RetryHeader(
        number("retry_after_date", "the header retry-after as a date, in seconds from now", None),
        "retry-after",
        lambda seconds: formatdate(real_time.wall() + seconds, usegmt=True),
    ),
    _RetryHeader(
        switch("should_retry", "the header x-should-retry, true or false"),
        "x-should-retry",
        lambda should: str(should).lower(),
    ),
)

RETRY_OPTIONS = tuple(row.option for row in _HEADERS)
"""The options of every fault that is an error response."""


def retry_headers(options: Mapping[str, Any]) -> dict[str, str]:
    """Return the headers that these options set."""
    return {
        row.header: row.write(options[row.option.name])
        for row in _HEADERS
        if options.get(row.option.name) is not None
    }
