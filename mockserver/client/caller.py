"""The line of a test that called this package."""

import sys
from contextvars import ContextVar
from os import getcwd

MAX_LENGTH = 200
"""The most characters of a caller that the control API accepts."""

_PACKAGES = ("mockserver", "_mockserver_pytest")


of_awaitable: ContextVar[str | None] = ContextVar("of_awaitable", default=None)
"""The caller of a call that runs in a worker thread."""


def caller() -> str:
    """Return the file and line of the nearest caller outside this package: `tests/test_a.py:12`.

    The path is relative to the working folder where it is below it.
    """
    known = of_awaitable.get()
    if known is not None:
        return known
    frame = sys._getframe(1)
    while frame.f_back and frame.f_globals.get("__name__", "").partition(".")[0] in _PACKAGES:
        frame = frame.f_back
    try:
        here = getcwd().rstrip("/\\")  # noqa: PTH109  blockbuster forbids Path.cwd() to async tests
    except OSError:  # the folder has been deleted
        here = "?"
    file = frame.f_code.co_filename
    if file.startswith((f"{here}/", f"{here}\\")):
        file = file[len(here) + 1 :]
    shown = "".join(c if c.isprintable() else "?" for c in file)
    return f"{shown}:{frame.f_lineno}"[-MAX_LENGTH:]
