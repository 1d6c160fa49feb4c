"""The server's own time, in a process whose clock a test has stopped."""

import sys
import time

import freezegun
import pytest
import time_machine

from mockserver import MockServer, real_time
from tests.support import Api

LONG_AGO = "2001-02-03"


def is_real(earliest: float) -> bool:
    return earliest - 0.1 <= real_time.wall() < earliest + 60


def test_both_clocks_run_while_freezegun_stops_those_of_the_process() -> None:
    earliest, begin = time.time(), real_time.monotonic()
    with freezegun.freeze_time(LONG_AGO):
        assert time.time() < earliest - 1e8
        assert is_real(earliest)
        assert begin <= real_time.monotonic() < begin + 60
    assert is_real(earliest)


def test_both_clocks_run_while_time_machine_travels() -> None:
    earliest, begin = time.time(), real_time.monotonic()
    with time_machine.travel(LONG_AGO, tick=False):
        assert time.time() < earliest - 1e8
        assert is_real(earliest)
        assert begin <= real_time.monotonic() < begin + 60
    assert is_real(earliest)


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_a_delay_and_a_slow_body_end_while_the_clock_is_stopped(
    monkeypatch: pytest.MonkeyPatch, loop: str
) -> None:
    if loop == "asyncio":
        monkeypatch.setitem(sys.modules, "uvloop", None)
    with MockServer.start() as mock, freezegun.freeze_time(LONG_AGO):
        mock.fault("latency", ms=100, on="createAssistant")
        mock.fault("slow_body", bytes_per_second=100_000, on="listModels")
        api, begin = Api(mock.url, mock.api_key), real_time.monotonic()
        api.create()
        assert real_time.monotonic() - begin >= 0.09
        assert api.get("/v1/models").status == 200


def test_a_server_that_starts_while_the_clock_is_stopped_is_no_other() -> None:
    earliest = int(time.time())
    with freezegun.freeze_time(LONG_AGO), MockServer.start(clock="real") as mock:
        reply = Api(mock.url, mock.api_key).post("/v1/assistants", {"model": "gpt-4o"})

    assert reply.json["created_at"] >= earliest
    assert "2001" not in reply.headers["Date"]
