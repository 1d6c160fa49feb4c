"""Every file in `fixtures/examples` does what its comment says."""

import contextlib
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests import forms, test_example_runs
from tests.conftest import Start
from tests.examples import FILES, FOLDER, curl, serve
from tests.forms import form
from tests.support import Api


def check(*paths: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mockserver", "check", *map(str, paths)],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


@pytest.mark.parametrize("example", FILES)
def test_every_example_has_a_test(example: str) -> None:
    name = "test_" + Path(example).stem.replace("-", "_") + "_"

    tests = {*globals(), *vars(test_example_runs)}
    assert any(known.startswith(name) for known in tests)


@pytest.mark.parametrize("example", FILES)
def test_every_example_passes_the_check_alone(example: str) -> None:
    checked = check(FOLDER / example)

    assert checked.returncode == 0, checked.stdout
    assert "warning" not in checked.stdout


STORMS = {
    "bad-proxy.yaml",
    "dead-service.yaml",
    "lost-answers.yaml",
    "outage.yaml",
    "quota-gone.yaml",
    "slow-dependency.yaml",
}
"""The examples that match every request, so that stubs after theirs are unreachable."""


def test_all_other_examples_pass_the_check_together() -> None:
    checked = check(*(FOLDER / name for name in FILES if name not in STORMS))

    assert checked.returncode == 0, checked.stdout
    assert len(checked.stdout.splitlines()) == 1
    assert checked.stdout.endswith("objects: OK\n")


@pytest.mark.parametrize("example", FILES)
def test_every_example_names_its_schema_and_says_how_to_try_it(example: str) -> None:
    text = (FOLDER / example).read_text()

    if example.endswith(".json"):
        assert '"$schema": "../schema.json"' in text
        return
    first, *comment = [line for line in text.splitlines() if line.startswith("#")]
    assert first == "# yaml-language-server: $schema=../schema.json"
    assert len(comment) == 3
    assert comment[-1].startswith("# curl ")


def test_fixed_tutor_exists_from_the_start(start: Start) -> None:
    api = serve(start, "fixed-tutor.yaml")

    tutor = api.get("/v1/assistants/asst_tutor")

    assert tutor.json["name"] == "Math Tutor"
    assert tutor.json["created_at"] == 1704067200
    assert tutor.json["tools"] == [{"type": "code_interpreter"}]
    assert curl(api, "fixed-tutor.yaml").encode() == tutor.body


def test_fixed_tutor_replaces_an_object_that_is_created_again(start: Start) -> None:
    api = serve(start, "fixed-tutor.yaml")

    first, second = api.create(name="Physics Tutor"), api.create(name="Physics Tutor")

    assert first == second
    assert first["id"] == "asst_physics"
    assert api.get("/v1/assistants/asst_physics").json == first
    assert [each["id"] for each in api.get("/v1/assistants").json["data"]] == [
        "asst_physics",
        "asst_tutor",
    ]


def crowd(api: Api) -> list[Any]:
    """Return all assistants, from pages of fifteen."""
    found: list[Any] = []
    more, after = True, ""
    while more:
        page = api.get(f"/v1/assistants?limit=15{after}").json
        found += page["data"]
        more, after = page["has_more"], f"&after={page['last_id']}"
    return found


def test_crowd_of_forty_comes_in_three_pages_behind_what_is_created(start: Start) -> None:
    api = serve(start, "crowd-of-forty.yaml")
    mine = api.create(name="Mine")

    first, *others = crowd(api)

    assert first == mine
    assert len({each["id"] for each in others}) == 40
    assert len({each["name"] for each in others}) > 30
    assert {each["created_at"] for each in others} == {mine["created_at"] - 3600}


def conversation(api: Api) -> list[Any]:
    """Return all messages of the long thread, from pages of twenty, and check their sizes."""
    pages: list[Any] = []
    after = ""
    while not pages or pages[-1]["has_more"]:
        pages.append(api.get(f"/v1/threads/thread_long/messages{after}").json)
        after = f"?after={pages[-1]['last_id']}"
    assert [len(page["data"]) for page in pages] == [20, 20, 5]
    return [message for page in pages for message in page["data"]]


def test_long_thread_has_45_messages_on_three_pages(start: Start) -> None:
    api = serve(start, "long-thread.yaml")

    found = conversation(api)

    assert len({message["id"] for message in found}) == 45
    assert (found[0]["run_id"], found[-1]["id"]) == ("run_long", "msg_long_first")
    question = found[1]["content"][0]["text"]["value"]
    assert f'Archivist was asked: "{question}"' in found[0]["content"][0]["text"]["value"]
    assert (
        curl(api, "long-thread.yaml") == api.get("/v1/threads/thread_long/messages").body.decode()
    )


def test_long_thread_is_the_same_on_every_server_and_takes_more_messages(start: Start) -> None:
    one, other = (serve(start, "long-thread.yaml") for _ in range(2))
    assert conversation(one) == conversation(other)

    added = one.post("/v1/threads/thread_long/messages", {"role": "user", "content": "And now?"})

    assert added.status == 200
    assert one.get("/v1/threads/thread_long/messages?limit=1").json["data"] == [added.json]


def test_crowd_of_forty_is_the_same_on_every_server(start: Start) -> None:
    one, other = (serve(start, "crowd-of-forty.yaml") for _ in range(2))

    assert crowd(one) == crowd(other)
    assert curl(one, "crowd-of-forty.yaml") == curl(other, "crowd-of-forty.yaml")
    assert curl(one, "crowd-of-forty.yaml").count('"forty"') == 15


def test_answer_by_metadata_gives_good_customers_instructions(start: Start) -> None:
    api = serve(start, "answer-by-metadata.yaml")

    gold = api.create(metadata={"tier": "gold"})

    assert gold["instructions"] == "Take your time. This customer is gold."
    assert gold["metadata"] == {"tier": "gold", "quota": "1000"}
    assert "This customer is gold." in curl(api, "answer-by-metadata.yaml")
    assert "platinum" in api.create(metadata={"tier": "platinum"})["instructions"]
    assert api.create(metadata={"tier": "silver"})["instructions"] is None


def test_answer_by_metadata_refuses_the_free_tier(start: Start) -> None:
    api = serve(start, "answer-by-metadata.yaml")

    refused = api.post("/v1/assistants", {"model": "gpt-4o", "metadata": {"tier": "free"}})

    assert refused.status == 429
    assert refused.error["code"] == "insufficient_quota"


def test_rate_limited_twice_goes_through_the_third_time_and_after(start: Start) -> None:
    api = serve(start, "rate-limited-twice.yaml")

    first, second, third, fourth = (curl(api, "rate-limited-twice.yaml") for _ in range(4))

    assert first.startswith("HTTP/1.1 429 ")
    assert "retry-after-ms: 10" in first
    assert second.startswith("HTTP/1.1 429 ")
    assert "retry-after-ms: 20" in second
    assert third.startswith("HTTP/1.1 200 ")
    assert fourth.startswith("HTTP/1.1 200 ")
    assert len(api.get("/v1/assistants").json["data"]) == 2


def test_slow_list_takes_longer_for_long_lists(start: Start) -> None:
    api = serve(start, "slow-list.yaml")

    assert float(curl(api, "slow-list.yaml")) >= 0.06
    assert api.get("/v1/assistants?limit=2").status == 200
    decided = [entry["decided_by"] for entry in api.get("/_mock/requests").json["requests"]]
    assert decided[0].startswith("most lists are quick, one in a hundred is not (")
    assert decided[1].startswith("long lists are slow (")


def test_already_exists_refuses_the_second_create_of_the_name(start: Start) -> None:
    api = serve(start, "already-exists.yaml")

    first, second = (curl(api, "already-exists.yaml") for _ in range(2))

    assert first.startswith("HTTP/1.1 200 ")
    assert second.startswith("HTTP/1.1 409 ")
    assert "An assistant named 'Singleton' already exists." in second
    assert api.create(name="Another")
    assert [each["name"] for each in api.get("/v1/assistants").json["data"]] == [
        "Another",
        "Singleton",
    ]


@pytest.mark.parametrize(
    "name",
    ['"quoted"', "back\\slash", "new\nline", "{{ seed }}", "}} {{", "🦉 ü", "\u2028", "</script>"],
)
def test_echo_repeats_any_name(start: Start, name: str) -> None:
    api = serve(start, "echo.yaml")

    reply = api.post("/v1/assistants", {"model": "gpt-4o", "name": name, "metadata": {"echo": "1"}})

    assert reply.json["description"] == f"You asked for {name}."
    assert reply.json["metadata"] == {"echo": "1", "name": name, "method": "POST"}
    assert reply.headers["x-asked-at"] == "1735689600"
    assert api.get(f"/v1/assistants/{reply.json['id']}").body == reply.body


def test_echo_answers_the_request_in_its_comment(start: Start) -> None:
    api = serve(start, "echo.yaml")

    assert r'"description": "You asked for \"Ada\" \\ {{ seed }} 🦉."' in curl(api, "echo.yaml")


def test_sunset_rehearsal_returns_an_empty_404_from_the_second_request_on(start: Start) -> None:
    api = serve(start, "sunset-rehearsal.yaml")

    first, second = (curl(api, "sunset-rehearsal.yaml") for _ in range(2))

    assert first.startswith("HTTP/1.1 200 ")
    assert second.startswith("HTTP/1.1 404 ")
    assert second.endswith("\r\n\r\n")
    created = api.post("/v1/assistants", {"model": "gpt-4o"})
    assert (created.status, created.body) == (404, b"")
    assert api.get("/v1/models").status == 200


def test_overloaded_once_succeeds_on_the_second_request(start: Start) -> None:
    api = serve(start, "overloaded-once.json")

    first, second = (api.get("/v1/assistants/asst_patient") for _ in range(2))

    assert first.status == 503
    assert first.headers["retry-after-ms"] == "10"
    assert second.status == 200
    assert second.json["name"] == "Patient"


EMPTY, RESET, CUT = 52, 56, 18
"""Exit statuses of curl."""


@pytest.mark.slow
def test_flaky_minute_fails_one_in_five_the_same_ones_in_every_run(start: Start) -> None:
    def run() -> list[str]:
        api = serve(start, "flaky-minute.yaml")
        for number in range(150):
            with contextlib.suppress(ConnectionError):
                api.post("/v1/assistants", {"model": "gpt-4o", "name": str(number)})
        entries = api.get("/_mock/requests").json["requests"]
        return [entry["fault"] for entry in reversed(entries)]

    faults = run()

    assert 20 <= len([fault for fault in faults if fault]) <= 30
    assert {*faults} == {None, "overloaded", "connection_reset", "latency"}
    assert run() == faults


@pytest.mark.slow
def test_flaky_minute_is_over_after_thirty_failures(start: Start) -> None:
    api = serve(start, "flaky-minute.yaml")
    for number in range(600):
        with contextlib.suppress(ConnectionError):
            api.get(f"/v1/models?n={number}")

    left = [stub["left"] for stub in api.get("/_mock/stubs").json["stubs"]]
    assert left == [0, 0, 0]


def test_outage_is_over_with_the_ninth_request(start: Start) -> None:
    api = serve(start, "outage.yaml")
    ways = [0, 0, 0, 0, RESET, 0, EMPTY, 0, 0]

    statuses = [curl(api, "outage.yaml", way)[9:12] for way in ways]

    assert statuses == ["200", "200", "503", "502", "", "504", "", "500", "200"]


def test_quota_gone_refuses_everything_by_its_code(start: Start) -> None:
    api = serve(start, "quota-gone.yaml")

    assert '"code": "insufficient_quota"' in curl(api, "quota-gone.yaml")
    assert api.get("/v1/assistants").status == 429


@pytest.mark.slow
def test_slow_dependency_is_slow_but_fails_no_request(start: Start) -> None:
    api = serve(start, "slow-dependency.yaml")

    took = sorted(float(curl(api, "slow-dependency.yaml")) for _ in range(9))

    assert took[4] > 0.03
    assert api.get("/v1/assistants?limit=50").json["object"] == "list"
    assert api.get("/_mock/requests").json["requests"][0]["fault"] == "slow_body"


def test_lost_answers_make_a_retry_create_twice(start: Start) -> None:
    api = serve(start, "lost-answers.yaml")

    for way in (0, RESET, 0, RESET, 0):
        curl(api, "lost-answers.yaml", way)

    assert len(api.get("/v1/assistants").json["data"]) == 5
    verdict = api.get("/_mock/report").json["verdict"]
    assert len(verdict) == 2
    assert all(sentence.startswith("created twice: createAssistant") for sentence in verdict)


def test_bad_proxy_fails_five_requests_and_passes_the_sixth(start: Start) -> None:
    api = serve(start, "bad-proxy.yaml")

    html, cut, broken, short, late, passed = (
        curl(api, "bad-proxy.yaml", way) for way in (0, CUT, 0, 0, 0, 0)
    )

    assert html.startswith("HTTP/1.1 520 ")
    assert "<html" in html
    assert all(text.startswith("HTTP/1.1 200 ") for text in (cut, broken, short, passed))
    assert not any(text.endswith("}") for text in (cut, broken, short))
    assert late.startswith("HTTP/1.1 504 ")
    assert passed.endswith("}")
    assert len(api.get("/v1/assistants").json["data"]) == 5


def test_dead_service_returns_an_empty_404_but_has_models(start: Start) -> None:
    api = serve(start, "dead-service.yaml")

    response = curl(api, "dead-service.yaml")

    assert response.startswith("HTTP/1.1 404 ")
    assert response.endswith("\r\n\r\n")
    assert api.get("/v1/models").status == 200


def test_rate_limit_allows_three_requests_and_more_after_a_minute(start: Start) -> None:
    api = serve(start, "rate-limit.yaml")

    statuses = [curl(api, "rate-limit.yaml")[9:12] for _ in range(4)]

    assert statuses == ["200", "200", "200", "429"]
    api.post("/_mock/clock", {"advance": "1m"})
    assert curl(api, "rate-limit.yaml").startswith("HTTP/1.1 200 ")


def test_uploaded_files_are_told_apart_by_name_and_content(start: Start) -> None:
    api = serve(start, "uploaded-files.yaml")

    assert '"id": "file-report"' in curl(api, "uploaded-files.yaml")
    fields = {"purpose": "assistants"}
    refused = forms.post(api, "/v1/files", form(fields | {"file": ("report.txt", b"hello")}))
    assert refused.status == 503
    other = forms.post(api, "/v1/files", form(fields | {"file": ("report.txt", b"hallo")}))
    assert other.json["id"] != "file-report"
