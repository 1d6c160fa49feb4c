"""Recognises mockserver's own data files, which are no fixture files."""

from collections.abc import Sequence
from pathlib import Path

from mockserver import shipped_data
from mockserver.problems import Problem

OWN_DATA = ("errors.yaml", "faults.yaml", "models.yaml")
"""The names of data files in `fixtures/` beside the package."""


def without_own_data(files: Sequence[Path], problems: list[Problem]) -> list[Path]:
    """Return files that are not in a folder with mockserver's own data; each such is a problem.

    The folder of its checkout has the name that many projects give to their fixtures.
    """
    folders = {file.parent for file in files if _is_own_data(file)}
    for folder in sorted(folders):
        what = "this folder has mockserver's own data, such as errors.yaml, and not your fixtures"
        remedy = f"pass another folder, such as {folder / 'examples'}"
        problems.append(Problem(str(folder), 0, "", what, remedy))
    return [file for file in files if folders.isdisjoint(file.parents)]


def _is_own_data(file: Path) -> bool:
    """Return whether a file is one of our data files, by its head."""
    return file.name in OWN_DATA and _head(file) == _head(
        shipped_data.fixtures_folder() / file.name
    )


def _head(file: Path) -> bytes:
    """Return the first line, a comment that says what the file is; none if it cannot be read."""
    try:
        with file.open("rb") as opened:
            return opened.readline(200)
    except OSError:
        return b""
