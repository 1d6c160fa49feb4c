"""`GET /threads`: Foundry has it, OpenAI and Azure do not."""

from typing import Any

import pytest

from tests.api.conversation import NOT_SET, THREADS, posted, thread
from tests.conftest import Start
from tests.support import Api, until

PROJECT = "/api/projects/tutors"
LIST = f"{PROJECT}/threads?api-version=v1"


def test_an_empty_list_has_null_ids(api: Api) -> None:
    reply = api.get(LIST)

    assert reply.status == 200
    assert reply.body.decode() == (
        '{\n  "object": "list",\n  "data": [],\n  "first_id": null,\n'
        '  "last_id": null,\n  "has_more": false\n}'
    )


def test_the_threads_of_the_key_are_listed_as_a_read_shows_them(api: Api) -> None:
    resources = {"file_search": {"vector_store_ids": ["vs_1"]}}
    old = posted(api, THREADS, {"metadata": {"a": "b"}})
    new = posted(api, f"{PROJECT}/threads", {"tool_resources": resources})

    page = api.get(LIST).json

    assert page["data"] == [new, old | {"tool_resources": NOT_SET}]
    assert (page["first_id"], page["last_id"]) == (new["id"], old["id"])
    assert Api(api.url, f"{api.key}-other").get(LIST).json["data"] == []


def test_a_list_is_paged_as_every_other(api: Api) -> None:
    a, b, c, d = (thread(api, text) for text in "abcd")

    def listed(query: str) -> tuple[list[str], bool]:
        page = api.get(f"{LIST}&{query}").json
        return [one["id"] for one in page["data"]], page["has_more"]

    assert listed("limit=2") == ([d, c], True)
    assert listed(f"limit=2&after={c}") == ([b, a], False)
    assert listed(f"limit=2&after={a}") == ([], False)
    assert listed(f"limit=1&before={b}") == ([c], True)
    assert listed("order=asc&limit=3") == ([a, b, c], True)


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ("limit=101", 400, "Expected a value <= 100"),
        ("order=up", 400, "Invalid value: 'up'"),
        ("after=asst_1", 400, "Expected an ID that begins with 'thread'."),
        ("after=thread_1", 404, "No thread found with id 'thread_1'."),
    ],
)
def test_a_wrong_query_is_refused(api: Api, query: str, status: int, words: str) -> None:
    reply = api.get(f"{LIST}&{query}")

    assert reply.status == status
    assert words in reply.error["message"]


@pytest.mark.parametrize(
    "path",
    ["/v1/threads", "/threads", "/openai/v1/threads", "/openai/threads?api-version=2025-01-01"],
)
def test_the_other_services_have_only_the_create_there(api: Api, path: str) -> None:
    reply = api.get(path)

    assert (reply.status, reply.headers["Allow"]) == (405, "POST")
    assert reply.error["message"] == "Only POST requests are accepted."


def test_a_wrong_method_is_told_of_it_at_foundry_alone(api: Api) -> None:
    assert api.request("PUT", LIST).headers["Allow"] == "POST, GET"
    assert api.request("PUT", "/v1/threads").headers["Allow"] == "POST"


@pytest.mark.parametrize("path", ["/openai/threads", "/openai/threads?api-version=2023-05-15"])
def test_azures_versions_without_threads_do_not_know_the_path(api: Api, path: str) -> None:
    assert api.get(path).status == 404


def test_a_stub_answers_it_and_the_journal_names_it(api: Api) -> None:
    stub = {"when": {"operation": "listThreads"}, "then": {"status": 418, "json": {}}}
    assert api.post("/_mock/stubs", stub).status == 200

    assert api.get(LIST).status == 418
    assert api.get("/v1/threads").status == 405
    [entry] = api.get("/_mock/requests?operation=listThreads").json["requests"]
    assert entry["request"]["path"] == f"{PROJECT}/threads"


def test_the_access_log_names_it(start: Start, capfd: pytest.CaptureFixture[str]) -> None:
    with_log = start(log="text")
    with_log.get(LIST)
    with_log.get("/v1/threads")

    def lines() -> list[str]:
        text.append(capfd.readouterr().err)
        return "".join(text).splitlines()

    text: list[str] = []
    until(lambda: len(lines()) == 2)
    listed, refused = (line.split(" ", 1)[1] for line in lines())
    assert listed == f"GET {PROJECT}/threads 200 listThreads default"
    assert refused == "GET /v1/threads 405 - error"


def test_openapi_has_it_under_foundrys_prefix_alone(api: Api) -> None:
    paths: Any = api.get("/_mock/openapi.json").json["paths"]
    listed = paths["/api/projects/{project}/threads"]["get"]

    assert "get" not in paths["/v1/threads"]
    assert listed["operationId"] == "listThreads"
    assert [(one["name"], one["in"]) for one in listed["parameters"]] == [
        ("project", "path"),
        ("limit", "query"),
        ("order", "query"),
        ("after", "query"),
        ("before", "query"),
    ]
