"""`MockServer`: conditions on what was called, and the order of calls."""

import threading
from collections.abc import Mapping
from http.client import HTTPConnection
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

import pytest

from mockserver import MockServer, MockServerError
from tests.client.conftest import create
from tests.conftest import Start
from tests.support import Api


def test_calls_are_selected_by_body_headers_and_query(mock: MockServer, mine: Api) -> None:
    mine.post("/v1/assistants", {"model": "gpt-4o", "name": "Ada"}, headers={"X-Team": "blue"})
    mine.post("/v1/assistants", {"model": "gpt-4o", "name": "Eve"}, headers={"x-team": "red"})
    mine.get("/v1/assistants?limit=5")

    mock.assert_called("createAssistant", times=2, body={"model": {"starts_with": "gpt-"}})
    mock.assert_called("createAssistant", times=1, body={"name": "Ada"}, headers={"x-TEAM": "blue"})
    mock.assert_called("createAssistant", headers={"X-Team": {"in": ["red", "green"]}})
    mock.assert_called("listAssistants", query={"limit": {"gte": 5}})
    mock.assert_not_called("createAssistant", body={"name": "Ada"}, headers={"x-team": "red"})
    mock.assert_not_called("listAssistants", query={"limit": 6})
    [eve] = mock.requests("createAssistant", body={"name": "Eve"})
    assert eve.headers is not None
    assert eve.headers["X-TEAM"] == "red"
    assert len(mock.requests(headers={"x-team": {"exists": True}})) == 2
    assert mock.requests(status=400, body={"name": "Eve"}) == []
    assert mock.requests(status=200, body={"model": "gpt-4o"}, limit=1) == [eve]


def test_every_line_of_a_header_counts(mock: MockServer) -> None:
    connection = HTTPConnection(urlsplit(mock.url).netloc, timeout=30)
    connection.putrequest("GET", "/v1/models")
    fields = [("Authorization", f"Bearer {mock.api_key}"), ("X-Tag", "a"), ("x-tag", "b")]
    for name, value in fields:
        connection.putheader(name, value)
    connection.endheaders()
    connection.getresponse().read()
    connection.close()

    for expected in ("a", "b", ["b", "a"]):
        mock.assert_called("listModels", headers={"x-tag": expected})
    mock.assert_not_called("listModels", headers={"x-tag": ["a"]})
    [request] = mock.requests()
    assert request.headers is not None
    assert (request.headers["x-tag"], request.headers.getall("x-tag")) == ("a, b", ["a", "b"])


def test_a_key_can_be_asserted_and_is_not_shown(mock: MockServer, mine: Api) -> None:
    create(mine)

    mock.assert_called("createAssistant", headers={"authorization": f"Bearer {mock.api_key}"})
    with pytest.raises(AssertionError) as raised:
        mock.assert_called("createAssistant", headers={"authorization": "Bearer sk-other"})
    assert mock.api_key not in str(raised.value)


def test_a_failed_condition_says_what_differed(mock: MockServer, mine: Api) -> None:
    create(mine, name="Eve")
    create(mine, name="Ada")
    mine.get("/v1/models")

    with pytest.raises(AssertionError) as raised:
        mock.assert_called("createAssistant", times=2, body={"name": "Ada", "model": "gpt-4o"})
    assert str(raised.value).splitlines() == [
        'expected createAssistant with body {"name": "Ada", "model": "gpt-4o"} to be called '
        "2 times, but it was called once",
        "POST /v1/assistants -> 200  createAssistant  decided by default",
        "    near miss: what was asked for",
        '        body.name = "Ada": it was "Eve"',
        "POST /v1/assistants -> 200  createAssistant  decided by default",
    ]
    with pytest.raises(AssertionError, match=r"called 0 times\nPOST(.|\n)*GET /v1/models"):
        mock.assert_called("listAssistants", query={"limit": 5})


@pytest.mark.parametrize(
    ("conditions", "words"),
    [
        ({"body": {"name": {"matches": "("}}}, r"when\.body\.name\.matches: not a regular"),
        ({"headers": {"x-a": {"gt": "z"}}}, r"when\.headers\.x-a\.gt: `gt` cannot take"),
        ({"headers": "x-a"}, r"when\.headers: "),
        ({"body": {"tags": {"a", "b"}}}, "no JSON: .* is a set: use strings"),
        ({"body": {"name": b"Ada"}}, "no JSON: b'Ada' is a bytes: use strings"),
    ],
)
def test_a_condition_that_is_none_is_refused(
    mock: MockServer, conditions: dict[str, Any], words: str
) -> None:
    with pytest.raises(MockServerError, match=words):
        mock.assert_called("createAssistant", **conditions)


def test_any_mapping_may_say_a_condition(mock: MockServer, mine: Api) -> None:
    create(mine, name="Ada")
    wanted: Mapping[str, Any] = MappingProxyType({"name": "Ada"})
    wrong: Any = "createAssistant"

    mock.assert_called("createAssistant", body=wanted)
    with pytest.raises(MockServerError, match=r"when: expected an object, got \"createAssistant\""):
        mock.stub("default", wrong)


def test_an_unknown_operation_is_refused_with_conditions_too(mock: MockServer) -> None:
    with pytest.raises(MockServerError, match="no such operation: createAssistants: use"):
        mock.assert_not_called("createAssistants", body={"name": "Ada"})
    with pytest.raises(MockServerError, match="no such operation: createAssistants: use"):
        mock.assert_calls(["createAssistants"])


