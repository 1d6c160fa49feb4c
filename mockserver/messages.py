"""What the server says on standard error, the access log apart: as text, or as lines of JSON."""

import contextlib
import io
import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Literal, TextIO

from mockserver import real_time

Level = Literal["info", "warning", "error"]

Tell = Callable[[Level, str], None]
"""Says something to whoever reads standard error."""

PREFIX = "mockserver: "
"""What tells our messages, as text, from those of others."""


def teller(*, as_json: bool) -> Tell:
    """Return a function that writes messages as text, or each as one line of JSON."""
    return _tell_json if as_json else _tell_text


def iso_time() -> str:
    """Return the time of the wall clock, such as `2026-08-26T12:00:00.000Z`."""
    now = datetime.fromtimestamp(real_time.wall(), UTC)
    return now.isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def as_line(level: Level, message: str) -> str:
    """Return a message as a line of JSON: its time, its level, and its text without `PREFIX`."""
    line = {"time": iso_time(), "level": level, "message": message.strip().removeprefix(PREFIX)}
    return json.dumps(line, separators=(",", ":")) + "\n"


class JsonLines(io.TextIOBase):
    """A standard error that writes as JSON what others write on it: warnings, tracebacks, logs.

    `stream` takes the lines.
    """

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self._begun = ""

    def write(self, text: str) -> int:
        """Write what makes whole lines as one message; keep the beginning of another line."""
        self._begun += text
        if self._begun.endswith("\n"):
            message, self._begun = self._begun, ""
            if message.strip():
                self.stream.write(as_line("warning", message))
        return len(text)

    def flush(self) -> None:
        """Flush the stream; the beginning of a line still waits for its end."""
        self.stream.flush()

    def fileno(self) -> int:
        """Return the file descriptor of the stream."""
        return self.stream.fileno()


def standard_error() -> TextIO:
    """Return the stream that takes lines which have their form already."""
    return sys.stderr.stream if isinstance(sys.stderr, JsonLines) else sys.stderr


def _tell_text(level: Level, message: str) -> None:
    _write(message.rstrip("\n") + "\n")


def _tell_json(level: Level, message: str) -> None:
    _write(as_line(level, message))


def _write(line: str) -> None:
    with contextlib.suppress(OSError, ValueError):  # its reader has gone; the server goes on
        stream = standard_error()
        stream.write(line)
        stream.flush()
