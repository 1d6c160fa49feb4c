"""The control API over a real socket: for one key, and with none for the whole server."""

import json
import re
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver import BackgroundServer
from mockserver.control import ROUTES
from mockserver.faults.catalogue import faults
from tests.conftest import Start
from tests.support import Api, Reply

EPOCH = 1735689600


def everyone(api: Api) -> Api:
    """Give a client without a key: its calls act on the whole server."""
    return Api(api.url, None)


def answering(text: str, **more: Any) -> dict[str, Any]:
    """Make a stub that answers the list of models with a text."""
    return {"when": {"operation": "listModels"}, "then": {"json": text}, **more}


def answered(api: Api) -> Any:
    return api.get("/v1/models").json


def put(api: Api, what: str, body: object, **more: Any) -> Reply:
    return api.request("PUT", f"/_mock/{what}", body, **more)


def journal(api: Api, query: str = "") -> list[Any]:
    requests: list[Any] = api.get(f"/_mock/requests{query}").json["requests"]
    return requests


def named(api: Api) -> list[str]:
    return [stub["name"] for stub in api.get("/_mock/stubs").json["stubs"]]


def flaky(times: int, **more: Any) -> dict[str, Any]:
    return {
        "name": "flaky",
        "when": {"operation": "createAssistant", "body": {"name": "Flaky"}},
        "then": {"fault": "overloaded"},
        "times": times,
        **more,
    }


# ── What there is ────────────────────────────────────────────────────────────────

BODIES: dict[tuple[str, str], object] = {
    ("POST", "stubs"): answering("x"),
    ("POST", "faults"): {"fault": "overloaded"},
    ("PUT", "settings"): {"seed": 1},
    ("POST", "clock"): {"advance": "1s"},
    ("PUT", "state"): {"assistants": []},
}


@pytest.mark.parametrize(("method", "path"), ROUTES, ids=" ".join)
def test_every_endpoint_answers_with_a_key(api: Api, method: str, path: str) -> None:
    reply = api.request(method, f"/_mock/{path}", BODIES.get((method, path)))

    assert reply.status == 200
    assert reply.headers["Content-Type"] == "application/json"
    assert isinstance(reply.json, dict)


@pytest.mark.parametrize(("method", "path"), ROUTES, ids=" ".join)
def test_every_endpoint_answers_without_a_key_but_for_the_state(
    start: Start, method: str, path: str
) -> None:
    reply = everyone(start()).request(method, f"/_mock/{path}", BODIES.get((method, path)))

    if path == "state":
        assert reply.status == 400
        assert reply.json["errors"][0]["remedy"] == "send a key: Authorization: Bearer KEY"
    else:
        assert reply.status == 200


def test_the_key_may_come_as_azures_clients_send_it(api: Api) -> None:
    api.create(name="Ada")

    state = everyone(api).get("/_mock/state", headers={"api-key": api.key})

    assert [each["name"] for each in state.json["assistants"]] == ["Ada"]


def test_a_server_that_runs_is_live_and_ready(api: Api) -> None:
    assert api.get("/_mock/live").json == {"live": True}
    assert api.get("/_mock/ready").json == {"ready": True}


def test_the_catalogue_of_faults_has_all_of_them_with_what_the_client_sees(api: Api) -> None:
    told = api.get("/_mock/faults").json["faults"]

    assert {row["name"] for row in told} >= set(faults())
    [sunset] = [row for row in told if row["name"] == "sunset"]
    assert (sunset["status"], sunset["sees"]) == (
        404,
        "404 with an empty body, NotFoundError; not retried",
    )


# ── Stubs ────────────────────────────────────────────────────────────────────────

YAML = "application/yaml"
TEXTS: dict[str, tuple[str, str]] = {
    "one stub as JSON": ("application/json", json.dumps(answering("here"))),
    "a list as JSON": ("application/json", json.dumps([answering("here"), answering("behind")])),
    "a document as JSON": (
        "application/json; charset=utf-8",
        json.dumps({"version": 1, "stubs": [answering("here")]}),
    ),
    "one stub as YAML": (YAML, "when: {operation: listModels}\nthen: {json: here}\n"),
    "a list as YAML": (YAML, "- when: {operation: listModels}\n  then: {json: here}\n"),
    "a document as YAML": (
        "text/yaml",
        "# comment\nstubs:\n- {when: {operation: listModels}, then: {json: here}}\n",
    ),
    "JSON under the name of YAML": ("text/x-yaml", json.dumps(answering("here"))),
}