def test_what_the_journal_no_longer_has_leaves_a_doubt(start: Start) -> None:
    api = start(journal=2)
    with MockServer(api.url, api.key) as mock:
        for name in ("Ada", "Eve", "Ada"):
            create(api, name=name)

        mock.assert_called("createAssistant", body={"name": "Ada"})
        for times in (0, 1):
            with pytest.raises(AssertionError, match=r"; 1 more cannot be compared.*--journal"):
                mock.assert_called("createAssistant", times=times, body={"name": "Ada"})
        mock.assert_not_called("listAssistants", query={"limit": 5})
        with pytest.raises(AssertionError, match=r"; 1 more cannot be compared"):
            mock.assert_calls(["createAssistant", "createAssistant"], exactly=True)


def test_wait_for_waits_for_what_meets_the_conditions(mock: MockServer, mine: Api) -> None:
    create(mine, name="Eve")
    later = threading.Timer(0.05, create, [mine], {"name": "Ada"})
    later.start()
    mock.wait_for("createAssistant", body={"name": "Ada"})
    later.join()

    with pytest.raises(AssertionError, match=r'with body \{"name": "Bob"\} .* within 0\.05 s'):
        mock.wait_for("createAssistant", timeout=0.05, body={"name": "Bob"})


# ── The order of calls ───────────────────────────────────────────────────────────


@pytest.fixture
def story(mock: MockServer, mine: Api) -> MockServer:
    """The calls of a small story: models, Ada, Eve, list."""
    mine.get("/v1/models")
    create(mine, name="Ada")
    create(mine, name="Eve")
    mine.get("/v1/assistants")
    return mock


ADA = {"operation": "createAssistant", "body": {"name": "Ada"}}
EVE = {"operation": "createAssistant", "body": {"name": "Eve"}}


@pytest.mark.parametrize(
    ("calls", "in_order", "exactly"),
    [
        pytest.param(["listModels", ADA, EVE, "listAssistants"], True, True, id="all of them"),
        pytest.param(["createAssistant", "createAssistant"], True, False, id="some of them"),
        pytest.param(["listModels", EVE], True, False, id="others between"),
        pytest.param([], True, False, id="none"),
        pytest.param(["*Model*", {"body": {"name": "Ada"}}], True, False, id="any that meet"),
        pytest.param([EVE, ADA], False, False, id="turned round"),
        pytest.param([ADA, ADA], False, False, id="twice"),
        pytest.param(["createAssistant"] * 3, False, False, id="too many"),
        pytest.param(["listModels", ADA, EVE, "listModels"], False, False, id="another last"),
        pytest.param(["listModels", ADA, EVE, "listAssistants", ADA], False, False, id="one more"),
    ],
)
def test_calls_come_in_their_order(
    story: MockServer, calls: list[Any], in_order: bool, exactly: bool
) -> None:
    for only, holds in ((False, in_order), (True, exactly)):
        if holds:
            story.assert_calls(calls, exactly=only)
        else:
            with pytest.raises(AssertionError, match="calls in this order"):
                story.assert_calls(calls, exactly=only)


def test_a_failed_order_marks_the_first_call_that_is_missing(story: MockServer) -> None:
    with pytest.raises(AssertionError) as raised:
        story.assert_calls([EVE, ADA, "listAssistants"])
    lines = str(raised.value).splitlines()
    assert lines[:4] == [
        "expected these calls in this order:",
        '  1. createAssistant with body {"name": "Eve"}',
        '  2. createAssistant with body {"name": "Ada"}  <- missing after those above',
        "  3. listAssistants",
    ]
    assert lines[4].startswith("GET /v1/models -> 200")
    with pytest.raises(AssertionError, match=r"exactly these calls(.|\n)*and no others"):
        story.assert_calls(["listModels", ADA, EVE], exactly=True)


# ── Arguments ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("operation", ["create*", ["createAssistant", "listModels"]])
def test_an_operation_may_be_a_glob_or_several(
    mock: MockServer, mine: Api, operation: str | list[str]
) -> None:
    create(mine)
    create(mine)

    mock.assert_called(operation, times=2)
    mock.assert_called(operation, body={"model": "gpt-4o"})
    mock.assert_not_called(["deleteAssistant", "list*"])
    mock.wait_for(operation, times=2)
    mock.assert_calls([operation, ["createAssistant"]])
    assert len(mock.requests(operation)) == 2


@pytest.mark.parametrize("times", ["2", -1, 1.5, True])
def test_a_number_of_times_has_to_be_one(mock: MockServer, times: Any) -> None:
    with pytest.raises(ValueError, match=r"times: expected a whole number from 0 on, got"):
        mock.assert_called("createAssistant", times=times)


@pytest.mark.parametrize("timeout", ["1", -1, float("nan"), float("inf"), None])
def test_a_timeout_has_to_be_a_number_of_seconds(mock: MockServer, timeout: Any) -> None:
    with pytest.raises(ValueError, match=r"timeout: expected a number of seconds from 0 on"):
        mock.wait_for("createAssistant", timeout=timeout)


@pytest.mark.parametrize("calls", [[3], [None], None, "createAssistant"])
def test_calls_have_to_be_a_list_of_calls(mock: MockServer, calls: Any) -> None:
    with pytest.raises(ValueError, match="expected a"):
        mock.assert_calls(calls)
