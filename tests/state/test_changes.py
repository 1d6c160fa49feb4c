"""Changes that belong together, and objects that belong to other objects."""

from mockserver.state.changes import Delete, Put, commit
from mockserver.state.namespace import Namespace


def namespace() -> Namespace:
    return Namespace(0, "frozen")


def test_changes_are_made_in_their_order() -> None:
    mine = namespace()
    things = mine.collection("things")

    commit(mine, [Put(things, "a", 1, b"1"), Put(things, "b", 1, b"2"), Delete(things, "a")])

    assert list(things) == ["b"]


def test_a_put_of_an_id_that_is_there_replaces_it() -> None:
    mine = namespace()
    things = mine.collection("things")

    commit(mine, [Put(things, "a", 1, b"1"), Put(things, "a", 1, b"2")])

    assert things.get("a") == b"2"


def test_a_delete_of_nothing_changes_nothing() -> None:
    mine = namespace()

    commit(mine, [Delete(mine.collection("things"), "a")])

    assert list(mine.collection("things")) == []


def test_each_parent_has_a_collection_of_its_own() -> None:
    mine = namespace()
    one, other = mine.collection("messages", "thread_1"), mine.collection("messages", "thread_2")

    commit(mine, [Put(one, "msg_1", 1, b"{}")])

    assert (list(one), list(other)) == (["msg_1"], [])
    assert mine.collection("messages", "thread_1") is one


def test_what_belongs_to_an_object_goes_with_it() -> None:
    mine = namespace()
    threads = mine.collection("threads")
    for thread in ("thread_1", "thread_2"):
        commit(
            mine,
            [
                Put(threads, thread, 1, b"{}"),
                Put(mine.collection("messages", thread), "msg_1", 1, b"{}"),
            ],
        )

    commit(mine, [Delete(threads, "thread_1")])

    assert list(mine.collection("messages", "thread_1")) == []
    assert list(mine.collection("messages", "thread_2")) == ["msg_1"]