@pytest.mark.parametrize("form", TEXTS)
def test_stubs_may_be_posted_in_many_forms(api: Api, form: str) -> None:
    content_type, text = TEXTS[form]

    posted = api.post("/_mock/stubs", text.encode(), headers={"Content-Type": content_type})

    assert posted.status == 200
    assert answered(api) == "here"
    assert posted.json["stubs"] == [
        {**stub, "matched": 0} for stub in api.get("/_mock/stubs").json["stubs"]
    ]


def test_the_objects_of_a_posted_document_are_there_for_its_key(api: Api, key: str) -> None:
    api.post("/_mock/stubs", {"objects": {"assistants": [{"id": "asst_new", "model": "gpt-4o"}]}})

    assert api.get("/v1/assistants/asst_new").status == 200
    assert Api(api.url, f"{key}-other").get("/v1/assistants/asst_new").status == 404


def test_a_stub_of_one_key_is_not_seen_under_another(api: Api, key: str) -> None:
    other = Api(api.url, f"{key}-other")
    api.post("/_mock/stubs", answering("mine"))

    assert answered(api) == "mine"
    assert answered(other)["object"] == "list"
    assert named(other) == []


def test_a_stub_of_the_whole_server_serves_keys_that_come_later(start: Start) -> None:
    api = start()
    everyone(api).post("/_mock/stubs", answering("for all"))

    assert answered(api) == "for all"
    assert answered(Api(api.url, "sk-later")) == "for all"


def test_a_later_post_goes_first_and_a_document_keeps_its_own_order(api: Api) -> None:
    api.post("/_mock/stubs", [answering("1", name="1"), answering("2", name="2")])
    api.post("/_mock/stubs", [answering("3", name="3"), answering("4", name="4")])

    assert named(api) == ["3", "4", "1", "2"]
    assert answered(api) == "3"


def test_a_key_goes_before_the_server_and_the_server_before_the_files(
    start: Start, tmp_path: Path
) -> None:
    file = tmp_path / "stubs.yaml"
    file.write_text(json.dumps({"stubs": [answering("file", name="file")]}))
    api = start(fixtures=(str(file),))
    assert answered(api) == "file"
    api.post("/_mock/stubs", answering("own", name="own"))
    everyone(api).post("/_mock/stubs", answering("server", name="server"))

    assert named(api) == ["own", "server", "file"]
    assert answered(api) == "own"
    assert answered(Api(api.url, "sk-other")) == "server"


def test_priority_goes_before_the_order_of_layers(start: Start) -> None:
    api = start()
    everyone(api).post("/_mock/stubs", answering("urgent", name="urgent", priority=1))
    api.post("/_mock/stubs", answering("own", name="own"))
    api.post("/_mock/stubs", answering("late", name="late", priority=-1))

    assert named(api) == ["urgent", "own", "late"]
    assert answered(api) == "urgent"


def test_the_list_of_stubs_tells_how_often_each_matched_and_is_left(api: Api) -> None:
    api.post("/_mock/stubs", flaky(2))

    def told() -> tuple[int, int]:
        [stub] = api.get("/_mock/stubs").json["stubs"]
        assert stub["stub"] == flaky(2)
        return stub["matched"], stub["left"]

    seen = [told()]
    for _ in range(3):
        api.post("/v1/assistants", {"model": "gpt-4o", "name": "Flaky"})
        seen.append(told())

    assert seen == [(0, 2), (1, 1), (2, 0), (2, 0)]


def test_each_key_uses_up_a_stub_of_the_server_for_itself(start: Start) -> None:
    api = start()
    other = Api(api.url, "sk-other")
    everyone(api).post("/_mock/stubs", flaky(1))

    for client in (api, other):
        answers = [
            client.post("/v1/assistants", {"model": "gpt-4o", "name": "Flaky"}).status
            for _ in range(2)
        ]
        assert answers == [503, 200]

    [stub] = everyone(api).get("/_mock/stubs").json["stubs"]
    assert stub["matched"] == 2


