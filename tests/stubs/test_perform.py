"""The actions of stubs: patches, whole responses, statuses and headers."""

from time import monotonic
from typing import Any

import pytest

from mockserver.stubs.actions.merge import merge
from tests.support import Api, Reply

CREATE = {"operation": "createAssistant"}


def stub(api: Api, then: object, when: object = None, **more: object) -> None:
    reply = api.post(
        "/_mock/stubs", {"when": CREATE if when is None else when, "then": then, **more}
    )
    assert reply.status == 200, reply.body


def create(api: Api, **fields: object) -> Reply:
    return api.post("/v1/assistants", {"model": "gpt-4o", **fields})


def stored(api: Api) -> list[str]:
    return [item["id"] for item in api.get("/v1/assistants").json["data"]]


@pytest.mark.parametrize(
    ("value", "patch", "merged"),
    [
        ({"a": 1}, {"b": 2}, {"a": 1, "b": 2}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 3}}, {"a": {"b": 3, "c": 2}}),
        ({"a": 1}, {"a": None}, {"a": None}),
        ({"a": None}, {"a": {"b": 1}}, {"a": {"b": 1}}),
        ({"a": [1, 2]}, {"a": [3]}, {"a": [3]}),
        ({"a": {"b": 1}}, {"a": 5}, {"a": 5}),
        ({"a": {"b": 1}}, {"a": {}}, {"a": {"b": 1}}),
        ({"a": 1}, {}, {"a": 1}),
    ],
)
def test_a_patch_is_merged_deep(value: Any, patch: Any, merged: Any) -> None:
    assert merge(value, patch) == merged


def test_a_patch_keeps_the_order_of_the_wire_and_puts_new_keys_last(api: Api) -> None:
    plain = list(api.create())
    stub(api, {"body": {"new": 1, "name": "patched", "id": "asst_p"}})

    assert list(create(api).json) == [*plain, "new"]


def test_a_patch_merges_objects_replaces_arrays_and_takes_null_for_a_value(api: Api) -> None:
    stub(api, {"body": {"metadata": {"k": "v"}, "tools": [{"type": "file_search"}], "name": None}})
    made = create(api, name="n", metadata={"a": "b"}, tools=[{"type": "code_interpreter"}]).json

    assert made["metadata"] == {"a": "b", "k": "v"}
    assert made["tools"] == [{"type": "file_search"}]
    assert made["name"] is None


def test_dropped_keys_are_missing(api: Api) -> None:
    stub(api, {"body": {"x": 1}, "drop": ["temperature", "metadata.a", "no.such.thing", "model.x"]})
    made = create(api, metadata={"a": "1", "b": "2"}).json

    assert "temperature" not in made
    assert made["metadata"] == {"b": "2"}
    assert made["x"] == 1


def test_an_item_of_a_list_is_dropped_by_its_number(api: Api) -> None:
    stub(api, {"drop": ["tools[0]", "tools[0].function.description", "tools[9]", "name[0]"]})
    function = {"name": "f", "description": "d"}
    tools = [{"type": "code_interpreter"}, {"type": "function", "function": function}]
    made = create(api, name="Ada", tools=tools).json

    assert [tool["type"] for tool in made["tools"]] == ["function"]
    assert "description" not in made["tools"][0]["function"]
    assert made["name"] == "Ada"


def test_a_path_to_drop_that_is_none_is_refused(api: Api) -> None:
    refused = api.post("/_mock/stubs", {"then": {"drop": ["a..b"]}})

    [error] = refused.json["errors"]
    assert (error["place"], error["what"]) == ("then.drop[0]", 'not a path: "a..b"')


@pytest.mark.parametrize("then", [{"json": {}}, {"text": "x"}, {"body": {}}, {"status": 201}])
def test_a_template_that_a_request_makes_impossible_is_told_in_the_response_and_the_journal(
    api: Api, then: dict[str, Any]
) -> None:
    template = "{{ request.body.name[0] }}"
    [key] = then
    if key == "status":
        then = then | {"headers": {"x-first": template}}
    else:
        then = {key: template if key == "text" else {"first": template}}
    stub(api, then, name="the first")
    reply = create(api, name="Ada")

    assert (reply.status, reply.error["code"]) == (400, "unusable_template")
    assert "the first (the body:1) cannot answer this request: " in reply.error["message"]
    assert 'request.body.name is no list but "Ada"' in reply.error["message"]
    [entry] = api.get("/_mock/requests?limit=1").json["requests"]
    assert entry["response"]["body"]["error"]["code"] == "unusable_template"
    assert create(api).status in (200, 201)


