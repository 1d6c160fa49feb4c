"""What the server says on standard error, as text and as JSON."""

import contextlib
import io
import json
import logging
import sys
from datetime import UTC, datetime, timedelta
from typing import Any, TextIO, cast

import pytest

from mockserver import messages


class Gone(io.StringIO):
    """A standard error whose reader has gone."""

    def write(self, text: str) -> int:
        raise BrokenPipeError


def test_a_message_is_a_line_of_text(capsys: pytest.CaptureFixture[str]) -> None:
    messages.teller(as_json=False)("warning", "mockserver: watch out")

    assert capsys.readouterr().err == "mockserver: watch out\n"


def test_a_message_is_a_line_of_json_however_long_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    messages.teller(as_json=True)("error", "mockserver: Traceback:\n  é\n")

    written = capsys.readouterr().err
    assert written.count("\n") == 1
    line = json.loads(written)
    assert (line["level"], line["message"]) == ("error", "Traceback:\n  é")
    age = datetime.now(UTC) - datetime.fromisoformat(line["time"])
    assert timedelta() <= age < timedelta(minutes=1)


@pytest.mark.parametrize("as_json", [True, False])
def test_a_reader_that_has_gone_harms_nobody(
    as_json: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stderr", Gone())

    messages.teller(as_json=as_json)("info", "is anybody there?")


def said_to_json_lines(*writes: Any) -> list[str]:
    """Return the messages that come out where functions write to a standard error of JSON lines."""
    written = io.StringIO()
    with contextlib.redirect_stderr(cast("TextIO", messages.JsonLines(written))):
        for write in writes:
            write()
    return [json.loads(line)["message"] for line in written.getvalue().splitlines()]


def test_what_others_print_is_json() -> None:
    assert said_to_json_lines(
        lambda: print("mockserver: one", file=sys.stderr),
        lambda: print("two\nlines", file=sys.stderr),
        lambda: print(file=sys.stderr),
        lambda: logging.StreamHandler().emit(logging.makeLogRecord({"msg": "logged"})),
        lambda: messages.teller(as_json=True)("info", "told"),
    ) == ["one", "two\nlines", "logged", "told"]


def test_tracebacks_are_json() -> None:
    def fail() -> None:
        try:
            _ = 1 / 0
        except ZeroDivisionError as error:
            sys.__excepthook__(ZeroDivisionError, error, error.__traceback__)

    said = said_to_json_lines(fail)

    assert said[0].startswith("Traceback (most recent call last):")
    assert said[-1].endswith("ZeroDivisionError: division by zero")
