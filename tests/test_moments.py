"""Moments in time, as settings write them."""

from datetime import UTC, date, datetime

import pytest

from mockserver import moments

SUNSET = 1787702400  # 2026-08-26T00:00:00Z


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("2026-08-26", SUNSET),
        ("1970-01-01", 0),
        ("2026-08-26T00:00:00Z", SUNSET),
        ("2026-08-26t00:00z", SUNSET),
        ("2026-08-26 02:00+02:00", SUNSET),
        ("2026-08-25T19:00:00-0500", SUNSET),
        ("2026-08-26T00:00:00.5Z", SUNSET + 0.5),
        (date(2026, 8, 26), SUNSET),
        (datetime(2026, 8, 26, tzinfo=UTC), SUNSET),
    ],
)
def test_a_moment_is_in_seconds_since_1970(written: object, seconds: float) -> None:
    assert moments.seconds(written) == seconds


@pytest.mark.parametrize(
    "written",
    [
        *("", "tomorrow", "2026", "2026-8-26", "26.08.2026", "20260826", "2026-W35-3"),
        *("2026-13-01", "2026-02-30", "2026-08-26T12:00:00", "2026-08-26T25:00Z", "2026-08-26Z"),
        *(1787702400, None, True, datetime(2026, 8, 26)),
    ],
)
def test_what_is_no_moment_is_refused_with_the_forms(written: object) -> None:
    with pytest.raises(ValueError, match="2026-08-26T12:00:00Z"):
        moments.seconds(written)
