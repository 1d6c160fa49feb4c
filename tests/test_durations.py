"""Lengths of time, as text or as numbers of seconds."""

import pytest

from mockserver import durations


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        (0, 0.0),
        (3, 3.0),
        (0.25, 0.25),
        ("300ms", 0.3),
        ("2s", 2.0),
        ("1.5s", 1.5),
        ("1m30s", 90.0),
        ("10m", 600.0),
        ("1h", 3600.0),
        ("2d", 172800.0),
        ("1d2h3m4s5ms", 93784.005),
    ],
)
def test_a_length_of_time_is_read(written: object, seconds: float) -> None:
    assert durations.seconds(written) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "written",
    [-1, True, None, "", "s", "5", "5 s", "-5s", "5S", "5s!", "5sec", "1.s", ".5s", [], {}],
)
def test_an_invalid_length_of_time_is_refused(written: object) -> None:
    with pytest.raises(ValueError, match="not a length of time"):
        durations.seconds(written)
