"""`--watch`: fixture files are loaded again when they change, whole or not at all."""

import threading
from pathlib import Path

import pytest

from tests.conftest import Start
from tests.support import Api, until

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