def test_all_stubs_added_at_run_time_can_be_removed(start: Start) -> None:
    api = start()
    api.post("/_mock/stubs", [answering("own"), answering("own too")])
    everyone(api).post("/_mock/stubs", answering("server"))

    assert api.delete("/_mock/stubs").json == {"removed": 2}
    assert answered(api) == "server"
    assert everyone(api).delete("/_mock/stubs").json == {"removed": 1}
    assert answered(api)["object"] == "list"


def test_one_stub_can_be_removed_by_its_id(api: Api) -> None:
    posted = api.post("/_mock/stubs", [answering("1"), answering("2")]).json["stubs"]

    assert api.delete(f"/_mock/stubs/{posted[0]['id']}").json == {"removed": 1}
    assert answered(api) == "2"


def test_the_same_stub_posted_again_gets_an_id_of_its_own(api: Api) -> None:
    ids = [api.post("/_mock/stubs", answering("x")).json["stubs"][0]["id"] for _ in range(3)]

    assert len(set(ids)) == 3


def test_stubs_of_files_and_of_other_keys_cannot_be_removed(start: Start, tmp_path: Path) -> None:
    file = tmp_path / "stubs.yaml"
    file.write_text(json.dumps({"stubs": [answering("file")]}))
    api = start(fixtures=(str(file),))
    [of_file] = api.get("/_mock/stubs").json["stubs"]
    [of_other] = Api(api.url, "sk-other").post("/_mock/stubs", answering("x")).json["stubs"]

    for stub in ("nope", of_file["id"], of_other["id"]):
        reply = api.delete(f"/_mock/stubs/{stub}")
        assert reply.status == 404
        assert stub in reply.json["errors"][0]["what"]
    assert api.delete("/_mock/stubs").json == {"removed": 0}
    assert answered(api) == "file"


# ── The journal ──────────────────────────────────────────────────────────────────


def test_the_journal_tells_what_was_asked_and_answered_newest_first(api: Api) -> None:
    made = api.post("/v1/assistants?a=b", {"model": "gpt-4o"})
    api.get("/v1/assistants/asst_missing")

    newest, oldest = journal(api)

    assert newest["number"] > oldest["number"]
    assert newest["operation"] == "getAssistant"
    assert newest["answer"]["status"] == 404
    assert (oldest["request"]["method"], oldest["request"]["path"]) == ("POST", "/v1/assistants")
    assert oldest["request"]["query"] == "a=b"
    assert oldest["request"]["body"] == {"model": "gpt-4o"}
    assert oldest["answer"]["body"] == made.json
    assert oldest["answer"]["headers"]["x-request-id"] == made.headers["x-request-id"]
    assert oldest["decided_by"] == "default"


def test_the_journal_can_be_filtered(api: Api) -> None:
    api.create()
    api.get("/v1/assistants/asst_missing")
    api.get("/v1/models")

    def operations(query: str) -> list[str]:
        return [entry["operation"] for entry in journal(api, query)]

    assert operations("?operation=listModels") == ["listModels"]
    assert operations("?status=200") == ["listModels", "createAssistant"]
    assert operations("?status=404&operation=createAssistant") == []
    assert operations("?limit=2") == ["listModels", "getAssistant"]
    assert operations("?limit=0") == []


@pytest.mark.parametrize("limit", ["x", "-1", "1.5", "", "9999999999"])
def test_a_limit_that_is_no_number_is_refused(api: Api, limit: str) -> None:
    reply = api.get(f"/_mock/requests?limit={limit}")

    assert reply.status == 400
    assert reply.json["errors"][0]["place"] == "limit"


def test_the_journal_of_the_whole_server_has_every_key_and_those_without_one(start: Start) -> None:
    api = start()
    other, nobody = Api(api.url, "sk-another-long-key"), everyone(api)
    for client in (api, other, nobody):
        client.get("/v1/models")
    api.get("/v1/nowhere")

    entries = journal(nobody)

    assert [entry["answer"]["status"] for entry in entries] == [404, 401, 200, 200]
    assert [entry["operation"] for entry in entries] == [None, *["listModels"] * 3]
    assert entries[1]["key"] is None
    assert len(journal(other)) == 1