def test_the_response_of_a_patched_create_is_stored(api: Api) -> None:
    stub(api, {"body": {"id": "asst_fixed", "name": "patched"}, "drop": ["top_p"]})
    made = create(api)

    assert api.get("/v1/assistants/asst_fixed").body == made.body
    assert stored(api) == ["asst_fixed"]


def test_a_patched_id_identifies_the_object(api: Api) -> None:
    stub(api, {"body": {"id": "asst_fixed"}})
    create(api)

    assert api.post("/v1/assistants/asst_fixed", {"name": "new"}).json["name"] == "new"
    assert api.get("/v1/assistants/asst_fixed").json["name"] == "new"
    assert api.delete("/v1/assistants/asst_fixed").json["deleted"] is True
    assert api.get("/v1/assistants/asst_fixed").status == 404


def test_a_repeated_fixed_id_replaces_the_object(api: Api) -> None:
    stub(api, {"body": {"id": "asst_fixed"}})
    create(api, name="first")
    create(api, name="second")

    assert stored(api) == ["asst_fixed"]
    assert api.get("/v1/assistants/asst_fixed").json["name"] == "second"


def test_a_patched_modify_is_stored(api: Api) -> None:
    made = api.create()
    stub(api, {"body": {"name": "patched"}}, {"operation": "modifyAssistant"})
    response = api.post(f"/v1/assistants/{made['id']}", {"description": "d"})

    assert response.json["name"] == "patched"
    assert api.get(f"/v1/assistants/{made['id']}").body == response.body


def test_a_patched_get_is_not_stored(api: Api) -> None:
    made = api.create(name="true")
    stub(api, {"body": {"name": "patched"}}, {"operation": "getAssistant"}, times=1)
    path = f"/v1/assistants/{made['id']}"

    assert [api.get(path).json["name"] for _ in range(2)] == ["patched", "true"]


def test_on_a_list_the_page_is_patched_and_its_data_replaced_whole(api: Api) -> None:
    api.create()
    stub(api, {"body": {"data": [{"id": "x"}], "has_more": True}}, {"operation": "listAssistants"})
    page = api.get("/v1/assistants").json

    assert page["data"] == [{"id": "x"}]
    assert page["has_more"] is True
    assert list(page) == ["object", "data", "first_id", "last_id", "has_more"]


def test_a_patch_does_not_apply_to_an_error(api: Api) -> None:
    plain = create(api, temperature=3)
    stub(api, {"body": {"id": "asst_x"}, "status": 202, "headers": {"X-A": "1"}})
    refused = create(api, temperature=3)

    assert (refused.status, refused.body) == (400, plain.body)
    assert "X-A" not in refused.headers
    assert stored(api) == []


def test_status_and_headers_apply_to_the_default_response(api: Api) -> None:
    stub(api, {"status": 202, "headers": {"X-Number": 5, "X-Text": "{{ request.body.model }}"}})
    made = create(api)

    assert made.status == 202
    assert made.headers["X-Number"] == "5"
    assert made.headers["X-Text"] == "gpt-4o"
    assert stored(api) == [made.json["id"]]


def test_a_header_replaces_the_one_of_its_name_in_any_case(api: Api) -> None:
    stub(api, {"json": 1, "headers": {"content-TYPE": "application/problem+json"}})

    assert create(api).headers.get_all("Content-Type") == ["application/problem+json"]


def test_a_header_with_a_list_is_sent_once_for_each_value(api: Api) -> None:
    headers = {"Set-Cookie": ["a=1", "{{ request.method }}=2"], "x-one": ["only"], "x-n": [1, 2]}
    for then in ({"headers": headers}, {"json": 1, "headers": headers}):
        stub(api, then)
        reply = create(api)

        assert reply.headers.get_all("set-cookie") == ["a=1", "POST=2"]
        assert reply.headers.get_all("x-one") == ["only"]
        assert reply.headers.get_all("x-n") == ["1", "2"]
    [entry] = api.get("/_mock/requests?limit=1").json["requests"]
    assert entry["response"]["headers"]["set-cookie"] == ["a=1", "POST=2"]


def test_a_fault_and_a_stream_of_bytes_have_repeated_headers_too(api: Api) -> None:
    for fault in ("overloaded", "slow_body"):
        stub(api, {"fault": fault, "headers": {"set-cookie": ["a=1", "b=2"]}})

        assert create(api).headers.get_all("set-cookie") == ["a=1", "b=2"]


@pytest.mark.parametrize("value", [[], [None], [["a"]], ["a", "b\r\nc: d"]])
def test_a_list_for_a_header_has_at_least_one_text(api: Api, value: object) -> None:
    refused = api.post("/_mock/stubs", {"then": {"headers": {"set-cookie": value}}})

    assert refused.status == 400
    assert "set-cookie" in refused.json["errors"][0]["place"]


