"""A collection: order, pages and cursors, compared with a simple model."""

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.state.collection import Collection

LETTERS = "abcdefgh"


def collection(*created_at: int) -> Collection:
    """Return a collection of objects a, b, c and so on, created at these seconds."""
    result = Collection()
    for object_id, second in zip(LETTERS, created_at, strict=False):
        result.put(object_id, second, object_id.encode())
    return result


def page(
    of: Collection,
    limit: int = 20,
    *,
    oldest_first: bool = False,
    after: str | None = None,
    before: str | None = None,
) -> tuple[str, bool]:
    ids, has_more = of.page(limit=limit, newest_first=not oldest_first, after=after, before=before)
    return "".join(ids), has_more


def test_pages_are_newest_first() -> None:
    assert page(collection(1, 2, 3)) == ("cba", False)


def test_pages_can_be_oldest_first() -> None:
    assert page(collection(1, 2, 3), oldest_first=True) == ("abc", False)


@pytest.mark.parametrize(
    ("limit", "expected"), [(1, ("c", True)), (2, ("cb", True)), (3, ("cba", False))]
)
def test_there_is_more_only_where_the_limit_excluded_an_object(
    limit: int, expected: tuple[str, bool]
) -> None:
    assert page(collection(1, 2, 3), limit) == expected


def test_an_empty_collection_has_one_empty_page() -> None:
    assert page(collection()) == ("", False)


@pytest.mark.parametrize(
    ("after", "before", "oldest_first", "expected"),
    [
        ("d", None, False, ("cb", True)),
        ("c", None, False, ("ba", False)),
        ("a", None, False, ("", False)),
        (None, "b", False, ("dc", True)),
        (None, "d", False, ("e", False)),
        (None, "e", False, ("", False)),
        ("e", "a", False, ("dc", True)),
        ("d", "a", False, ("cb", False)),
        ("a", "e", False, ("", False)),
        ("c", "c", False, ("", False)),
        ("b", None, True, ("cd", True)),
        (None, "d", True, ("bc", True)),
        ("a", "e", True, ("bc", True)),
        ("e", "a", True, ("", False)),
    ],
)
def test_a_page_lies_between_its_cursors(
    after: str | None, before: str | None, oldest_first: bool, expected: tuple[str, bool]
) -> None:
    five = collection(1, 2, 3, 4, 5)

    assert page(five, 2, oldest_first=oldest_first, after=after, before=before) == expected


@pytest.mark.parametrize("cursor", [{"after": "x"}, {"before": "x"}])
def test_an_unknown_cursor_is_an_error(cursor: Any) -> None:
    with pytest.raises(KeyError):
        page(collection(1, 2), **cursor)


def test_objects_of_one_second_keep_the_order_of_their_creation() -> None:
    tied = collection(7, 7, 7, 7)

    assert page(tied, 2) == ("dc", True)
    assert page(tied, 2, after="c") == ("ba", False)


def test_time_may_run_backwards_and_below_zero() -> None:
    assert page(collection(5, -3, 0, -3), oldest_first=True) == ("bdca", False)


def test_an_object_that_is_replaced_keeps_its_place() -> None:
    three = collection(1, 1, 1)
    three.put("b", 1, b"new")

    assert page(three) == ("cba", False)
    assert three.get("b") == b"new"
    assert len(three) == 3


def test_an_object_that_is_replaced_at_another_time_moves_there() -> None:
    three = collection(1, 2, 3)
    three.put("a", 9, b"new")

    assert page(three) == ("acb", False)


def test_a_deleted_object_is_gone() -> None:
    three = collection(1, 2, 3)

    assert three.delete("b")
    assert page(three) == ("ca", False)
    assert three.get("b") is None
    assert "b" not in three
    assert not three.delete("b")


def test_an_object_that_comes_back_is_the_newest_of_its_second() -> None:
    three = collection(1, 1, 1)
    three.delete("a")
    three.put("a", 1, b"again")

    assert page(three) == ("acb", False)


def test_a_collection_iterates_from_the_oldest() -> None:
    assert list(collection(3, 1, 2)) == ["b", "c", "a"]


# ── Against a model ──────────────────────────────────────────────────────────────


class Model:
    """A collection that sorts all objects for every page."""

    def __init__(self) -> None:
        self._arrivals = itertools.count()
        self._rows: dict[str, tuple[int, int]] = {}

    def put(self, object_id: str, second: int) -> None:
        if self._rows.get(object_id, (None,))[0] != second:
            self._rows[object_id] = (second, next(self._arrivals))

    def delete(self, object_id: str) -> None:
        self._rows.pop(object_id, None)

    def ids(self, *, newest_first: bool) -> list[str]:
        return sorted(self._rows, key=self._rows.__getitem__, reverse=newest_first)

    def page(
        self, limit: int, newest_first: bool, after: str | None, before: str | None
    ) -> tuple[list[str], bool]:
        ids = self.ids(newest_first=newest_first)
        first = 0 if after is None else ids.index(after) + 1
        last = len(ids) if before is None else ids.index(before)
        window = ids[first:last]
        ends_at_before = before is not None and after is None
        return window[-limit:] if ends_at_before else window[:limit], len(window) > limit


Change = tuple[str, int | None]
"""An object is put at this second, or deleted."""

CHANGES: st.SearchStrategy[list[Change]] = st.lists(
    st.tuples(st.sampled_from(LETTERS), st.none() | st.integers(-3, 3)), max_size=30
)
SIZES = st.integers(1, 10)


def both(changes: list[Change]) -> tuple[Collection, Model]:
    real, model = Collection(), Model()
    for object_id, second in changes:
        if second is None:
            real.delete(object_id)
            model.delete(object_id)
        else:
            real.put(object_id, second, b"")
            model.put(object_id, second)
    return real, model


@given(CHANGES, SIZES, st.booleans(), st.data())
def test_every_page_is_the_one_of_the_model(
    changes: list[Change], limit: int, newest_first: bool, data: st.DataObject
) -> None:
    real, model = both(changes)
    cursors = st.none() | st.sampled_from(ids) if (ids := list(real)) else st.none()
    after, before = data.draw(cursors, "after"), data.draw(cursors, "before")

    assert real.page(
        limit=limit, newest_first=newest_first, after=after, before=before
    ) == model.page(limit, newest_first, after, before)


@given(CHANGES, SIZES, st.booleans())
def test_a_walk_forwards_meets_every_object_once_in_order(
    changes: list[Change], limit: int, newest_first: bool
) -> None:
    real, model = both(changes)
    met: list[str] = []
    has_more = True
    while has_more:
        ids, has_more = real.page(
            limit=limit, newest_first=newest_first, after=met[-1] if met else None
        )
        assert len(ids) == limit or not has_more
        met += ids

    assert met == model.ids(newest_first=newest_first)


@given(CHANGES, SIZES, st.booleans())
def test_a_walk_backwards_meets_every_object_once_in_order(
    changes: list[Change], limit: int, newest_first: bool
) -> None:
    real, model = both(changes)
    expected = model.ids(newest_first=newest_first)
    met = expected[-1:]
    has_more = bool(met)
    while has_more:
        ids, has_more = real.page(limit=limit, newest_first=newest_first, before=met[0])
        assert len(ids) == limit or not has_more
        met = ids + met

    assert met == expected