def test_keys_are_masked_wherever_they_are_shown(start: Start) -> None:
    secret = "sk-proj-0123456789abcdefghij"
    api = Api(start().url, secret)
    api.get("/v1/models", headers={"Cookie": f"session={secret}"})
    api.get("/openai/models", headers={"Authorization": None, "api-key": secret})

    shown = api.get("/_mock/requests").body.decode()

    assert secret not in shown
    assert secret[8:-4] not in shown
    assert [entry["key"] for entry in journal(api)] == ["sk-proj-****************ghij"] * 2


def test_long_bodies_are_cut_and_broken_ones_shown_as_text(api: Api) -> None:
    api.post("/v1/assistants", {"model": "gpt-4o", "name": "x" * 20_000})
    api.post("/v1/assistants", b'{"model": \xff')

    broken, long = (entry["request"]["body"] for entry in journal(api))

    assert broken == '{"model": \ufffd'
    assert long.startswith('{"model": "gpt-4o", "name": "xxx')
    assert "xxx…" in long
    assert len(long) < 8_300


def test_the_journal_is_bounded_and_its_counts_go_on(start: Start) -> None:
    api = start(journal=3)
    for _ in range(4):
        api.create()
    api.get("/v1/models")

    told = api.get("/_mock/requests").json

    assert [entry["operation"] for entry in told["requests"]] == [
        "listModels",
        "createAssistant",
        "createAssistant",
    ]
    assert told["counts"] == {"createAssistant": 4, "listModels": 1}


def test_a_journal_of_none_still_counts(start: Start) -> None:
    api = start(journal=0)
    api.create()

    told = api.get("/_mock/requests").json

    assert told == {"requests": [], "counts": {"createAssistant": 1}}


def test_the_journal_can_be_emptied_for_one_key_and_for_all(start: Start) -> None:
    api = start()
    other = Api(api.url, "sk-other")
    for client in (api, other):
        client.get("/v1/models")

    api.delete("/_mock/requests")
    assert api.get("/_mock/requests").json == {"requests": [], "counts": {}}
    assert len(journal(other)) == 1

    everyone(api).delete("/_mock/requests")
    assert journal(other) == []


def test_calls_of_the_control_api_are_not_in_the_journal(api: Api) -> None:
    api.post("/_mock/clock", {"advance": 1})
    api.get("/_mock/nope")

    assert journal(api) == []


# ── Near misses ──────────────────────────────────────────────────────────────────


def test_a_near_miss_tells_each_condition_and_what_was_there(api: Api) -> None:
    body = {
        "name": "Math Tutor",
        "model": {"starts_with": "gpt-4"},
        "description": {"exists": True},
    }
    when = {"operation": "createAssistant", "body": body}
    api.post("/_mock/stubs", {"name": "the tutor", "when": when, "then": "default"})
    api.create(name="Maths Tutor")

    [entry] = journal(api)
    [miss] = entry["near_misses"]

    assert miss["name"] == "the tutor"
    assert miss["conditions"] == [
        {"condition": 'body.name = "Math Tutor"', "held": False, "was": '"Maths Tutor"'},
        {"condition": 'body.model starts_with "gpt-4"', "held": True, "was": '"gpt-4o"'},
        {"condition": "body.description exists true", "held": False, "was": "nothing"},
    ]
    assert entry["decided_by"] == "default"


def test_the_three_nearest_stubs_of_the_operation_are_told(api: Api) -> None:
    wanted = {"name": "A", "description": "B", "instructions": "C", "model": "gpt-4o-mini"}
    stubs = [
        {
            "name": f"{count} wrong",
            "when": {"operation": "createAssistant", "body": dict(list(wanted.items())[:count])},
            "then": "default",
        }
        for count in (4, 3, 2, 1)
    ]
    api.post("/_mock/stubs", [*stubs, answering("another operation")])
    api.create()

    [entry] = journal(api)

    assert [miss["name"] for miss in entry["near_misses"]] == ["1 wrong", "2 wrong", "3 wrong"]


