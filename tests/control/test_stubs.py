"""Stubs that are added, listed and removed while a server runs."""

import json
from pathlib import Path

import pytest

from tests.conftest import Start
from tests.control.calls import YAML, answered, answering, everyone, flaky, named
from tests.support import Api

# ── Stubs ────────────────────────────────────────────────────────────────────────

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


@pytest.mark.parametrize(
    ("path", "body"),
    [("stubs", answering("here")), ("faults", {"fault": "overloaded", "on": "listModels"})],
)
def test_the_line_that_posts_a_stub_may_be_named(api: Api, path: str, body: object) -> None:
    caller = "tests/test_tutor.py:12"
    [stub] = api.post(f"/_mock/{path}?caller={caller}", body).json["stubs"]
    api.get("/v1/models")
    [entry] = api.get("/_mock/requests").json["requests"]

    assert stub["source"] == caller
    assert entry["decided_by"] == f"{stub['name']} ({caller})"


@pytest.mark.parametrize("parameter", ["source", "caller"])
@pytest.mark.parametrize("name", ["a%0Ab", "x" * 201])
def test_a_name_of_a_source_that_cannot_be_shown_is_refused(
    api: Api, parameter: str, name: str
) -> None:
    reply = api.post(f"/_mock/stubs?{parameter}={name}", answering("here"))

    assert (reply.status, reply.json["errors"][0]["place"]) == (400, parameter)
    assert named(api) == []


def test_the_objects_of_a_document_may_be_left_out(api: Api) -> None:
    objects = {"assistants": [{"id": "asst_new", "model": "gpt-4o"}]}
    document = {"objects": objects, "stubs": [{"then": {"status": 418, "json": {}}}]}

    assert api.post("/_mock/stubs?only=stubs", document).status == 200
    refused = api.post("/_mock/stubs?only=objects", document)

    assert api.get("/v1/assistants/asst_new").status == 418
    assert "assistants" not in api.get("/_mock/state").json
    assert (refused.status, refused.json["errors"][0]["place"]) == (400, "only")


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


def test_stubs_of_a_key_come_before_those_of_the_server_and_of_files(
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


def test_priority_comes_before_the_order_of_layers(start: Start) -> None:
    api = start()
    everyone(api).post("/_mock/stubs", answering("urgent", name="urgent", priority=1))
    api.post("/_mock/stubs", answering("own", name="own"))
    api.post("/_mock/stubs", answering("late", name="late", priority=-1))

    assert named(api) == ["urgent", "own", "late"]
    assert answered(api) == "urgent"


def test_the_list_of_stubs_has_the_matches_and_remaining_times_of_each(api: Api) -> None:
    api.post("/_mock/stubs", flaky(2))

    def counts() -> tuple[int, int]:
        [stub] = api.get("/_mock/stubs").json["stubs"]
        assert stub["stub"] == flaky(2)
        return stub["matched"], stub["left"]

    seen = [counts()]
    for _ in range(3):
        api.post("/v1/assistants", {"model": "gpt-4o", "name": "Flaky"})
        seen.append(counts())

    assert seen == [(0, 2), (1, 1), (2, 0), (2, 0)]


def test_each_key_uses_up_a_stub_of_the_server_for_itself(start: Start) -> None:
    api = start()
    other = Api(api.url, "sk-other")
    everyone(api).post("/_mock/stubs", flaky(1))

    for client in (api, other):
        statuses = [
            client.post("/v1/assistants", {"model": "gpt-4o", "name": "Flaky"}).status
            for _ in range(2)
        ]
        assert statuses == [503, 200]

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


def test_the_id_of_a_stub_does_not_depend_on_the_key(api: Api) -> None:
    other = Api(api.url, f"{api.key}-other")
    stubs = [one.post("/_mock/stubs", answering("x")).json["stubs"] for one in (api, other)]

    assert stubs[0] == stubs[1]


def test_a_stub_for_all_keys_gets_an_id_that_no_key_has(api: Api) -> None:
    [own] = api.post("/_mock/stubs", answering("the same")).json["stubs"]
    [of_all] = everyone(api).post("/_mock/stubs", answering("the same")).json["stubs"]
    everyone(api).delete(f"/_mock/stubs/{of_all['id']}")

    assert own["id"] != of_all["id"]
    assert answered(api) == "the same"


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


def test_a_stub_without_an_action_is_refused(api: Api) -> None:
    [problem] = api.post("/_mock/stubs", {"name": "x", "when": {}}).json["errors"]

    assert problem["what"] == "missing key 'then'"
