"""Counters, sequences, probabilities and the order of stubs, over HTTP."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Start
from tests.support import Api

CREATE = {"operation": "createAssistant"}


def stub(api: Api, *stubs: dict[str, Any]) -> None:
    reply = api.post("/_mock/stubs", [{"when": CREATE, **one} for one in stubs])
    assert reply.status == 200, reply.body


def create(api: Api, **fields: object) -> Any:
    return api.post("/v1/assistants", {"model": "gpt-4o", **fields}).json


def responses(api: Api, times: int) -> list[Any]:
    """Return the responses to several creates; an object of the API stands as its kind."""
    found = [create(api) for _ in range(times)]
    return [one["object"] if isinstance(one, dict) else one for one in found]


def test_a_sequence_advances_and_its_last_action_repeats(api: Api) -> None:
    stub(api, {"then": [{"json": 1}, "default", {"json": 2}]})

    assert responses(api, 5) == [1, "assistant", 2, 2, 2]


def test_defaults_in_front_let_the_first_requests_through(api: Api) -> None:
    stub(api, {"then": ["default", "default", {"json": "late"}]})

    assert responses(api, 4) == ["assistant", "assistant", "late", "late"]


def test_a_stub_that_is_used_up_is_skipped(api: Api) -> None:
    stub(api, {"then": {"json": 1}, "times": 2}, {"then": {"json": 2}, "times": 1})

    assert responses(api, 4) == [1, 1, 2, "assistant"]


def test_each_namespace_counts_the_stubs_of_files_and_of_the_server_separately(
    start: Start, tmp_path: Path
) -> None:
    file = tmp_path / "f.yaml"
    file.write_text("stubs: [{when: {operation: createAssistant}, then: {json: file}, times: 1}]")
    one = start(fixtures=(str(file),))
    other = Api(one.url, "sk-other")
    all_keys = Api(one.url, None)
    stub(all_keys, {"then": [{"json": "a"}, {"json": "b"}], "times": 2})

    expected = ["a", "b", "file", "assistant"]
    assert responses(one, 4) == expected
    assert responses(other, 4) == expected


def test_a_stub_answers_no_more_than_its_times_of_200_concurrent_requests(api: Api) -> None:
    stub(api, {"then": {"json": "stub"}, "times": 57})
    with ThreadPoolExecutor(20) as pool:
        found = list(pool.map(lambda n: create(api, name=str(n)), range(200)))

    assert sum(one == "stub" for one in found) == 57


# ── Order ────────────────────────────────────────────────────────────────────────


def test_stubs_are_ordered_by_priority_then_layer_then_position(
    start: Start, tmp_path: Path
) -> None:
    file = tmp_path / "f.yaml"
    file.write_text(
        "stubs:\n"
        "- {when: {operation: createAssistant}, then: {json: file 1}, times: 1}\n"
        "- {when: {operation: createAssistant}, then: {json: file 2}, times: 1}\n"
        "- {when: {operation: createAssistant}, then: {json: high}, times: 1, priority: 1}\n"
    )
    api = start(fixtures=(str(file),))
    all_keys = Api(api.url, None)

    def once(*names: str) -> Sequence[dict[str, Any]]:
        return [{"then": {"json": name}, "times": 1} for name in names]

    stub(all_keys, *once("server 1"))
    stub(all_keys, *once("server 2", "server 3"))
    stub(api, *once("own 1", "own 2"))
    stub(api, *once("own 3"))
    stub(api, {"then": {"json": "low"}, "times": 1, "priority": -1})

    assert responses(api, 11) == [
        *("high", "own 3", "own 1", "own 2", "server 2", "server 3", "server 1"),
        *("file 1", "file 2", "low", "assistant"),
    ]


def test_the_first_match_decides_even_if_it_is_the_default_action(api: Api) -> None:
    stub(api, {"then": "default"}, {"then": {"json": 1}})

    assert responses(api, 2) == ["assistant", "assistant"]


# ── Probabilities ────────────────────────────────────────────────────────────────


def selected(api: Api, names: Sequence[str]) -> dict[str, bool]:
    """Return whether the stub answered each create, by the name in it."""
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda name: create(api, name=name), names))
    return {name: one == "selected" for name, one in zip(names, found, strict=True)}


def test_a_probability_selects_the_same_requests_in_any_order_and_amid_other_traffic(
    start: Start,
) -> None:
    names = [str(n) for n in range(1000)]
    one, other = start(seed=5), Api(start(seed=5).url, "sk-other")
    for api in (one, other):
        stub(api, {"then": {"json": "selected"}, "probability": 0.1})
    first = selected(one, names)
    with ThreadPoolExecutor(1) as pool:
        traffic = pool.submit(lambda: [other.get("/v1/models").status for _ in range(200)])
        second = selected(other, names[::-1])
        assert set(traffic.result()) == {200}

    assert first == second
    assert 60 <= sum(first.values()) <= 140


def test_another_seed_selects_other_requests(start: Start) -> None:
    names = [str(n) for n in range(200)]
    found = []
    for seed in (1, 2):
        api = start(seed=seed)
        stub(api, {"then": {"json": "selected"}, "probability": 0.5})
        found.append(selected(api, names))

    assert found[0] != found[1]


def test_a_repeated_request_is_sampled_again_each_time(api: Api) -> None:
    stub(api, {"then": {"json": "selected"}, "probability": 0.5})

    assert set(responses(api, 30)) == {"selected", "assistant"}


@pytest.mark.parametrize(("probability", "found"), [(0, "assistant"), (1, "selected")])
def test_a_probability_of_0_selects_nothing_and_1_everything(
    api: Api, probability: int, found: str
) -> None:
    stub(api, {"then": {"json": "selected"}, "probability": probability})

    assert set(responses(api, 20)) == {found}


def test_a_request_that_is_not_selected_does_not_count_against_times(api: Api) -> None:
    stub(api, {"then": {"json": "selected"}, "probability": 0.5, "times": 5})

    assert responses(api, 60).count("selected") == 5
