"""Contents: what they take together, and that they go with their objects."""

from mockserver.state.changes import Change, Delete, Put, PutContent, commit
from mockserver.state.contents import Contents
from mockserver.state.namespace import Namespace


def test_contents_are_counted_while_they_are_kept() -> None:
    contents = Contents(limit=100)

    contents.put("file-1", b"x" * 10)
    contents.put("file-2", b"y" * 20)
    contents.put("file-1", b"z" * 5)  # in the place of the first
    assert (contents.size, contents.get("file-1")) == (25, b"z" * 5)

    contents.drop("file-1")
    contents.drop("file-1")
    assert (contents.size, contents.get("file-1")) == (20, None)

    contents.clear()
    assert (contents.size, contents.get("file-2")) == (0, None)


def test_a_content_goes_with_its_object_and_with_its_parent() -> None:
    namespace = Namespace(0, "frozen")
    uploads, parts = namespace.collection("uploads"), namespace.collection("parts", "upload_1")
    changes: list[Change] = [
        Put(uploads, "upload_1", 0, b"{}"),
        PutContent(uploads, "upload_1", b"x"),
    ]
    for number in range(3):
        part_id = f"part_{number}"
        changes += [Put(parts, part_id, 0, b"{}"), PutContent(parts, part_id, b"y" * 10)]
    commit(namespace, changes)
    assert namespace.contents.size == 31

    commit(namespace, [Delete(parts, "part_0")])
    assert namespace.contents.size == 21

    commit(namespace, [Delete(uploads, "upload_1")])
    assert namespace.contents.size == 0


def test_a_content_stays_when_another_object_of_its_id_goes() -> None:
    namespace = Namespace(0, "frozen")
    files, stores = namespace.collection("files"), namespace.collection("vector_stores")
    in_store = namespace.collection("vector_store_files", "vs_1")
    commit(namespace, [Put(files, "file-1", 0, b"{}"), PutContent(files, "file-1", b"hello")])
    commit(namespace, [Put(stores, "vs_1", 0, b"{}"), Put(in_store, "file-1", 0, b"{}")])

    commit(namespace, [Delete(in_store, "file-1")])
    assert namespace.contents.get("file-1") == b"hello"

    commit(namespace, [Put(in_store, "file-1", 0, b"{}"), Delete(stores, "vs_1")])
    assert namespace.contents.get("file-1") == b"hello"


def test_a_cleared_namespace_has_no_contents() -> None:
    namespace = Namespace(0, "frozen")
    namespace.contents.put("file-1", b"x")

    namespace.clear()

    assert namespace.contents.size == 0
