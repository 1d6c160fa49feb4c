"""`MockServer`: stubs, faults, settings, objects and the journal."""

import json
import re
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from mockserver import BackgroundServer, MockServer, MockServerError
from tests.client.conftest import create
from tests.support import Api


def test_a_server_in_a_thread_starts_and_stops_with_its_handle() -> None:
    with MockServer.start(seed=7) as mock:
        assert mock.base_url == f"{mock.url}/v1"
        assert create(Api(mock.url, mock.api_key)) == 200
        mock.assert_called("createAssistant", times=1)

    with pytest.raises(ConnectionRefusedError):
        Api(mock.url).get("/v1/models")


def test_each_handle_has_a_key_of_its_own_unless_it_is_given_one(server: BackgroundServer) -> None:
    one, other = MockServer(server.url), MockServer(f"{server.url}/")

    assert one.api_key != other.api_key
    assert one.url == other.url
    assert MockServer(server.url, "sk-mine").api_key == "sk-mine"
    assert repr(one) == f"<MockServer {server.url}>"


def test_a_stub_changes_the_response(mock: MockServer, mine: Api) -> None:
    mock.stub({"body": {"name": "Ada"}}, {"operation": "createAssistant"}, times=1)

    assert [mine.create()["name"] for _ in range(2)] == ["Ada", None]


@pytest.mark.parametrize("name", ["f.yaml", "f.json"])
def test_a_fixture_file_is_loaded_with_its_objects(
    mock: MockServer, mine: Api, tmp_path: Path, name: str
) -> None:
    file = tmp_path / name
    file.write_text('{"objects": {"assistants": [{"id": "asst_a", "model": "gpt-4o"}]}}')
    mock.load(file)

    assert mine.get("/v1/assistants/asst_a").status == 200


@pytest.mark.parametrize(
    "text",
    [
        "stubs: [{name: one, then: default}]",
        "[{name: one, then: default}]",
        "{name: one, then: default}",
    ],
)
@pytest.mark.parametrize("path", ["", "f.YAML", "*.YAML"])
def test_a_document_a_list_or_a_stub_is_loaded_from_a_file_a_folder_or_a_glob(
    mock: MockServer, mine: Api, tmp_path: Path, text: str, path: str
) -> None:
    folder = tmp_path / "[id]"
    folder.mkdir()
    (folder / "f.YAML").write_text(text)
    mock.load(folder / path)

    [stub] = mine.get("/_mock/stubs").json["stubs"]
    assert (stub["name"], stub["source"]) == ("one", f"{folder / 'f.YAML'}:1")


def test_the_files_of_a_folder_are_loaded_in_their_order_or_not_at_all(
    mock: MockServer, mine: Api, tmp_path: Path
) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.yaml").write_text(f"then: {{json: {name}}}")
    mock.load(tmp_path)
    assert [one["stub"]["then"]["json"] for one in mine.get("/_mock/stubs").json["stubs"]] == [
        *("a", "b", "c")
    ]

    (tmp_path / "b.yaml").write_text("then: {fault: nope}")
    (tmp_path / "c.yaml").write_text("then: 5")
    with pytest.raises(MockServerError, match=r"(?s)b\.yaml:1.*c\.yaml:1"):
        mock.load(tmp_path)
    assert len(mine.get("/_mock/stubs").json["stubs"]) == 3