def test_a_request_that_a_stub_answered_has_no_near_misses(api: Api) -> None:
    api.post("/_mock/stubs", answering("x", name="models"))
    answered(api)

    [entry] = journal(api)

    assert "near_misses" not in entry
    assert re.fullmatch(r"models \(.+:1\)", entry["decided_by"])


def test_a_stub_that_is_used_up_is_told_apart_from_one_that_does_not_match(api: Api) -> None:
    [stub] = api.post("/_mock/stubs", flaky(2)).json["stubs"]
    for _ in range(3):
        api.post("/v1/assistants", {"model": "gpt-4o", "name": "Flaky"})
    api.create(name="Other")

    other, third, *_ = journal(api)

    name = f"{stub['name']} ({stub['source']})"
    assert third["passed_over"] == [{"stub": name, "why": "matched, but used up 2 of 2"}]
    assert other["passed_over"] == []


def test_a_stub_that_lost_its_draw_says_so(api: Api) -> None:
    [stub] = api.post("/_mock/stubs", answering("never", probability=0)).json["stubs"]
    answered(api)

    [entry] = journal(api)

    [passed] = entry["passed_over"]
    assert passed["stub"] == f"{stub['name']} ({stub['source']})"
    assert re.fullmatch(r"matched, but drew 0\.\d{3}, not under 0(\.0)?", passed["why"])


# ── Settings and the clock ───────────────────────────────────────────────────────


def test_a_seed_changes_what_a_key_gets_and_the_same_seed_gives_the_same(
    api: Api, key: str
) -> None:
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


