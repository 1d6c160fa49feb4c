"""The journal and its near misses."""

import re
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from tests.conftest import Start
from tests.control.calls import answered, answering, everyone, flaky, journal
from tests.support import Api

# ── The journal ──────────────────────────────────────────────────────────────────


def test_the_journal_has_requests_and_responses_newest_first(api: Api) -> None:
    reply = api.post("/v1/assistants?a=b", {"model": "gpt-4o"})
    api.get("/v1/assistants/asst_missing")

    newest, oldest = journal(api)

    assert newest["number"] > oldest["number"]
    assert newest["operation"] == "getAssistant"
    assert newest["response"]["status"] == 404
    assert (oldest["request"]["method"], oldest["request"]["path"]) == ("POST", "/v1/assistants")
    assert oldest["request"]["query"] == "a=b"
    assert oldest["request"]["body"] == {"model": "gpt-4o"}
    assert oldest["response"]["body"] == reply.json
    assert oldest["response"]["headers"]["x-request-id"] == reply.headers["x-request-id"]
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


def test_a_request_is_found_by_the_id_of_its_response(api: Api) -> None:
    replies = [api.get("/v1/models"), api.post("/v1/assistants", b"{"), api.get("/v1/nowhere")]
    for reply in replies:
        [entry] = journal(api, f"?request_id={reply.headers['x-request-id']}")
        assert entry["response"]["status"] == reply.status
        assert entry["request_id"] == reply.headers["x-request-id"]

    assert journal(api, "?request_id=req_00000000000000000000000000000000") == []


@pytest.mark.parametrize("name", ["x-request-id", "X-Request-ID"])
def test_a_request_is_found_by_the_id_that_a_stub_gave_it(api: Api, name: str) -> None:
    api.post("/_mock/stubs", {"then": {"json": {}, "headers": {name: "req_mine"}}})
    api.get("/v1/models")

    [entry] = journal(api, "?request_id=req_mine")

    assert entry["operation"] == "listModels"


def test_a_request_that_no_response_reached_is_found_by_its_id(api: Api) -> None:
    api.post("/_mock/faults", {"fault": "empty_reply"})
    with pytest.raises(ConnectionError):
        api.get("/v1/models")
    [entry] = journal(api)

    assert journal(api, f"?request_id={entry['request_id']}") == [entry]


def test_an_empty_request_id_is_refused(api: Api) -> None:
    reply = api.get("/_mock/requests?request_id=")

    assert reply.status == 400
    assert reply.json["errors"][0]["place"] == "request_id"


@pytest.mark.parametrize("limit", ["x", "-1", "1.5", "", "9999999999"])
def test_a_limit_that_is_not_a_number_is_refused(api: Api, limit: str) -> None:
    reply = api.get(f"/_mock/requests?limit={limit}")

    assert reply.status == 400
    assert reply.json["errors"][0]["place"] == "limit"


def test_the_journal_of_the_whole_server_has_every_key_and_those_without_one(start: Start) -> None:
    api = start()
    other, keyless = Api(api.url, "sk-another-long-key"), everyone(api)
    for client in (api, other, keyless):
        client.get("/v1/models")
    api.get("/v1/nowhere")

    entries = journal(keyless)

    assert [entry["response"]["status"] for entry in entries] == [404, 401, 200, 200]
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


def test_bodies_are_whole_however_long_and_broken_ones_shown_as_text(api: Api) -> None:
    longest = {"model": "gpt-4o", "instructions": "x" * 256_000}
    created = api.post("/v1/assistants", longest)
    api.post("/v1/assistants", b'{"model": \xff')

    broken, long = journal(api)

    assert broken["request"]["body"] == '{"model": \ufffd'
    assert long["request"]["body"] == longest
    assert long["response"]["body"] == created.json
    for entry in (broken, long):
        assert entry["request"]["body_truncated"] is False
        assert entry["response"]["body_truncated"] is False


@pytest.mark.usefixtures("little_room")
def test_what_is_no_longer_kept_says_so(start: Start) -> None:
    api = start()
    api.post("/_mock/stubs", {"when": {"body": {"name": "Ada"}}, "then": "default"})
    for _ in range(3):
        api.create(instructions="x" * 40_000)

    newest, _, oldest = journal(api)

    assert newest["request"]["body"]["instructions"] == "x" * 40_000
    assert newest["request"]["body_truncated"] is False
    for part in ("request", "response"):
        shown = {name: oldest[part][name] for name in ("body", "body_truncated", "headers")}
        assert shown == {"body": None, "body_truncated": True, "headers": None}
    assert (oldest["request"]["path"], oldest["response"]["status"]) == ("/v1/assistants", 200)
    [condition] = oldest["near_misses"][0]["conditions"]
    assert (condition["matched"], condition["actual"]) == (None, "not kept")


@pytest.mark.usefixtures("little_room")
def test_each_key_has_room_of_its_own_but_a_list_of_all_does_not(start: Start) -> None:
    api = start()
    other = Api(api.url, "sk-other")
    for client in (api, other):
        client.create(instructions="x" * 80_000)

    for client in (api, other):
        assert [one["request"]["body_truncated"] for one in journal(client)] == [False]
    of_all = journal(everyone(api))
    assert [one["request"]["body_truncated"] for one in of_all] == [False, True]


