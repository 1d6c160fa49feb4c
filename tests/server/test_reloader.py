"""`--watch`: fixture files are loaded again when they change, whole or not at all."""

import threading
from pathlib import Path

import pytest

from tests.conftest import Start
from tests.support import Api, until
from tests.test_cli import running

STUB = 'stubs: [{when: {operation: listModels}, then: {json: "%s"}}]\n'


def answered(api: Api) -> object:
    return api.get("/v1/models").json


def test_a_changed_file_takes_effect(
    start: Start, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "answer.yaml"
    file.write_text(STUB % "before")
    api = start(fixtures=(str(tmp_path),), watch=True)
    assert answered(api) == "before"

    file.write_text(STUB % "afterwards")

    until(lambda: answered(api) == "afterwards")
    until(lambda: "the fixture files have changed: loaded again" in capfd.readouterr().err)


def test_a_bad_file_keeps_the_old_set_and_shows_in_readiness_until_it_is_mended(
    start: Start, tmp_path: Path
) -> None:
    file = tmp_path / "answer.yaml"
    file.write_text(STUB % "before")
    api = start(fixtures=(str(file),), watch=True)
    assert api.get("/_mock/ready").status == 200

    file.write_text("stubs: [{then: {fault: nope}}]\n")
    until(lambda: api.get("/_mock/ready").status == 503)
    [error] = api.get("/_mock/ready").json["errors"]
    assert error.startswith(f"{file}:1: stubs[0].then.fault: no such fault: 'nope'")
    assert answered(api) == "before"
    assert api.get("/_mock/live").status == 200

    file.write_text(STUB % "mended")
    until(lambda: api.get("/_mock/ready").status == 200)
    assert answered(api) == "mended"


COUNTED = """
stubs:
- {name: changes, when: {operation: retrieveModel}, then: {json: "%s"}}
- {when: {operation: listModels, query: {of: times}}, then: {json: once}, times: 1}
- {when: {operation: listModels, query: {of: list}}, then: [{json: 1}, {json: 2}, {json: 3}]}
- {when: {operation: listModels, query: {of: twice}}, then: {json: first}, times: 1}
- {when: {operation: listModels, query: {of: twice}}, then: {json: first}, times: 1}
- {when: {operation: listModels, query: {of: limit}}, then: {rate_limit: {requests: 1, per: 1h}}}
"""


def test_stubs_that_did_not_change_keep_their_counts(start: Start, tmp_path: Path) -> None:
    file = tmp_path / "counted.yaml"
    file.write_text(COUNTED % "before")
    api = start(fixtures=(str(file),), watch=True)

    def ask(of: str) -> object:
        reply = api.get(f"/v1/models?of={of}")
        return reply.json if isinstance(reply.json, str | int) else reply.status

    assert api.get("/v1/models/m").json == "before"
    assert [ask(of) for of in ("times", "list", "twice", "limit")] == ["once", 1, "first", 200]
    ids = {one["id"] for one in api.get("/_mock/stubs").json["stubs"]}
    file.write_text("# A line above moves all of them.\n" + COUNTED % "afterwards")
    until(lambda: api.get("/v1/models/m").json == "afterwards")

    matched = [one["matched"] for one in api.get("/_mock/stubs").json["stubs"]]
    assert matched[1:] == [1, 1, 1, 0, 1]
    assert len(ids & {one["id"] for one in api.get("/_mock/stubs").json["stubs"]}) == 5
    assert [ask("times"), ask("list"), ask("twice"), ask("limit")] == [200, 2, "first", 429]
    assert [ask("list"), ask("twice")] == [3, 200]


def test_a_content_that_a_file_uses_is_watched_too(start: Start, tmp_path: Path) -> None:
    (tmp_path / "f.yaml").write_text(
        "{when: {operation: listModels}, then: {json_file: answer.json}}"
    )
    answer = tmp_path / "answer.json"
    answer.write_text('"before"')
    api = start(fixtures=(str(tmp_path / "f.yaml"),), watch=True)
    assert answered(api) == "before"

    answer.unlink()
    until(lambda: api.get("/_mock/ready").status == 503)
    assert answered(api) == "before"
    answer.write_text('"afterwards"')
    until(lambda: answered(api) == "afterwards")
    assert api.get("/_mock/ready").status == 200


@pytest.mark.parametrize("forgotten", [False, True])
def test_a_strict_server_knows_after_a_reload_what_was_matched(
    tmp_path: Path, forgotten: bool
) -> None:
    file = tmp_path / "f.yaml"
    used, unused = "{when: {operation: listModels}, then: {json: used}}", "{then: {json: unused}}"
    file.write_text(f"stubs: [{used}]")
    with running("--port", "0", "--strict", "--watch", "--fixtures", str(file)) as server:
        assert answered(server.api) == "used"
        if forgotten:
            server.api.delete("/_mock/namespace")
        file.write_text(f"# moved\nstubs: [{used}, {unused}]")
        until(lambda: len(server.api.get("/_mock/stubs").json["stubs"]) == 2)

        assert server.end() == 1
    never = [line for line in server.log if line.startswith("stub never matched")]
    assert never == [f"stub never matched: stub 2: any request, json ({file}:2)"]


def test_no_request_is_dropped_and_none_is_answered_by_half_a_set(
    start: Start, tmp_path: Path
) -> None:
    file = tmp_path / "answer.yaml"
    file.write_text(STUB % "good")
    api = start(fixtures=(str(file),), watch=True)
    seen: set[object] = set()
    done = threading.Event()

    def ask() -> None:
        while not done.is_set():
            seen.add(answered(api))

    clients = [threading.Thread(target=ask) for _ in range(4)]
    for client in clients:
        client.start()
    file.write_text("stubs: [")
    until(lambda: api.get("/_mock/ready").status == 503)
    file.write_text(STUB % "good")
    until(lambda: api.get("/_mock/ready").status == 200)
    done.set()
    for client in clients:
        client.join()

    assert seen == {"good"}