def test_settings_without_a_key_change_every_key_there_is(start: Start) -> None:
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
def test_settings_that_are_none_are_refused_and_change_nothing(
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


def test_a_clock_of_one_key_is_no_other_keys_and_with_no_key_all_move(start: Start) -> None:
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
def test_a_move_of_the_clock_that_is_none_is_refused(api: Api, body: object) -> None:
    reply = api.post("/_mock/clock", body)

    assert reply.status == 400
    assert reply.json["errors"][0]["remedy"]
    assert api.create()["created_at"] == EPOCH


# ── The state, and the end of a namespace ────────────────────────────────────────


def test_a_state_that_goes_out_and_comes_in_gives_the_same_bytes(start: Start) -> None:
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


def test_a_state_replaces_what_was_there(api: Api) -> None:
    api.create(name="before")
    state = api.get("/_mock/state").body
    api.create(name="after")

    put(api, "state", state)

    assert [each["name"] for each in api.get("/v1/assistants").json["data"]] == ["before"]


def test_a_state_with_faults_is_refused_whole_with_each_place(api: Api) -> None:
    api.create(name="mine")
    sound = {"id": "asst_1", "object": "assistant", "created_at": 1}
    bad = {"assistants": [sound, {"id": 2}, 3, sound, sound | {"object": None}], "threads": []}

    reply = put(api, "state", bad)

    assert reply.status == 400
    assert [problem["place"] for problem in reply.json["errors"]] == [
        "threads",
        "assistants[1]",
        "assistants[2]",
        "assistants[3]",
        "assistants[4]",
    ]
    assert [each["name"] for each in api.get("/v1/assistants").json["data"]] == ["mine"]


@pytest.fixture
def furnished(start: Start, tmp_path: Path) -> Api:
    """Give a server with an object and a stub in its fixture file."""
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


def test_a_forgotten_namespace_begins_again(furnished: Api) -> None:
    def life() -> list[bytes]:
        flaky_body = {"model": "gpt-4o", "name": "Flaky"}
        replies = [furnished.post("/v1/assistants", flaky_body) for _ in range(2)]
        replies.append(furnished.delete("/v1/assistants/asst_tutor"))
        replies.append(furnished.get("/v1/assistants"))
        assert [reply.status for reply in replies] == [503, 200, 200, 200]
        return [reply.body + reply.headers["x-request-id"].encode() for reply in replies]

    first = life()
    furnished.post("/_mock/stubs", answering("own"))
    furnished.post("/_mock/clock", {"advance": "1d"})

    assert furnished.delete("/_mock/namespace").json["unused_stubs"] == []

    assert furnished.get("/v1/assistants/asst_tutor").status == 200
    assert answered(furnished)["object"] == "list"
    furnished.delete("/_mock/namespace")
    assert journal(furnished) == []
    assert life() == first


def test_only_the_namespace_of_the_key_is_forgotten(furnished: Api) -> None:
    other = Api(furnished.url, "sk-other")
    kept = other.create()["id"]

    furnished.delete("/_mock/namespace")

    assert other.get(f"/v1/assistants/{kept}").status == 200


def test_without_a_key_every_namespace_is_forgotten(furnished: Api) -> None:
    clients = [furnished, Api(furnished.url, "sk-other")]
    made = [client.create()["id"] for client in clients]

    everyone(furnished).delete("/_mock/namespace")

    for client, one in zip(clients, made, strict=True):
        assert client.get(f"/v1/assistants/{one}").status == 404
        assert client.get("/v1/assistants/asst_tutor").status == 200


# ── Refusals ─────────────────────────────────────────────────────────────────────


def test_every_problem_of_a_posted_document_is_told_with_its_place(api: Api) -> None:
    document = {
        "objects": {"assistants": [{"model": "gpt-nine"}]},
        "stubs": [
            {"then": "default"},
            {"then": {"fault": "rate_limit"}, "whn": {}},
            {"when": {"operation": "create", "body": {"a": {"gt": "x"}}}, "then": {"delay": "x"}},
            {"then": {"body": {"name": "{{ request.bdy }}"}}},
        ],
    }

    reply = api.post("/_mock/stubs", document)

    assert reply.status == 400
    assert {problem["place"] for problem in reply.json["errors"]} == {
        "objects.assistants[0].model",
        "stubs[1].then.fault",
        "stubs[1].whn",
        "stubs[2].when.operation",
        "stubs[2].when.body.a.gt",
        "stubs[2].then.delay",
        "stubs[3].then.body.name",
    }
    assert all(problem["what"] and problem["remedy"] for problem in reply.json["errors"])
    assert named(api) == []


def test_places_are_those_of_what_was_posted(api: Api) -> None:
    bad = {"then": {"fault": "nope"}}

    def place(body: object) -> str:
        [problem] = api.post("/_mock/stubs", body).json["errors"]
        return str(problem["place"])

    assert place(bad) == "then.fault"
    assert place([answering("x"), bad]) == "[1].then.fault"
    assert place({"stubs": [bad]}) == "stubs[0].then.fault"


def test_a_problem_in_yaml_has_its_line(api: Api) -> None:
    text = b"# two stubs\n- then: default\n- then:\n    fault: nope\n"

    reply = api.post("/_mock/stubs", text, headers={"Content-Type": YAML})

    [problem] = reply.json["errors"]
    assert (problem["line"], problem["place"]) == (4, "[1].then.fault")


@pytest.mark.parametrize(("method", "path"), BODIES, ids=" ".join)
@pytest.mark.parametrize("content_type", [None, "text/plain", "application/x-www-form-urlencoded"])
def test_a_write_has_to_say_what_it_sends(
    api: Api, method: str, path: str, content_type: str | None
) -> None:
    headers = {"Content-Type": content_type}

    reply = api.request(method, f"/_mock/{path}", BODIES[method, path], headers=headers)

    assert reply.status == 415
    assert "Content-Type: application/json" in reply.json["errors"][0]["remedy"]


@pytest.mark.parametrize(("method", "path"), BODIES, ids=" ".join)
@pytest.mark.parametrize("body", [b"", b"{", b'{"a": 1, "a": 2}', b"\xff", b'"x"', b"[" * 300])
def test_a_body_that_is_no_document_is_refused(
    api: Api, method: str, path: str, body: bytes
) -> None:
    reply = api.request(method, f"/_mock/{path}", body)

    assert reply.status == 400
    assert reply.json["errors"][0]["remedy"]


@pytest.mark.parametrize("path", ["", "nope", "stubs/a/b", "live/x", "STUBS"])
def test_an_unknown_path_is_a_404(api: Api, path: str) -> None:
    reply = api.delete(f"/_mock/{path}")

    assert reply.status == 404
    assert reply.json["errors"][0]["remedy"]


@pytest.mark.parametrize(
    ("method", "path", "use"),
    [
        ("POST", "live", "use GET"),
        ("PATCH", "stubs", "use GET, POST, DELETE"),
        ("GET", "clock", "use POST"),
        ("GET", "stubs/stub_1", "use DELETE"),
    ],
)
def test_a_wrong_method_is_a_405(api: Api, method: str, path: str, use: str) -> None:
    reply = api.request(method, f"/_mock/{path}")

    assert reply.status == 405
    assert reply.json["errors"][0]["remedy"] == use


# ── Whatever is sent ─────────────────────────────────────────────────────────────

WORDS = (
    *("stubs", "objects", "assistants", "when", "then", "name", "times", "probability", "priority"),
    *("operation", "method", "path", "headers", "query", "body", "json", "text", "fault", "drop"),
    *("delay", "min", "max", "median", "p99", "status", "equals", "gt", "in", "any", "not"),
    *("length", "matches", "default", "createAssistant", "server_error", "seed", "clock", "strict"),
    *("advance", "set", "10m", "frozen", "error", "model", "gpt-4o", "id", "created_at", "repeat"),
    *("{{ request.body }}", "{{ fake.name }}", "{{", "unused_stubs", "version", "$schema"),
)
words = st.sampled_from(WORDS) | st.text(max_size=4)
leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=-(10**30), max_value=10**30)
    | st.floats(allow_nan=False, allow_infinity=False, width=32)
    | words
)
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=4),
    max_leaves=8,
)
KNOWN: dict[tuple[str, str], st.SearchStrategy[Any]] = {
    ("POST", "stubs"): (
        st.fixed_dictionaries({"then": values, "when": st.dictionaries(words, values, max_size=3)})
        | st.fixed_dictionaries({"stubs": values, "objects": values})
    ),
    ("POST", "faults"): st.fixed_dictionaries(
        {"fault": st.sampled_from([*faults(), "rate_limit"]) | values},
        optional=dict.fromkeys(
            ("on", "times", "when", "ms", "strike", "status", "requests", "per", "body"), values
        ),
    ),
    ("PUT", "settings"): st.fixed_dictionaries(
        {}, optional={"seed": values, "clock": values, "strict": values}
    ),
    ("POST", "clock"): st.fixed_dictionaries({"advance": leaves})
    | st.fixed_dictionaries({"set": leaves}),
    ("PUT", "state"): st.fixed_dictionaries(
        {
            "assistants": st.lists(
                values | st.fixed_dictionaries({"id": words, "created_at": leaves, "x": values}),
                max_size=3,
            )
        }
    ),
}


