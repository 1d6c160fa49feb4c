"""The three clocks: one that ticks with every object, one that is frozen, and the wall clock."""

import time
from datetime import UTC, datetime

import pytest

from mockserver.settings import ClockMode
from mockserver.state.clock import EPOCH, Clock
from tests.conftest import Start


def test_the_epoch_is_the_start_of_2025() -> None:
    assert datetime.fromtimestamp(EPOCH, UTC).isoformat() == "2025-01-01T00:00:00+00:00"


@pytest.mark.parametrize("mode", ["tick", "frozen"])
def test_a_clock_for_tests_starts_at_the_epoch(mode: ClockMode) -> None:
    clock = Clock(mode)

    assert (clock.start, clock.now()) == (EPOCH, EPOCH)


def test_a_ticking_clock_moves_one_second_for_each_object() -> None:
    clock = Clock("tick")
    clock.object_created()
    clock.object_created()

    assert clock.now() == EPOCH + 2
    assert clock.start == EPOCH


def test_a_frozen_clock_never_moves() -> None:
    clock = Clock("frozen")
    clock.object_created()

    assert clock.now() == EPOCH


def test_a_real_clock_is_the_wall_clock() -> None:
    earliest = int(time.time())
    clock = Clock("real")
    clock.object_created()

    assert earliest <= clock.start <= clock.now() <= int(time.time())


@pytest.mark.parametrize(("mode", "step"), [("tick", 1), ("frozen", 0)])
def test_a_server_uses_its_clock_setting(start: Start, mode: ClockMode, step: int) -> None:
    api = start(clock=mode)

    assert api.create()["created_at"] == EPOCH
    assert api.create()["created_at"] == EPOCH + step


def test_a_server_with_the_real_clock_shows_the_real_time(start: Start) -> None:
    earliest = int(time.time())

    assert earliest <= start(clock="real").create()["created_at"] <= time.time()
