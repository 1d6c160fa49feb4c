"""Strict servers: what no stub expects, and stubs that nothing matches."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Start
from tests.support import Api

STUB = {
    "name": "the tutor",
    "when": {"operation": "createAssistant", "body": {"name": "Math Tutor"}},
    "then": "default",
}


def test_a_request_that_no_stub_expects_is_refused_with_the_near_misses(start: Start) -> None:
    api = start(strict=True)
    api.post("/_mock/stubs", STUB)

    assert api.create(name="Math Tutor")
    reply = api.post("/v1/assistants", {"model": "gpt-4o", "name": "Maths Tutor"})

    assert reply.status == 404
    assert reply.error["code"] == "unexpected_request"
    assert 'body.name = "Math Tutor" (it was "Maths Tutor")' in reply.error["message"]


def test_a_namespace_can_be_strict_on_its_own(api: Api, key: str) -> None:
    other = Api(api.url, f"{key}-other")
    api.request("PUT", "/_mock/settings", {"strict": {"unmatched_requests": "error"}})

    assert api.get("/v1/models").status == 404
    assert other.get("/v1/models").status == 200


def test_a_warning_answers_all_the_same(api: Api, capfd: pytest.CaptureFixture[str]) -> None:
    api.request("PUT", "/_mock/settings", {"strict": {"unmatched_requests": "warn"}})

    assert api.get("/v1/models").status == 200
    assert "no stub expects GET /v1/models" in capfd.readouterr().err


@pytest.mark.parametrize(("level", "status"), [("error", 409), ("warn", 200), ("ignore", 200)])
def test_unused_stubs_are_told_when_a_namespace_ends(api: Api, level: str, status: int) -> None:
    api.request("PUT", "/_mock/settings", {"strict": {"unused_stubs": level}})
    api.post("/_mock/stubs", STUB)

    reply = api.delete("/_mock/namespace")

    assert reply.status == status
    assert reply.json["unused_stubs"] == ([] if level == "ignore" else ["the tutor (the body:1)"])


@pytest.mark.parametrize("strict", ["yes", {"unused": "error"}, {"unused_stubs": "perhaps"}])
def test_a_strictness_that_is_none_is_refused(api: Api, strict: object) -> None:
    assert api.request("PUT", "/_mock/settings", {"strict": strict}).status == 400


def test_a_strict_command_tells_of_stubs_that_nothing_matched(tmp_path: Path) -> None:
    file = tmp_path / "tutor.yaml"
    file.write_text(
        "stubs: [{name: the tutor, when: {body: {name: T}}, then: default},"
        "{name: perhaps, when: {body: {name: P}}, then: default, optional: true}]\n"
    )
    with subprocess.Popen(
        [sys.executable, "-m", "mockserver", "--port", "0", "--strict", "--fixtures", str(file)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        _, told = process.communicate(timeout=10)

    assert process.returncode == 1
    assert told == f"stub never matched: the tutor ({file}:1)\n"


def test_a_page_of_the_web_cannot_call_the_control_api(start: Start) -> None:
    api = start(allow_host=("Mock.test",))

    for host, status in (("evil.example", 403), ("[", 403), ("localhost:4010", 200)):
        assert api.get("/_mock/live", headers={"Host": host}).status == status
    assert api.get("/_mock/live", headers={"Host": "mock.test"}).status == 200


def test_what_nothing_matched_is_told_however_strict_a_namespace_is(api: Api) -> None:
    api.post("/_mock/stubs", [STUB, {**STUB, "name": "perhaps", "optional": True}])
    [stub, _] = api.get("/_mock/stubs").json["stubs"]

    verdict = api.get("/_mock/namespace").json
    assert (verdict["unused_stubs"], verdict["never_matched"]) == (
        [],
        {stub["id"]: f"the tutor ({stub['source']})"},
    )
    api.create(name="Math Tutor")
    assert api.get("/_mock/namespace").json["never_matched"] == {}


def test_what_no_stub_expected_is_told_when_a_namespace_ends(api: Api) -> None:
    api.request("PUT", "/_mock/settings", {"strict": True})
    api.get("/v1/models")
    reply = api.delete("/_mock/namespace")

    assert (reply.status, reply.json["level"]) == (409, "error")
    assert [one["operation"] for one in reply.json["unexpected_requests"]] == ["listModels"]


@pytest.mark.parametrize("journal", [0, 2, 1000])
def test_what_was_not_expected_is_told_however_short_the_journal(
    start: Start, journal: int
) -> None:
    api = start(journal=journal)
    api.request("PUT", "/_mock/settings", {"strict": {"unmatched_requests": "error"}})
    api.get("/v1/models")
    api.post("/_mock/stubs", {"then": "default"})
    for _ in range(3):
        api.get("/v1/assistants")

    [unexpected] = api.get("/_mock/namespace").json["unexpected_requests"]
    assert unexpected["request"]["path"] == "/v1/models"
    assert api.delete("/_mock/namespace").json["unexpected_requests"] == [unexpected]


def test_the_verdict_may_be_asked_for_before_the_end(api: Api) -> None:
    api.request("PUT", "/_mock/settings", {"strict": True})
    api.post("/_mock/stubs", STUB)

    for _ in range(2):
        reply = api.get("/_mock/namespace")
        assert (reply.status, reply.json["unused_stubs"]) == (409, ["the tutor (the body:1)"])
    api.create(name="Math Tutor")
    assert api.get("/_mock/namespace").status == 200


def test_another_keys_stub_changes_no_verdict(start: Start) -> None:
    api = start()
    other = Api(api.url, "sk-other")
    api.request("PUT", "/_mock/settings", {"strict": {"unmatched_requests": "error"}})

    before = api.get("/v1/threads/thread_x")
    other.post("/_mock/stubs", {"then": "default"})
    after = api.get("/v1/threads/thread_x")

    assert before.error["code"] == after.error["code"] == "unexpected_request"
    assert len(api.get("/_mock/namespace").json["unexpected_requests"]) == 2


def test_an_emptied_journal_holds_nothing_against_anybody(api: Api) -> None:
    api.request("PUT", "/_mock/settings", {"strict": True})
    api.get("/v1/models")
    api.delete("/_mock/requests")

    assert api.get("/_mock/namespace").json["unexpected_requests"] == []