@pytest.fixture(scope="module")
def connection(server: BackgroundServer) -> Iterator[HTTPConnection]:
    connection = HTTPConnection(urlsplit(server.url).netloc, timeout=30)
    yield connection
    connection.close()


@pytest.mark.parametrize(("method", "path"), BODIES, ids=" ".join)
def test_no_body_whatever_breaks_the_server(
    connection: HTTPConnection, method: str, path: str
) -> None:
    headers = {"Authorization": "Bearer sk-any-control", "Content-Type": "application/json"}

    @settings(max_examples=300, deadline=None, derandomize=True, database=None)
    @given(body=KNOWN[method, path] | values)
    def holds(body: object) -> None:
        connection.request(method, f"/_mock/{path}", json.dumps(body), headers)
        answer = connection.getresponse()
        told = json.loads(answer.read())
        assert answer.status == 200 or (400 <= answer.status < 500 and told["errors"])
        connection.request("DELETE", "/_mock/namespace", headers=headers)
        assert connection.getresponse().read()

    holds()


# ── What came to light in use ────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "state", {"assistants": {"id": "asst_1", "created_at": 1}}),
        ("PUT", "state", {"assistants": [{"id": "x y", "created_at": 1}]}),
        ("POST", "clock", {"advance": 10**400}),
        ("POST", "clock", {"advance": "9" * 400 + "d"}),
        ("POST", "clock", {"advance": 0.5}),
        ("POST", "stubs", {"then": {"delay": 10**400}}),
        ("PUT", "settings", {"strict": None}),
    ],
    ids=str,
)
def test_what_cannot_be_is_refused_and_nothing_is_lost(
    api: Api, method: str, path: str, body: object
) -> None:
    made = api.create()

    assert api.request(method, f"/_mock/{path}", body).status == 400
    assert api.get(f"/v1/assistants/{made['id']}").json == made


