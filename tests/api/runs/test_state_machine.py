"""Conversations at random, under three keys at once: every response is what the model says.

The suite makes the same few hundred steps each time. With STATE_MACHINE_STEPS=5000 each test makes
that many, others in every run; `--hypothesis-seed=7` repeats them.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from mockserver import BackgroundServer
from tests.api.runs.conversations import Conversations
from tests.api.runs.machine import headers, new_keys
from tests.support import Api

STEPS = int(os.environ.get("STATE_MACHINE_STEPS", "0"))


def play(machine: type[Conversations], api: Api, steps: int) -> None:
    """Make about so many steps, or `STEPS`."""
    machine.server, machine.steps = api, 0
    count = STEPS or steps
    chosen = settings(
        max_examples=max(count // 50, 1),
        stateful_step_count=50,
        deadline=None,
        derandomize=not STEPS,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(machine, settings=chosen)
    print(f"{machine.steps} requests were compared")


@pytest.fixture(scope="module")
def other() -> Iterator[Api]:
    """A second server, in a process of its own."""
    command = [sys.executable, "-m", "mockserver", "--port", "0", "--log", "none"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            address = re.search(r"http://\S+", process.stdout.readline())
            assert address is not None
            yield Api(address[0])
        finally:
            process.terminate()


def test_every_response_is_what_the_model_says(server: BackgroundServer) -> None:
    play(Conversations, Api(server.url), 600)


def test_the_same_requests_get_the_same_bytes_of_another_process(
    server: BackgroundServer, other: Api
) -> None:
    class Repeated(Conversations):
        def teardown(self) -> None:
            keys = new_keys(other)
            for one in self.sent:
                again = one.send(keys)
                assert (again.status, headers(again)) == (one.reply.status, headers(one.reply))
                assert again.body == one.reply.body

    play(Repeated, Api(server.url), 150)


def test_a_conversation_goes_on_where_its_state_is_carried_to(
    server: BackgroundServer, other: Api
) -> None:
    class Carried(Conversations):
        # How often a request came before, and what was deleted, is not part of the state.
        all_differ = True

        def teardown(self) -> None:
            here, there = new_keys(self.server), new_keys(other)
            half = len(self.sent) // 2
            while self.sent[half - 1].path == "/_mock/stubs":  # they are not carried
                half += 1
            for one in self.sent[:half]:
                one.send(here)
            for old, new in zip(here, there, strict=True):
                state = old.get("/_mock/state").json
                assert new.request("PUT", "/_mock/state", state).status == 200
                new.post("/_mock/clock", {"set": old.get("/_mock/clock").json["now"]})
            for one in self.sent[half:]:
                if not one.path.startswith("/_mock/") or one.method != "GET":
                    assert one.send(there).body == one.send(here).body == one.reply.body

    play(Carried, Api(server.url), 150)
