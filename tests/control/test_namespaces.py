"""The namespace of a key: its settings, its clock, its objects, and how it is forgotten."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Start
from tests.control.calls import EPOCH, answered, answering, everyone, flaky, journal, put
from tests.support import Api

# ── Settings and the clock ───────────────────────────────────────────────────────


def test_responses_depend_on_the_seed_of_the_key(api: Api, key: str) -> None:
    other = Api(api.url, f"{key}-other")

    assert put(api, "settings", {"seed": 7}).json == {"seed": 7}
    seven = api.create(name="Ada")["id"]

    assert seven != other.create(name="Ada")["id"]
    api.delete("/_mock/namespace")
    put(api, "settings", {"seed": 7})
    assert api.create(name="Ada")["id"] == seven


def test_a_clock_can_be_frozen_and_ticks_again(api: Api) -> None:
    assert put(api, "settings", {"clock": "frozen"}).json == {"clock": "frozen"}
    frozen = [api.create()["created_at"] for _ in range(2)]
    put(api, "settings", {"clock": "tick"})
    ticking = [api.create()["created_at"] for _ in range(2)]

    assert frozen == [EPOCH, EPOCH]
    assert ticking == [EPOCH, EPOCH + 1]


def test_settings_without_a_key_apply_to_every_key(start: Start) -> None:
    api = start()
    other = Api(api.url, "sk-other")
    for client in (api, other):
        client.get("/v1/models")

    put(everyone(api), "settings", {"clock": "frozen"})

    for client in (api, other):
        assert [client.create()["created_at"] for _ in range(2)] == [EPOCH, EPOCH]


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ({"seed": "7"}, "seed"),
        ({"seed": True}, "seed"),
        ({"seed": 2**63}, "seed"),
        ({"clock": "slow"}, "clock"),
        ({"clock": None}, "clock"),
        ({"sead": 7}, "sead"),
    ],
)
def test_invalid_settings_are_refused_and_change_nothing(
    api: Api, given: dict[str, Any], place: str
) -> None:
    reply = put(api, "settings", {"clock": "frozen", **given})

    assert reply.status == 400
    assert [problem["place"] for problem in reply.json["errors"]] == [place]
    assert [api.create()["created_at"] for _ in range(2)] == [EPOCH, EPOCH + 1]


def test_the_clock_can_be_moved_by_a_length_of_time_and_to_a_time(api: Api) -> None:
    def move(body: object) -> Any:
        return api.post("/_mock/clock", body).json["now"]

    assert move({"advance": "10m"}) == EPOCH + 600
    assert move({"advance": 5}) == EPOCH + 605
    assert move({"set": 1800000000}) == 1800000000
    assert move({"set": EPOCH}) == EPOCH
    assert api.create()["created_at"] == EPOCH


def test_each_key_has_its_own_clock_and_without_a_key_all_move(start: Start) -> None:
    api = start()
    other = Api(api.url, "sk-other")
    other.get("/v1/models")

    api.post("/_mock/clock", {"advance": "1d"})
    everyone(api).post("/_mock/clock", {"advance": "1h"})

    assert api.create()["created_at"] == EPOCH + 86400 + 3600
    assert other.create()["created_at"] == EPOCH + 3600


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"advance": "1m", "set": 1},
        {"back": "1m"},
        {"advance": "soon"},
        {"advance": -1},
        {"advance": None},
        {"set": "now"},
        {"set": -1},
        {"set": 1.5},
        {"set": True},
    ],
)
def test_an_invalid_move_of_the_clock_is_refused(api: Api, body: object) -> None:
    reply = api.post("/_mock/clock", body)

    assert reply.status == 400
    assert reply.json["errors"][0]["remedy"]
    assert api.create()["created_at"] == EPOCH


# ── The state, and the end of a namespace ────────────────────────────────────────


def test_a_restored_state_has_the_same_bytes(start: Start) -> None:
    api = start(clock="frozen")
    api.create(name="\u00e4 \u2028 \U0001f989 \"'\\", temperature=1, metadata={"a": "1e-7"})
    api.create(
        model="gpt-4o-mini",
        top_p=0.1,
        tools=[
            {
                "type": "function",
                "function": {
                    "name": "f",
                    "parameters": {"type": "object", "x": [1e-7, 10**30, 1.0, 1e22, -0.0]},
                },
            }
        ],
    )
    last = api.create(name="last")["id"]
    other = Api(api.url, "sk-other")
    state = api.get("/_mock/state")

    assert put(other, "state", state.body).json == {"assistants": 3}

    assert other.get("/_mock/state").body == state.body
    for path in ("/v1/assistants", "/v1/assistants?order=asc&limit=2", f"/v1/assistants/{last}"):
        assert other.get(path).body == api.get(path).body


def test_a_restored_state_replaces_all_objects(api: Api) -> None:
    api.create(name="before")
    state = api.get("/_mock/state").body
    api.create(name="after")

    put(api, "state", state)

    assert [each["name"] for each in api.get("/v1/assistants").json["data"]] == ["before"]


def test_an_invalid_state_is_refused_with_every_place(api: Api) -> None:
    api.create(name="mine")
    valid = {"id": "asst_1", "object": "assistant", "created_at": 1}
    bad = {"assistants": [valid, {"id": 2}, 3, valid, valid | {"object": None}], "nothings": []}

    reply = put(api, "state", bad)

    assert reply.status == 400
    assert [problem["place"] for problem in reply.json["errors"]] == [
        "nothings",
        "assistants[1]",
        "assistants[2]",
        "assistants[3]",
        "assistants[4]",
    ]
    assert [each["name"] for each in api.get("/v1/assistants").json["data"]] == ["mine"]


@pytest.fixture
def prepared(start: Start, tmp_path: Path) -> Api:
    """A server with an object and a stub in its fixture file."""
    file = tmp_path / "fixtures.yaml"
    file.write_text(
        json.dumps(
            {
                "objects": {"assistants": [{"id": "asst_tutor", "model": "gpt-4o"}]},
                "stubs": [flaky(1)],
            }
        )
    )
    return start(fixtures=(str(file),))


def test_a_forgotten_namespace_starts_again(prepared: Api) -> None:
    def life() -> list[bytes]:
        flaky_body = {"model": "gpt-4o", "name": "Flaky"}
        replies = [prepared.post("/v1/assistants", flaky_body) for _ in range(2)]
        replies.append(prepared.delete("/v1/assistants/asst_tutor"))
        replies.append(prepared.get("/v1/assistants"))
        assert [reply.status for reply in replies] == [503, 200, 200, 200]
        return [reply.body + reply.headers["x-request-id"].encode() for reply in replies]

    first = life()
    prepared.post("/_mock/stubs", answering("own"))
    prepared.post("/_mock/clock", {"advance": "1d"})

    assert prepared.delete("/_mock/namespace").json["unused_stubs"] == []

    assert prepared.get("/v1/assistants/asst_tutor").status == 200
    assert answered(prepared)["object"] == "list"
    prepared.delete("/_mock/namespace")
    assert journal(prepared) == []
    assert life() == first


def test_only_the_namespace_of_the_key_is_forgotten(prepared: Api) -> None:
    other = Api(prepared.url, "sk-other")
    kept = other.create()["id"]

    prepared.delete("/_mock/namespace")

    assert other.get(f"/v1/assistants/{kept}").status == 200


def test_without_a_key_every_namespace_is_forgotten(prepared: Api) -> None:
    clients = [prepared, Api(prepared.url, "sk-other")]
    created = [client.create()["id"] for client in clients]

    everyone(prepared).delete("/_mock/namespace")

    for client, one in zip(clients, created, strict=True):
        assert client.get(f"/v1/assistants/{one}").status == 404
        assert client.get("/v1/assistants/asst_tutor").status == 200


def test_settings_of_the_whole_server_apply_to_later_keys(start: Start) -> None:
    first = start()
    keyless, later = Api(first.url, None), Api(first.url, "sk-later")
    keyless.post("/_mock/stubs", {"objects": {"assistants": [{"id": "asst_a", "model": "gpt-4o"}]}})
    keyless.request("PUT", "/_mock/settings", {"clock": "frozen"})
    keyless.post("/_mock/clock", {"set": 1800000000})

    assert later.get("/v1/assistants/asst_a").status == 200
    assert [later.create()["created_at"], later.create()["created_at"]] == [1800000000] * 2


def test_every_problem_of_the_settings_is_reported(api: Api) -> None:
    reply = api.request("PUT", "/_mock/settings", {"seed": "x", "clock": 5, "strict": 1, "k": 1})

    places = [problem["place"] for problem in reply.json["errors"]]
    assert places == ["k", "seed", "clock", "strict"]


def test_an_object_created_after_a_restore_has_a_new_id(api: Api) -> None:
    for name in ("Tutor", "Tutor", "Other"):
        api.create(name=name)
    state = api.get("/_mock/state").json
    api.delete("/_mock/namespace")
    put(api, "state", state)
    new = api.create(name="Tutor")
    listed = api.get("/v1/assistants").json["data"]

    assert len(listed) == 4
    assert listed[0] == new


def test_a_state_of_the_maximum_depth_can_be_restored(api: Api) -> None:
    deep: Any = {}
    for _ in range(190):
        deep = {"a": deep}
    function = {"name": "f", "parameters": {"type": "object", "properties": deep}}
    api.create(tools=[{"type": "function", "function": function}])
    state = api.get("/_mock/state").json

    assert put(api, "state", state).status == 200
    assert api.get("/_mock/state").json == state


def test_a_read_with_a_new_key_creates_no_namespace(start: Start) -> None:
    api = start(namespaces=1)
    api.create()
    for path in ("live", "ready", "faults"):
        Api(api.url, f"{api.key}-other").get(f"/_mock/{path}")

    assert len(api.get("/v1/assistants").json["data"]) == 1


def test_the_clock_can_be_read(api: Api) -> None:
    assert api.get("/_mock/clock").json == {"now": 1735689600, "mode": "tick"}
    api.post("/_mock/clock", {"advance": "10m"})

    assert api.get("/_mock/clock").json == {"now": 1735690200, "mode": "tick"}


def test_the_settings_can_be_read(start: Start) -> None:
    api = start(seed=3, strict=True)
    everyone = Api(api.url, key=None)
    strict = {"unmatched_requests": "error", "unused_stubs": "error"}
    lenient = {"unmatched_requests": "ignore", "unused_stubs": "ignore"}

    def settings(of: Api) -> list[Any]:
        shown = of.get("/_mock/settings").json
        names = ("seed", "clock", "strict", "any_model", "run_polls", "index_polls")
        return [shown.pop(name) for name in names] + [shown]

    assert settings(api) == [3, "tick", strict, False, 2, 0, {}]
    everyone.request("PUT", "/_mock/settings", {"seed": 5, "strict": False, "any_model": True})
    assert settings(everyone) == [5, "tick", lenient, True, 2, 0, {}]
    assert settings(api) == [5, "tick", lenient, True, 2, 0, {}]
    own = {"clock": "frozen", "any_model": False, "run_polls": 5, "index_polls": 4}
    api.request("PUT", "/_mock/settings", own)
    assert settings(api) == [5, "frozen", lenient, False, 5, 4, {}]
    assert everyone.get("/_mock/settings").json["clock"] == "tick"


@pytest.mark.parametrize("path", ["live", "ready", "stubs", "requests", "openapi.json"])
def test_what_can_be_read_has_a_head(api: Api, path: str) -> None:
    whole, head = api.get(f"/_mock/{path}"), api.request("HEAD", f"/_mock/{path}")

    assert (head.status, head.body) == (200, b"")
    assert head.headers["Content-Length"] == str(len(whole.body))


@pytest.mark.parametrize(
    ("given", "now"),
    [
        (1800000000, 1800000000),
        ("2026-08-26", 1787702400),
        ("2026-08-25T23:59:59Z", 1787702399),
        ("2026-08-26T02:00:00+02:00", 1787702400),
    ],
)
def test_a_clock_is_set_to_seconds_or_to_a_date(api: Api, given: Any, now: int) -> None:
    assert api.post("/_mock/clock", {"set": given}).json == {"now": now}


@pytest.mark.parametrize("given", ["tomorrow", "2026-13-01", -1, 1.5, True, None, 2**40])
def test_a_clock_is_not_set_to_anything_else(api: Api, given: Any) -> None:
    reply = api.post("/_mock/clock", {"set": given})

    assert reply.status == 400
    assert reply.json["errors"][0]["remedy"].startswith("use whole seconds since 1970, a date")
