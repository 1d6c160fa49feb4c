"""`GET /v1/assistants`: the page and its layout."""

import json
from dataclasses import replace

from tests.support import Api


def test_an_empty_list_has_null_ids(api: Api) -> None:
    reply = api.get("/v1/assistants")

    assert reply.status == 200
    assert reply.headers["Content-Type"] == "application/json"
    assert reply.body.decode() == (
        '{\n  "object": "list",\n  "data": [],\n  "first_id": null,\n'
        '  "last_id": null,\n  "has_more": false\n}'
    )


def test_the_page_names_its_first_and_last_object(api: Api) -> None:
    old, middle, new = [api.create(name=name) for name in "abc"]

    page = api.get("/v1/assistants").json

    assert list(page) == ["object", "data", "first_id", "last_id", "has_more"]
    assert page == {
        "object": "list",
        "data": [new, middle, old],
        "first_id": new["id"],
        "last_id": old["id"],
        "has_more": False,
    }


def test_a_page_has_the_layout_of_one_json_value(api: Api) -> None:
    api.create(name="line\nbreak ñ", tools=[{"type": "file_search"}], temperature=1e-7)
    api.create(metadata={"a": "{}", "b": "[\n]"})

    reply = api.get("/v1/assistants")

    assert reply.body == json.dumps(reply.json, indent=2, ensure_ascii=False).encode()
    assert b'"temperature": 1e-07' in reply.body


def test_a_page_has_twenty_assistants_by_default(api: Api) -> None:
    created = [api.create(name=str(n))["id"] for n in range(21)]

    page = api.get("/v1/assistants").json

    assert [item["id"] for item in page["data"]] == created[:0:-1]
    assert page["has_more"] is True


def test_a_modified_assistant_keeps_its_place_in_the_list(api: Api) -> None:
    first, second = api.create(name="a"), api.create(name="b")

    api.post(f"/v1/assistants/{first['id']}", {"name": "changed"})

    data = api.get("/v1/assistants").json["data"]
    assert data == [second, first | {"name": "changed"}]


def test_another_key_has_a_list_of_its_own(api: Api) -> None:
    api.create()

    assert replace(api, key=f"{api.key}-other").get("/v1/assistants").json["data"] == []
