"""The journal: bounded, newest first, and closed where a response takes time."""

from collections.abc import Iterable
from typing import Any

from mockserver.verification.journal import HEADERS_BYTES, Journal, JournalEntry, content_bytes


def entry(number: int, **fields: Any) -> JournalEntry:
    values = {"body": b"", "response": b"", "completed": None, **fields}
    size = content_bytes(values["body"], values["response"], None)
    return JournalEntry(
        number=number,
        time=0,
        method="GET",
        path="/",
        query="",
        operation=None,
        key=None,
        request_headers={},
        status=200,
        response_headers={},
        decided_by="default",
        matched=False,
        skipped=(),
        fault=None,
        size=size,
        **values,
    )


def journal(limit: int, *numbers: int) -> Journal:
    filled = Journal(limit)
    for number in numbers:
        filled.add(entry(number))
    return filled


def test_the_newest_entries_are_kept_and_come_first() -> None:
    assert [one.number for one in journal(2, 1, 2, 3)] == [3, 2]


def test_an_entry_is_closed_wherever_it_stands() -> None:
    for number in (3, 5, 9):
        mine = journal(10, 3, 5, 9)
        mine.close(number, completed=False, response=b"sent")

        closed = [one.number for one in mine if one.completed is False]
        assert closed == [number]
        assert next(one for one in mine if one.number == number).response == b"sent"


def test_an_entry_that_is_no_longer_kept_is_not_missed() -> None:
    for number in (1, 4, 10):
        mine = journal(3, 3, 5, 9)
        mine.close(number, completed=True)

        assert {one.completed for one in mine} == {None}


def test_without_room_nothing_is_kept_but_counted() -> None:
    mine = journal(0, 1)
    mine.count("createAssistant")

    assert (len(mine), mine.keeps_entries, mine.calls) == (0, False, {"createAssistant": 1})


def whole(entries: Iterable[JournalEntry]) -> list[int]:
    """Return the numbers of the entries that have their bodies and headers."""
    return [one.number for one in entries if one.body is not None]


def test_the_oldest_bodies_are_let_go_where_all_together_are_too_many() -> None:
    mine = Journal(limit=10, max_bytes=3 * (HEADERS_BYTES + 1000))
    for number in range(5):
        mine.add(entry(number, body=b"x" * 400, response=b"y" * 600))

    assert [one.number for one in mine] == [4, 3, 2, 1, 0]
    assert whole(mine) == [4, 3, 2]
    oldest = list(mine)[-1]
    assert (oldest.body, oldest.response, oldest.request_headers) == (None, None, None)


def test_what_was_dropped_for_its_number_leaves_its_room() -> None:
    mine = Journal(limit=2, max_bytes=2 * (HEADERS_BYTES + 1000))
    for number in range(50):
        mine.add(entry(number, body=b"x" * 1000))

    assert whole(mine) == [49, 48]


def test_an_entry_without_its_bodies_is_the_first_to_be_dropped() -> None:
    mine = Journal(limit=3, max_bytes=HEADERS_BYTES + 1000)
    for number in range(4):
        mine.add(entry(number, body=b"x" * 1000))

    assert [one.number for one in mine] == [3, 2, 1]
    assert whole(mine) == [3]


def test_a_body_that_is_too_large_by_itself_is_let_go_alone() -> None:
    mine = Journal(limit=10, max_bytes=HEADERS_BYTES + 1000)
    mine.add(entry(1, body=b"x" * 1001))
    mine.add(entry(2, body=b"x" * 1000))

    assert whole(mine) == [2]


def test_a_stream_counts_when_it_has_ended() -> None:
    mine = Journal(limit=10, max_bytes=2 * HEADERS_BYTES + 1000)
    mine.add(entry(1))
    mine.add(entry(2))
    mine.close(2, completed=True, response=b"x" * 1001)
    mine.close(1, completed=False, response=b"too late")

    assert whole(mine) == [2]
    assert [(one.completed, one.response) for one in mine][1] == (False, None)


def test_what_was_not_expected_is_kept_within_the_same_room() -> None:
    mine = Journal(limit=10, max_bytes=4 * (HEADERS_BYTES + 1000))
    for number in range(5):
        one = entry(number, body=b"x" * 1000)
        mine.add(one)
        mine.add_unexpected(one)

    assert whole(mine.unexpected) == [0, 1, 2, 3]
    assert len(mine.unexpected) == 5
    assert whole(mine) == []
    mine.clear()
    mine.add(entry(9, body=b"x" * 1000))
    assert (whole(mine), mine.unexpected) == ([9], [])