def test_a_body_that_could_not_be_read_says_so(api: Api) -> None:
    headers = {"Content-Encoding": "gzip"}
    assert api.post("/v1/assistants", b"no gzip at all", headers=headers).status == 400

    [entry] = journal(api)

    assert entry["request"]["body"] is None
    assert entry["request"]["body_truncated"] is True
    assert entry["response"]["body_truncated"] is False


def test_headers_are_in_lower_case_and_a_repeated_one_has_every_value(api: Api) -> None:
    connection = HTTPConnection(urlsplit(api.url).netloc, timeout=30)
    connection.putrequest("GET", "/v1/models")
    sent = {"AUTHORIZATION": f"Bearer {api.key}", "X-Team": "blue", "x-TAG": "a"}
    for name, value in (*sent.items(), ("X-Tag", "b")):
        connection.putheader(name, value)
    connection.endheaders()
    assert connection.getresponse().read()
    connection.close()

    [entry] = journal(api)

    shown = entry["request"]["headers"]
    assert (shown["x-team"], shown["x-tag"]) == ("blue", ["a", "b"])
    assert shown["authorization"].startswith("Bearer sk-")
    assert str(api.key) not in str(entry)
    assert entry["response"]["headers"]["content-type"] == "application/json"


def test_headers_are_kept_as_long_as_their_request(api: Api) -> None:
    api.post("/_mock/stubs", {"when": {"headers": {"x-team": "a"}}, "then": "default"})
    api.get("/v1/models", headers={"X-Team": "b"})
    for _ in range(150):
        api.get("/v1/models/gpt-4o")

    oldest = api.get("/_mock/requests?operation=listModels").json["requests"][0]

    assert oldest["request"]["headers"]["x-team"] == "b"


def test_the_journal_is_limited_but_its_counts_are_not(start: Start) -> None:
    api = start(journal=3)
    for _ in range(4):
        api.create()
    api.get("/v1/models")

    reported = api.get("/_mock/requests").json

    assert [entry["operation"] for entry in reported["requests"]] == [
        "listModels",
        "createAssistant",
        "createAssistant",
    ]
    assert reported["counts"] == {"createAssistant": 4, "listModels": 1}


def test_a_journal_without_entries_still_counts(start: Start) -> None:
    api = start(journal=0)
    api.create()

    reported = api.get("/_mock/requests").json

    assert reported == {"requests": [], "counts": {"createAssistant": 1}}


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


def test_a_near_miss_has_each_condition_and_the_actual_value(api: Api) -> None:
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
        {"condition": 'body.name = "Math Tutor"', "matched": False, "actual": '"Maths Tutor"'},
        {"condition": 'body.model starts_with "gpt-4"', "matched": True, "actual": '"gpt-4o"'},
        {"condition": "body.description exists true", "matched": False, "actual": "nothing"},
    ]
    assert entry["decided_by"] == "default"


def test_the_three_nearest_stubs_of_the_operation_are_shown(api: Api) -> None:
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


def test_a_stub_that_is_used_up_is_skipped_with_the_reason(api: Api) -> None:
    [stub] = api.post("/_mock/stubs", flaky(2)).json["stubs"]
    for _ in range(3):
        api.post("/v1/assistants", {"model": "gpt-4o", "name": "Flaky"})
    api.create(name="Other")

    other, third, *_ = journal(api)

    name = f"{stub['name']} ({stub['source']})"
    assert third["skipped"] == [{"stub": name, "why": "matched, but used up 2 of 2"}]
    assert other["skipped"] == []


def test_a_stub_that_its_probability_skips_has_the_reason(api: Api) -> None:
    [stub] = api.post("/_mock/stubs", answering("never", probability=0)).json["stubs"]
    answered(api)

    [entry] = journal(api)

    [passed] = entry["skipped"]
    assert passed["stub"] == f"{stub['name']} ({stub['source']})"
    assert re.fullmatch(r"matched, but drew 0\.\d{3}, not under 0(\.0)?", passed["why"])


def test_a_stub_that_changes_a_refused_request_has_the_reason(api: Api) -> None:
    then = {"body": {"name": "changed"}}
    [stub] = api.post("/_mock/stubs", {"name": "change", "then": then}).json["stubs"]
    api.post("/v1/assistants", {"model": "gpt-nine"})

    [entry] = journal(api)

    assert (entry["response"]["status"], entry["decided_by"]) == (400, "error")
    [passed] = entry["skipped"]
    assert passed["stub"] == f"change ({stub['source']})"
    assert passed["why"].startswith("matched, but the request was refused")


def test_a_near_miss_shows_no_key(api: Api) -> None:
    when = {"headers": {"Authorization": "Bearer sk-other"}}
    api.post("/_mock/stubs", {"when": when, "then": "default"})
    api.get("/v1/models")

    [entry] = journal(api)

    [condition] = entry["near_misses"][0]["conditions"]
    assert condition["matched"] is False
    assert condition["actual"].startswith('"Bearer sk-')
    assert str(api.key) not in str(entry)


def test_near_misses_are_computed_for_the_newest_hundred_requests(api: Api) -> None:
    api.post("/_mock/stubs", {"when": {"body": {"name": "Ada"}}, "then": "default"})
    for _ in range(101):
        api.get("/v1/models")
    entries = api.get("/_mock/requests").json["requests"]

    assert ["near_misses" in entry for entry in entries] == [*[True] * 100, False]
