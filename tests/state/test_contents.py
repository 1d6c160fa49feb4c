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
    changes: list[Change] = [Put(uploads, "upload_1", 0, b"{}"), PutContent("upload_1", b"x")]
    for number in range(3):
        part_id = f"part_{number}"
        changes += [Put(parts, part_id, 0, b"{}"), PutContent(part_id, b"y" * 10)]
    commit(namespace, changes)
    assert namespace.contents.size == 31

    commit(namespace, [Delete(parts, "part_0")])
    assert namespace.contents.size == 21

    commit(namespace, [Delete(uploads, "upload_1")])
    assert namespace.contents.size == 0


def test_a_cleared_namespace_has_no_contents() -> None:
    namespace = Namespace(0, "frozen")
    namespace.contents.put("file-1", b"x")

    namespace.clear()

    assert namespace.contents.size == 0