def test_a_file_is_loaded_with_its_variables_and_the_files_beside_it(
    mock: MockServer, mine: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASKED", "listModels")
    (tmp_path / "answer.json").write_text('{"a": "{{ request.method }}"}')
    (tmp_path / "f.yaml").write_text(
        "{env: true, when: {operation: '${ASKED}'}, then: {json_file: answer.json}}"
    )
    mock.load(tmp_path / "f.yaml")

    assert mine.get("/v1/models").json == {"a": "GET"}


@pytest.mark.parametrize("path", ["gone.yaml", "gone*.yaml", "empty"])
def test_a_path_without_a_fixture_file_is_refused(
    mock: MockServer, tmp_path: Path, path: str
) -> None:
    (tmp_path / "empty").mkdir()

    with pytest.raises(MockServerError, match=r"no (such file|file matches|fixture files)"):
        mock.load(tmp_path / path)


def test_a_fault_is_injected_into_its_operation(mock: MockServer, mine: Api) -> None:
    mock.fault("overloaded", on="createAssistant", times=1, retry_after=2)
    mock.fault("conflict", on=["list*"], probability=1.0)

    assert [create(mine), create(mine)] == [503, 200]
    assert mine.get("/v1/assistants").status == 409
    assert mock.report()["faults"]["overloaded"]["got_through"] == 1


def test_a_rate_limit_is_added_like_a_fault(mock: MockServer, mine: Api) -> None:
    mock.fault("rate_limit", requests=1, per="1m")

    assert [create(mine), create(mine)] == [200, 429]
    mock.advance("1m")
    assert create(mine) == 200


@pytest.mark.parametrize("by", ["10m", 600, timedelta(minutes=10)])
def test_advance_moves_the_clock(mock: MockServer, mine: Api, by: Any) -> None:
    before = mine.create()["created_at"]
    now = mock.advance(by)

    assert mine.create()["created_at"] == now >= before + 600


def test_requests_have_the_request_and_its_response(mock: MockServer, mine: Api) -> None:
    mock.stub({"fault": "connection_reset"}, {"operation": "listModels"}, name="no models")
    create(mine, name="Ada")
    with pytest.raises(ConnectionResetError):
        mine.get("/v1/models?a=1")
    lost, created = mock.requests()

    assert (created.operation, created.method, created.path) == (
        "createAssistant",
        "POST",
        "/v1/assistants",
    )
    assert (created.body, created.status) == ({"model": "gpt-4o", "name": "Ada"}, 200)
    assert created.response["name"] == "Ada"
    assert created.response_headers is not None
    assert created.headers is not None
    assert mock.api_key not in str(created.headers)
    assert (lost.status, lost.fault, lost.query) == (None, "connection_reset", "a=1")
    assert re.fullmatch(
        r"GET /v1/models\?a=1 -> no response  listModels  "
        r"decided by no models \(tests/client/test_mock_server\.py:\d+\): connection_reset",
        str(lost),
    )
    assert [one.number for one in mock.requests("createAssistant")] == [created.number]
    assert mock.requests(status=200, limit=1) == [created]


def test_requests_without_a_response_can_be_selected(mock: MockServer, mine: Api) -> None:
    mock.fault("empty_reply", on="listModels")
    create(mine)
    with pytest.raises(ConnectionError):
        mine.get("/v1/models")

    assert [one.operation for one in mock.requests(status="none")] == ["listModels"]
    with pytest.raises(MockServerError, match="status: not a status: 1000"):
        mock.requests(status=1000)


@pytest.mark.parametrize("several", [False, True])
def test_fixtures_may_be_one_path_or_several(tmp_path: Path, several: bool) -> None:
    file = tmp_path / "f.yaml"
    file.write_text("objects: {assistants: [{id: asst_a, model: gpt-4o}]}")
    with MockServer.start(fixtures=[file] if several else file, strict=False) as mock:
        assert mock.state()["assistants"][0]["id"] == "asst_a"


def test_an_invalid_file_is_refused_with_the_line(mock: MockServer, tmp_path: Path) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text("stubs:\n- then: default\n  wen: 3\n")

    with pytest.raises(MockServerError, match=r"wrong\.yaml:3: stubs\[0\]\.wen: unknown key"):
        mock.load(file)


def test_a_reset_keeps_the_configured_settings(mock: MockServer, mine: Api) -> None:
    mock.configure(seed=7)
    first = mine.create()["id"]
    mock.stub({"fault": "overloaded"})
    mock.reset()

    assert mine.get("/v1/assistants").json["data"] == []
    assert mine.create()["id"] == first
    mock.forget()
    assert mine.create()["id"] != first


def test_a_state_can_be_saved_and_restored(mock: MockServer, mine: Api) -> None:
    created = mine.create(name="Ada")
    state = mock.state()
    mine.delete(f"/v1/assistants/{created['id']}")
    mock.restore(state)

    assert mine.get(f"/v1/assistants/{created['id']}").json == created


def test_a_refusal_has_every_problem_and_its_remedy(mock: MockServer) -> None:
    with pytest.raises(MockServerError) as raised:
        mock.stub({"fault": "nope", "delay": "x"}, {"operation": "nope"})

    lines = str(raised.value).splitlines()
    assert [line.partition(":")[0] for line in lines] == [
        "then.delay",
        "then.fault",
        "when.operation",
    ]


def test_another_handle_on_the_same_server_has_its_own_key(mock: MockServer, mine: Api) -> None:
    with mock.another() as other:
        other.stub({"body": {"name": "Ada"}})
        theirs = Api(other.url, other.api_key)

        assert [theirs.create()["name"], mine.create()["name"]] == ["Ada", None]
        other.assert_called("createAssistant", times=1)
        other.forget()

    mock.assert_called("createAssistant", times=1)  # the shared connection is still open


def test_headers_have_no_case_and_every_value(mock: MockServer) -> None:
    connection = HTTPConnection(urlsplit(mock.url).netloc, timeout=30)
    connection.putrequest("GET", "/v1/models?tag=a&tag=b&empty=")
    for name, value in [
        ("authorization", f"Bearer {mock.api_key}"),
        ("X-Tag", "a"),
        ("x-tag", "b"),
    ]:
        connection.putheader(name, value)
    connection.endheaders()
    connection.getresponse().read()
    connection.close()
    [request] = mock.requests()

    assert request.headers is not None
    assert request.headers["X-TAG"] == "a, b"
    assert request.headers.getall("x-Tag") == ["a", "b"]
    assert "Authorization" in request.headers
    assert request.parameters == {"tag": ["a", "b"], "empty": [""]}
    assert request.response_headers is not None
    assert request.response_headers["Content-Type"] == "application/json"


def test_a_long_body_is_read_like_a_short_one(mock: MockServer, mine: Api) -> None:
    create(mine, instructions="x" * 256_000)
    [request] = mock.requests()

    assert request.body["instructions"] == request.response["instructions"] == "x" * 256_000
    assert (request.body_truncated, request.response_truncated) == (False, False)


def test_objects_need_no_file(mock: MockServer, mine: Api) -> None:
    mock.objects({"assistants": [{"id": "asst_a", "model": "gpt-4o", "name": "Ada"}]})

    assert mine.get("/v1/assistants/asst_a").json["name"] == "Ada"
    with pytest.raises(MockServerError, match=r"objects\.assistants\[0\]\.model: .*nope"):
        mock.objects({"assistants": [{"model": "nope"}]})


HELLO = {"role": "user", "content": "Hello?"}
TALK = {
    "assistants": [{"id": "asst_a", "model": "gpt-4o"}],
    "threads": [{"id": "thread_a", "messages": [HELLO]}],
}
RUN = {"thread_id": "thread_a", "assistant_id": "asst_a"}


def test_a_conversation_needs_no_file(mock: MockServer, mine: Api) -> None:
    mock.objects(TALK).objects({"runs": [RUN | {"id": "run_a", "status": "completed"}]})

    assert mine.get("/v1/threads/thread_a/runs/run_a").json["status"] == "completed"
    assert len(mine.get("/v1/threads/thread_a/messages").json["data"]) == 2


def test_a_run_may_stand_in_another_file_than_its_thread(
    mock: MockServer, mine: Api, tmp_path: Path
) -> None:
    stub = '{"name": "%s", "when": {"operation": "%s"}, "then": {"text": "%s"}}'
    (tmp_path / "a.json").write_text(
        json.dumps({"objects": {"assistants": TALK["assistants"], "threads": TALK["threads"]}})
    )
    (tmp_path / "b.yaml").write_text(
        "objects:\n  runs: [{id: run_a, thread_id: thread_b, assistant_id: asst_a}]\n"
        f"  threads: [{{id: thread_b, messages: [{json.dumps(HELLO)}]}}]\n"
        f"stubs:\n  - {stub % ('first', 'listModels', 'b')}\n"
    )
    (tmp_path / "c.yaml").write_text(
        "objects:\n  runs: [{id: run_b, thread_id: thread_a, assistant_id: asst_a}]\n"
        f"stubs:\n  - {stub % ('second', 'listModels', 'c')}\n"
    )
    (tmp_path / "a.yaml").write_text(
        "objects:\n  runs: [{id: run_c, thread_id: thread_c, assistant_id: asst_a}]\n"
    )
    (tmp_path / "z.yaml").write_text(
        f"objects: {{threads: [{{id: thread_c, messages: [{json.dumps(HELLO)}]}}]}}"
    )

    mock.load(tmp_path)

    state = mock.state()
    assert {one["id"] for one in state["runs"]} == {"run_a", "run_b", "run_c"}
    assert mine.get("/v1/models").body == b"b"
    assert mock.requests()[0].decided_by == f"first ({tmp_path / 'b.yaml'}:5)"


def test_a_reset_keeps_a_run_of_a_thread_that_a_request_has_made(
    mock: MockServer, mine: Api
) -> None:
    thread = mine.post("/v1/threads", {"messages": [HELLO]}).json["id"]
    mock.objects({"assistants": TALK["assistants"]})
    mock.objects({"runs": [RUN | {"id": "run_a", "thread_id": thread}]}).keep()
    kept = mock.state()
    mine.get(f"/v1/threads/{thread}/runs/run_a")
    assert mock.state() != kept

    for _ in range(2):
        mock.reset()
        assert mock.state() == kept


def test_one_key_may_accept_any_model(mock: MockServer, mine: Api) -> None:
    mock.configure(any_model=True).objects({"assistants": [{"model": "mine"}]})

    assert create(mine, model="mine too") == 200
    assert mine.get("/v1/models/mine").status == 200
    with mock.another() as other:
        assert create(Api(other.url, other.api_key), model="mine") == 400
        other.forget()
    mock.reset()
    assert create(mine, model="mine") == 200
    mock.configure(any_model=False)
    assert create(mine, model="mine") == 400


def test_a_reset_comes_back_to_what_was_kept(mock: MockServer, mine: Api, tmp_path: Path) -> None:
    file = tmp_path / "f.yaml"
    file.write_text("stubs: [{when: {body: {name: Ada}}, then: {body: {description: kept}}}]")
    mock.load(file).fault("overloaded", on="listModels", times=1)
    made = mine.create(name="Eve")
    mock.keep()
    for _ in range(2):
        mine.delete(f"/v1/assistants/{made['id']}")
        mock.stub({"fault": "conflict"})
        mock.reset()

        assert mock.counts() == {}
        assert mine.get(f"/v1/assistants/{made['id']}").json == made
        assert mine.create(name="Ada")["description"] == "kept"
        assert [mine.get("/v1/models").status for _ in range(2)] == [503, 200]
    mock.forget()
    mock.reset()
    assert mine.get("/v1/assistants").json["data"] == []