def test_a_header_of_null_is_removed(api: Api) -> None:
    stub(api, {"json": 1, "headers": {"content-type": None}})

    assert "application/json" not in (create(api).headers.get_all("Content-Type") or [])


def test_a_line_break_in_a_value_of_the_request_adds_no_header(api: Api) -> None:
    stub(api, {"json": 1, "headers": {"X-Name": "{{ request.body.name }}"}})
    response = create(api, name="a\r\nX-Evil: 1")

    assert response.status == 200
    assert "X-Evil" not in response.headers


@pytest.mark.parametrize("body", [{}, {"model": 5, "nope": 1}, [], {"model": "gpt-nope"}])
@pytest.mark.parametrize(
    ("then", "content", "kind"),
    [
        ({"json": {"a": [1, None]}}, b'{\n  "a": [\n    1,\n    null\n  ]\n}', "application/json"),
        ({"json": None}, b"null", "application/json"),
        ({"text": "plain \U0001f600"}, "plain \U0001f600".encode(), "text/plain; charset=utf-8"),
    ],
)
def test_a_whole_response_applies_to_an_invalid_body_and_stores_nothing(
    api: Api, then: object, content: bytes, kind: str, body: object
) -> None:
    stub(api, then)
    response = api.post("/v1/assistants", body)

    assert (response.status, response.body, response.headers["Content-Type"]) == (
        200,
        content,
        kind,
    )
    assert stored(api) == []


def test_a_whole_response_uses_no_id(api: Api, key: str) -> None:
    plain = Api(api.url, f"{key}-plain").create()
    stub(api, [{"json": 1}, {"fault": "conflict"}, "default"])
    create(api)
    create(api)

    assert create(api).json == plain


@pytest.mark.parametrize("status", [200, 201, 404, 418, 500, 599])
def test_a_whole_response_may_have_any_status(api: Api, status: int) -> None:
    stub(api, {"json": {}, "status": status})

    assert create(api).status == status


@pytest.mark.parametrize("delay", [0.05, "50ms", {"min": "50ms", "max": "60ms"}])
@pytest.mark.parametrize("then", [{"json": 1}, {"body": {}}, {"fault": "conflict"}, {"text": ""}])
def test_a_delay_applies_to_any_response(api: Api, then: dict[str, Any], delay: object) -> None:
    stub(api, then | {"delay": delay})
    started = monotonic()
    response = create(api)

    assert response.status in (200, 409)
    assert monotonic() - started >= 0.049


def test_a_log_normal_delay_ends_with_a_response(api: Api) -> None:
    stub(api, {"delay": {"median": "1ms", "p99": "5ms"}})

    assert create(api).status == 200


def test_a_delay_alone_does_not_change_the_body(api: Api, key: str) -> None:
    plain = create(Api(api.url, f"{key}-plain"))
    stub(api, {"delay": "1ms"})

    assert create(api).body == plain.body


@pytest.mark.parametrize("patch", [{"drop": ["id"]}, {"body": {"id": None, "created_at": "x"}}])
def test_an_object_whose_id_is_patched_away_is_stored_under_its_original_id(
    api: Api, patch: dict[str, Any]
) -> None:
    own = create(api).json["id"]
    api.delete(f"/v1/assistants/{own}")
    stub(api, patch)

    assert create(api).status == 200
    assert len(api.get("/v1/assistants").json["data"]) == 1


def test_a_modify_that_patches_the_id_leaves_no_second_object(api: Api) -> None:
    old = create(api).json["id"]
    stub(api, {"body": {"id": "asst_new"}}, {"operation": "modifyAssistant"})

    assert api.post(f"/v1/assistants/{old}", {"name": "n"}).json["id"] == "asst_new"
    assert stored(api) == ["asst_new"]


def test_a_header_of_every_response_can_be_replaced_and_removed(api: Api) -> None:
    headers = {
        "X-Request-ID": "req_mine",
        "openai-version": None,
        "x-name": "{{ request.body.name }}",
    }
    stub(api, {"headers": headers})

    reply = create(api, name="é😀\0")

    assert reply.headers.get_all("x-request-id") == ["req_mine"]
    assert reply.headers["openai-version"] is None
    assert reply.status == 200


@pytest.mark.parametrize(("value", "text"), [(None, ""), (["a"], '["a"]'), (True, "true")])
def test_a_value_in_a_text_is_written_as_json(api: Api, value: object, text: str) -> None:
    stub(api, {"text": "{{ request.body.requested }}"})

    assert create(api, requested=value).body.decode() == text