def test_what_is_said_for_the_whole_server_holds_for_keys_yet_to_come(start: Start) -> None:
    first = start()
    nobody, later = Api(first.url, None), Api(first.url, "sk-later")
    nobody.post("/_mock/stubs", {"objects": {"assistants": [{"id": "asst_a", "model": "gpt-4o"}]}})
    nobody.request("PUT", "/_mock/settings", {"clock": "frozen"})
    nobody.post("/_mock/clock", {"set": 1800000000})

    assert later.get("/v1/assistants/asst_a").status == 200
    assert [later.create()["created_at"], later.create()["created_at"]] == [1800000000] * 2


def test_an_authorization_that_says_no_key_is_not_the_whole_server(api: Api) -> None:
    reply = api.delete("/_mock/namespace", headers={"Authorization": api.key})

    assert reply.status == 400
    assert "whole server" in reply.json["errors"][0]["what"]


def test_every_problem_of_the_settings_is_told(api: Api) -> None:
    reply = api.request("PUT", "/_mock/settings", {"seed": "x", "clock": 5, "strict": 1, "k": 1})

    places = [problem["place"] for problem in reply.json["errors"]]
    assert places == ["k", "seed", "clock", "strict"]


def test_a_stub_without_an_action_is_told_so(api: Api) -> None:
    [problem] = api.post("/_mock/stubs", {"name": "x", "when": {}}).json["errors"]

    assert problem["what"] == "there is no 'then'"


def test_a_wrong_method_is_told_the_right_ones(api: Api) -> None:
    reply = api.post("/_mock/live", {})

    assert (reply.status, reply.headers["Allow"]) == (405, "GET")


def test_headers_that_are_no_longer_kept_are_not_said_to_have_failed(start: Start) -> None:
    api = start()
    when = {"headers": {"x-team": "a"}, "query": {"limit": 5}}
    api.post("/_mock/stubs", {"when": when, "then": "default"})
    api.get("/v1/models", headers={"X-Team": "a"})
    for _ in range(100):
        api.get("/v1/models/gpt-4o")

    [entry] = api.get("/_mock/requests?operation=listModels").json["requests"]
    [miss] = entry["near_misses"]

    assert [condition["held"] for condition in miss["conditions"]] == [None, False]


def test_what_is_made_after_a_state_was_put_back_is_new(api: Api) -> None:
    for name in ("Tutor", "Tutor", "Other"):
        api.create(name=name)
    state = api.get("/_mock/state").json
    api.delete("/_mock/namespace")
    put(api, "state", state)
    new = api.create(name="Tutor")
    listed = api.get("/v1/assistants").json["data"]

    assert len(listed) == 4
    assert listed[0] == new


def test_a_state_that_nests_as_deep_as_it_may_can_be_put_back(api: Api) -> None:
    deep: Any = {}
    for _ in range(190):
        deep = {"a": deep}
    function = {"name": "f", "parameters": deep}
    api.create(tools=[{"type": "function", "function": function}])
    state = api.get("/_mock/state").json

    assert put(api, "state", state).status == 200
    assert api.get("/_mock/state").json == state


def test_looking_with_a_key_makes_no_world(start: Start) -> None:
    api = start(namespaces=1)
    api.create()
    for path in ("live", "ready", "faults"):
        Api(api.url, f"{api.key}-other").get(f"/_mock/{path}")

    assert len(api.get("/v1/assistants").json["data"]) == 1


def test_near_misses_are_worked_out_for_the_newest_hundred(api: Api) -> None:
    api.post("/_mock/stubs", {"when": {"body": {"name": "Ada"}}, "then": "default"})
    for _ in range(101):
        api.get("/v1/models")
    entries = api.get("/_mock/requests").json["requests"]

    assert ["near_misses" in entry for entry in entries] == [*[True] * 100, False]
