"""A resource: what every kind of object can do, here those of a made-up kind with a parent."""

import json
from typing import Any

import pytest

from mockserver.api.shared.call import Call
from mockserver.api.shared.errors import ApiError
from mockserver.api.shared.known_models import shipped
from mockserver.api.shared.pagination import ListQuery
from mockserver.api.shared.resource import Resource
from mockserver.api.shared.results import Object
from mockserver.http import json_codec
from mockserver.state.changes import Put, commit
from mockserver.state.namespace import Namespace


def without_secret(record: Object) -> Object:
    return {name: value for name, value in record.items() if name != "secret"}


PAGES = Resource(
    kind="pages",
    prefix="page",
    path_id="page_id",
    not_found="assistant_not_found",
    deleted="page.deleted",
    defaults={"title": "untitled"},
    view=without_secret,
    parent="book_id",
)


@pytest.fixture
def namespace() -> Namespace:
    return Namespace(0, "frozen")


def call(namespace: Namespace, query: Any = None, **path_ids: str) -> Call[Any, Any]:
    return Call(namespace, shipped(), {"book_id": "book_1", **path_ids}, None, query)


def keep(namespace: Namespace, **record: Any) -> None:
    collection = PAGES.collection(call(namespace))
    commit(namespace, [Put(collection, record["id"], 1, json_codec.dumps(record))])


def test_a_retrieve_shows_the_view_of_a_record(namespace: Namespace) -> None:
    keep(namespace, id="page_1", secret="x")

    assert PAGES.retrieve(call(namespace, page_id="page_1")).value == {"id": "page_1"}


def test_a_list_shows_the_view_of_each_record(namespace: Namespace) -> None:
    keep(namespace, id="page_1", secret="x")
    keep(namespace, id="page_2", secret="y")
    value = PAGES.list(call(namespace, ListQuery())).value

    assert isinstance(value, bytes)
    assert json.loads(value)["data"] == [{"id": "page_2"}, {"id": "page_1"}]


def test_a_record_has_its_defaults_and_all_its_fields(namespace: Namespace) -> None:
    keep(namespace, id="page_1", secret="x")

    assert PAGES.record(call(namespace, page_id="page_1")) == {
        "id": "page_1",
        "secret": "x",
        "title": "untitled",
    }


def test_another_parents_objects_are_not_found(namespace: Namespace) -> None:
    keep(namespace, id="page_1")

    with pytest.raises(ApiError, match="page_1"):
        PAGES.find(call(namespace, book_id="book_2", page_id="page_1"))


def test_a_delete_stages_the_end_of_an_object_and_changes_nothing_yet(
    namespace: Namespace,
) -> None:
    keep(namespace, id="page_1")
    result = PAGES.delete(call(namespace, page_id="page_1"))

    assert result.value == {"id": "page_1", "object": "page.deleted", "deleted": True}
    assert PAGES.find(call(namespace, page_id="page_1"))
    commit(namespace, result.changes)
    with pytest.raises(ApiError):
        PAGES.find(call(namespace, page_id="page_1"))


def test_a_new_record_is_to_be_kept_where_it_belongs(namespace: Namespace) -> None:
    result = PAGES.created(call(namespace), {"id": "page_1"})

    assert result.saved_in is namespace.collection("pages", "book_1")
    assert result.creates
    assert not PAGES.modified(call(namespace), {"id": "page_1"}).creates
