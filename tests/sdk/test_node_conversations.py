"""Runs that follow scripts, polled by the helpers of OpenAI's Node SDK."""

from typing import Any

import pytest

from mockserver import BackgroundServer, MockServer
from tests.sdk.test_node_sdk import run
from tests.sdk.test_scripted_runs import CALLS, ENDS, WHY

KEY = "sk-of-the-node-conversations"


@pytest.fixture(scope="module")
def seen(server: BackgroundServer) -> Any:
    with MockServer(server.url, KEY) as mock:
        for status, script in ENDS.items():
            mock.run(script, to=status)
        mock.call(CALLS, then="Paris: {{ outputs.0 }}. Rome: {{ outputs.1 }}.", to="weather")
        mock.refuse("I cannot help with that.", to="refused")
        mock.run([{"wait": {"polls": 10_000}}], to="forever")
        return run("conversations.mjs", "openai", server.base_url, KEY)


@pytest.mark.parametrize("status", ENDS)
def test_a_run_is_polled_to_each_of_its_ends(seen: Any, status: str) -> None:
    end = seen["ends"][status]

    assert end["statuses"] == [status, status]
    assert (end["code"], end["reason"]) == WHY.get(status, (None, None))


def test_the_outputs_of_two_parallel_calls_are_submitted(seen: Any) -> None:
    assert seen["twoCalls"]["statuses"] == ["requires_action", "completed"]
    assert seen["twoCalls"]["said"] == "Paris: sun. Rome: rain."


def test_a_refusal_is_a_part_of_a_message(seen: Any) -> None:
    part = {"type": "refusal", "refusal": "I cannot help with that."}
    assert seen["refusal"] == {"status": "completed", "part": part}


def test_a_loop_of_ones_own_sees_every_state(seen: Any) -> None:
    assert list(dict.fromkeys(seen["states"])) == ["queued", "in_progress", "completed"]


def test_a_second_client_cancels_a_run_that_is_polled(seen: Any) -> None:
    assert seen["cancelledBySecondClient"] == "cancelled"
