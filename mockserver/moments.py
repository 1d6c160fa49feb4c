"""Moments in time, as they are written in settings."""

import re
from datetime import UTC, date, datetime

FORMS = "a date such as 2026-08-26 (its midnight UTC) or a time such as 2026-08-26T12:00:00Z"

_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:?[0-9]{2}))?",
    re.IGNORECASE,
)


def seconds(value: object) -> float:
    """Return a moment, in seconds since 1970.

    `value` is a text, or a `date` or `datetime`. A date is its midnight in UTC, wherever the server
    runs; a time has to have its zone.

    Raises:
        ValueError: the value is not in one of `FORMS`.
    """
    text = value.isoformat() if isinstance(value, date) else value
    try:
        if not isinstance(text, str) or not _MOMENT.fullmatch(text):
            raise ValueError(text)
        moment = datetime.fromisoformat(text.upper())
    except ValueError:  # a thirteenth month, say
        raise ValueError(f"expected {FORMS}") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
