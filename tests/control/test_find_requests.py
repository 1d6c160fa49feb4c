"""The search of the journal by the conditions of a stub."""

from typing import Any

import pytest

from tests.conftest import Start
from tests.control.calls import everyone, journal
from tests.support import Api


def found(api: Api, **wanted: Any) -> Any:
    reply = api.post("/_mock/requests/find", wanted)
    assert reply.status == 200, reply.body
    return reply.json


def test_requests_are_found_by_the_conditions_of_a_stub(api: Api) -> None:
    for name in ("Ada", "Eve", "Ada"):
        api.create(name=name)
    api.get("/v1/nowhere")

    result = found(api, when={"body": {"name": "Ada"}}, operation="createAssistant", limit=1)

    third, second, first = (entry["number"] for entry in journal(api)[1:])
    assert result["numbers"] == [first, third]
    assert [entry["number"] for entry in result["requests"]] == [third]
    [missed] = result["missed"]
    assert missed["number"] == second
    assert missed["near_misses"][0]["conditions"] == [
        {"condition": 'body.name = "Ada"', "matched": False, "actual": '"Eve"'}
    ]
    assert (result["unknown"], result["counts"]) == (0, {"createAssistant": 3, "unknown": 1})
    assert len(found(api, when={"operation": "*Assistant*"})["numbers"]) == 3
    assert len(found(api, operation="unknown", status=404)["numbers"]) == 1
    assert len(found(api, status="200")["numbers"]) == 3
    assert len(found(everyone(api), when={"path": "/v1/assistants"})["numbers"]) >= 3


@pytest.mark.parametrize(
    ("wanted", "place"),
    [
        ({"when": {"bdy": {}}}, "when.bdy"),
        ({"when": 5}, "when"),
        ({"when": {"operation": "nope"}}, "when.operation"),
        ({"limit": -1}, "limit"),
        ({"status": 7}, "status"),
        ({"wen": {}}, ""),
    ],
)
def test_a_search_that_is_wrong_is_refused(api: Api, wanted: object, place: str) -> None:
    reply = api.post("/_mock/requests/find", wanted)

    assert reply.status == 400
    assert reply.json["errors"][0]["place"] == place
    assert reply.json["errors"][0]["remedy"]


@pytest.mark.usefixtures("little_room")
def test_what_cannot_be_compared_is_counted(start: Start) -> None:
    api = start(journal=2)
    for _ in range(3):
        api.create(instructions="x" * 80_000)

    by_body = found(api, when={"body": {"model": "gpt-4o"}})
    assert (len(by_body["numbers"]), by_body["unknown"]) == (1, 2)
    by_path = found(api, when={"path": "/v1/assistants", "method": "POST"})
    assert (len(by_path["numbers"]), by_path["unknown"]) == (2, 1)
    assert found(api, when={"body": {"model": "gpt-4o"}, "method": "GET"})["unknown"] == 1
    assert found(api, operation="listModels", when={"body": {}})["unknown"] == 0
