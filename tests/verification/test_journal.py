"""The journal: bounded, newest first, and closed where a response takes time."""

from typing import Any

from mockserver.verification.journal import Journal, JournalEntry, JournalHeaders


def entry(number: int, **fields: Any) -> JournalEntry:
    values = {"completed": None, **fields}
    return JournalEntry(
        number, 0, "GET", "/", "", None, None, b"", 200, b"", "default", False, (), None, **values
    )


def journal(limit: int, *numbers: int) -> Journal:
    filled = Journal(limit)
    for number in numbers:
        filled.add(entry(number), JournalHeaders(number, {}, {}))
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
