"""`DELETE /v1/assistants/{id}`."""

from tests.support import Api


def test_it_returns_the_bytes_of_the_service(api: Api) -> None:
    id_ = api.create()["id"]

    reply = api.delete(f"/v1/assistants/{id_}")

    assert reply.status == 200
    assert reply.body.decode() == (
        f'{{\n  "id": "{id_}",\n  "object": "assistant.deleted",\n  "deleted": true\n}}'
    )


def test_a_deleted_assistant_cannot_be_retrieved(api: Api) -> None:
    id_ = api.create()["id"]
    api.delete(f"/v1/assistants/{id_}")

    reply = api.get(f"/v1/assistants/{id_}")

    assert reply.status == 404
    assert reply.error["message"] == f"No assistant found with id '{id_}'."


def test_a_deleted_assistant_can_be_neither_modified_nor_deleted(api: Api) -> None:
    path = f"/v1/assistants/{api.create()['id']}"
    api.delete(path)

    assert api.post(path, {"name": "x"}).status == 404
    assert api.delete(path).status == 404


def test_a_deleted_assistant_is_not_listed(api: Api) -> None:
    kept, gone = api.create(name="kept"), api.create(name="gone")

    api.delete(f"/v1/assistants/{gone['id']}")

    assert api.get("/v1/assistants").json["data"] == [kept]


def test_an_id_is_not_used_a_second_time(api: Api) -> None:
    first = api.create(name="same")
    api.delete(f"/v1/assistants/{first['id']}")

    assert api.create(name="same")["id"] != first["id"]
