"""A namespace for each key: keys share no objects, and the least recently used key is forgotten."""

import pytest

from mockserver import BackgroundServer, Settings
from mockserver.state.namespace import Namespace
from mockserver.state.namespaces import Namespaces
from tests.conftest import Start
from tests.support import Api


def namespaces(limit: int) -> tuple[Namespaces, list[str]]:
    """Return a registry and the list of the keys that it has forgotten."""
    forgotten: list[str] = []
    registry = Namespaces(seed=0, clock="tick", limit=limit, on_evict=forgotten.append)
    return registry, forgotten


def test_a_key_keeps_its_namespace() -> None:
    registry, _ = namespaces(limit=2)

    assert registry.get("one") is registry.get("one")
    assert registry.get("one") is not registry.get("two")
    assert len(registry) == 2


def test_the_least_recently_used_key_is_forgotten() -> None:
    registry, forgotten = namespaces(limit=2)
    for key in ("one", "two", "one", "three"):
        registry.get(key)

    assert forgotten == ["two"]
    assert len(registry) == 2


def test_a_forgotten_key_that_returns_starts_empty() -> None:
    registry, forgotten = namespaces(limit=1)
    before = registry.get("one")
    registry.get("two")

    assert registry.get("one") is not before
    assert forgotten == ["one", "two"]


def test_requests_without_a_key_evict_no_namespace() -> None:
    registry, forgotten = namespaces(limit=1)
    before = registry.get("one")

    assert registry.keyless is not before
    assert registry.get("one") is before
    assert forgotten == []


def test_entropy_depends_on_the_request_and_how_often_it_was_sent() -> None:
    one, other = Namespace(0, "tick"), Namespace(0, "tick")
    entropies = [one.next_entropy(b"a"), one.next_entropy(b"a"), one.next_entropy(b"b")]

    assert [other.next_entropy(b"b"), other.next_entropy(b"a"), other.next_entropy(b"a")] == [
        entropies[2],
        *entropies[:2],
    ]
    assert len(set(entropies)) == 3


def test_entropy_depends_on_the_seed() -> None:
    assert Namespace(0, "tick").next_entropy(b"a") != Namespace(1, "tick").next_entropy(b"a")


def test_two_keys_never_see_each_others_objects(api: Api, key: str) -> None:
    other = Api(api.url, f"{key}-other")
    created = api.create(name="mine")["id"]

    assert other.get(f"/v1/assistants/{created}").status == 404
    assert other.post(f"/v1/assistants/{created}", {"name": "theirs"}).status == 404
    assert other.delete(f"/v1/assistants/{created}").status == 404
    assert other.get("/v1/assistants").json["data"] == []
    assert api.get(f"/v1/assistants/{created}").json["name"] == "mine"


def test_two_keys_that_send_the_same_request_get_the_same_response(api: Api, key: str) -> None:
    other = Api(api.url, f"{key}-other")

    assert api.create(name="x") == other.create(name="x")


def test_a_delete_leaves_the_objects_of_other_keys(api: Api, key: str) -> None:
    other = Api(api.url, f"{key}-other")
    created = api.create()["id"]
    other.create()

    assert api.delete(f"/v1/assistants/{created}").status == 200
    assert other.get(f"/v1/assistants/{created}").status == 200


def test_two_servers_share_no_objects(start: Start) -> None:
    one, other = start(), start()
    created = one.create()["id"]

    assert other.get(f"/v1/assistants/{created}").status == 404


def test_the_server_reports_which_key_it_has_forgotten(capsys: pytest.CaptureFixture[str]) -> None:
    with BackgroundServer(Settings(port=0, log="none", namespaces=2)) as server:
        first, second, third = (Api(server.url, f"sk-a-long-key-{n}") for n in range(3))
        created = first.create()["id"]
        for api in (second, first, third):
            api.create()

        assert first.get(f"/v1/assistants/{created}").status == 200
        assert capsys.readouterr().err == (
            "mockserver: forgot the namespace of key sk-a-lon***ey-1, the least recently used "
            "of 2; raise --namespaces to keep more\n"
        )
        assert len(second.get("/v1/assistants").json["data"]) == 0


def test_control_calls_with_a_new_key_create_no_namespace(start: Start) -> None:
    api = start(namespaces=1)
    stranger = Api(api.url, "sk-never-came")
    api.create()

    assert stranger.get("/_mock/requests").json == {"requests": [], "counts": {}}
    assert stranger.get("/_mock/report").json["verdict"] == []
    assert stranger.get("/_mock/namespace").status == 200
    for path in ("requests", "report", "namespace"):
        assert stranger.delete(f"/_mock/{path}").status == 200
    assert len(api.get("/v1/assistants").json["data"]) == 1


def test_a_malformed_key_creates_no_namespace(start: Start) -> None:
    api = start(namespaces=1)
    created = api.create()

    assert api.get("/v1/assistants", headers={"Authorization": "Bearer bad\tkey"}).status == 401
    assert api.get(f"/v1/assistants/{created['id']}").json == created


# ── Views and copies ─────────────────────────────────────────────────────────────


def test_a_view_has_the_same_objects_and_a_clock_of_its_own() -> None:
    namespace = Namespace(0, "tick")
    view = namespace.as_of(namespace.clock.start - 60)

    view.collection("threads").put("thread_1", view.clock.now(), b"{}")
    view.clock.object_created()

    assert list(namespace.collection("threads")) == ["thread_1"]
    assert view.clock.now() == view.clock.start - 60
    assert namespace.clock.now() == namespace.clock.start == view.clock.start


def test_an_object_is_copied_with_all_that_belongs_to_it() -> None:
    one, other = Namespace(0, "tick"), Namespace(0, "tick")
    one.collection("threads").put("thread_1", 5, b"{}")
    one.collection("messages", "thread_1").put("msg_1", 6, b"{}")
    one.collection("runs", "thread_1").put("run_1", 7, b"{}")
    one.collection("run_steps", "run_1").put("step_1", 8, b"{}")

    assert other.adopt(one, "threads", "thread_1")
    assert not other.adopt(one, "threads", "thread_2")

    assert other.collection("threads").created_at("thread_1") == 5
    assert other.collection("run_steps", "run_1").created_at("step_1") == 8
    other.collection("messages", "thread_1").delete("msg_1")
    assert list(one.collection("messages", "thread_1")) == ["msg_1"]
