"""Finds fixture files by path, folder and glob."""

import os
import stat
from collections.abc import Iterable, Iterator
from glob import escape, glob, has_magic
from pathlib import Path

from mockserver.loading.own_data import without_own_data
from mockserver.problems import Problem

SUFFIXES = (".yaml", ".yml", ".json")
"""The ends of the names of fixture files, in lower or upper case."""

_SUFFIX_LIST = " or ".join(SUFFIXES)


def find_files(paths: Iterable[str], problems: list[Problem]) -> list[Path]:
    """Return the fixture files at paths, each file once, by whatever name it is found first.

    A path that exists is a file or a folder, whatever signs are in its name; any other may be a
    glob. In folders and globs, names that begin with a dot are skipped. Problems are appended.
    """
    found: dict[str, Path] = {}
    for path in paths:
        for file in _files_at(path, problems):
            found.setdefault(os.path.realpath(file), file)
    return without_own_data(list(found.values()), problems)


def is_there(path: str) -> bool:
    """Return whether a path is that of a file or a folder, or a glob that matches one."""
    return os.path.lexists(path) or bool(has_magic(path) and _glob(_pattern(path)))


def is_json(file: Path) -> bool:
    """Return whether a file is JSON; any other fixture file is YAML."""
    return file.suffix.lower() == ".json"


def unreadable(path: str, error: OSError | ValueError, rights: str = "r") -> Problem:
    """Return the problem of a file or a folder that cannot be read; `rights` are those it lacks."""
    reason = getattr(error, "strerror", None) or str(error)
    remedy = "correct the path"
    if isinstance(error, PermissionError):
        remedy = f"let this user read it, for instance with chmod a+{rights}"
    return Problem(path, 0, "", f"cannot be read: {reason}", remedy)


def _not_reached(path: str, error: OSError | ValueError) -> Problem:
    """Return the problem of a path that cannot be looked at, or of the folder in the way."""
    if isinstance(error, PermissionError):
        for folder in reversed(Path(path).parents):
            if not os.access(folder, os.X_OK, effective_ids=os.access in os.supports_effective_ids):
                return unreadable(str(folder), error, "x")
    return unreadable(path, error)


def _files_at(path: str, problems: list[Problem]) -> Iterator[Path]:
    if not has_magic(path) or os.path.lexists(path):
        yield from _named(path, problems)
        return
    pattern = _pattern(path)
    closed = {problem.source: problem for problem in _closed_folders(pattern)}
    problems.extend(closed.values())
    matches = _glob(pattern)
    if not matches and not closed:
        problems.append(Problem(path, 0, "", "no file matches the pattern", "correct the pattern"))
    for match in matches:
        if match not in closed and str(Path(match).parent) not in closed:
            yield from _named(match, problems)


def _named(path: str, problems: list[Problem]) -> Iterator[Path]:
    """Yield the file at a path, or the files in the folder at it."""
    try:
        mode = os.stat(path).st_mode  # noqa: PTH116  Path("") is the working folder
    except FileNotFoundError:
        is_link = Path(path).is_symlink()
        what = "the link leads to no file" if is_link else "no such file"
        problems.append(Problem(path or "''", 0, "", what, "correct the path"))
        return
    except (OSError, ValueError) as error:
        problems.append(_not_reached(path, error))
        return
    file = Path(path)
    if stat.S_ISDIR(mode):
        yield from _in_folder(file, problems)
    elif not stat.S_ISREG(mode):
        problems.append(Problem(path, 0, "", "not a file", "write its content to a file"))
    elif file.suffix.lower() not in SUFFIXES:
        what, remedy = "not a fixture file", f"rename it to end in {_SUFFIX_LIST}"
        problems.append(Problem(path, 0, "", what, remedy))
    else:
        yield file


def _in_folder(folder: Path, problems: list[Problem]) -> Iterator[Path]:
    """Yield the fixture files in a folder and its subfolders, by name; none is a problem."""
    before, count = len(problems), 0
    for file in _walk(folder, Path(os.path.realpath(folder)), set(), problems):
        count += 1
        yield file
    if not count and len(problems) == before:
        what = "no fixture files in this folder"
        remedy = f"add a {_SUFFIX_LIST} file whose name begins with no dot"
        problems.append(Problem(str(folder), 0, "", what, remedy))


def _walk(folder: Path, root: Path, seen: set[str], problems: list[Problem]) -> Iterator[Path]:
    """Yield the fixture files in a folder; `root` is the real path of the folder at the top.

    Links are followed inside `root`: the folder of a Kubernetes ConfigMap consists of them.
    """
    real = os.path.realpath(folder)
    if real in seen:
        return
    seen.add(real)
    try:
        names = sorted(name for name in _names_in(folder) if not name.startswith("."))
    except OSError as error:
        problems.append(unreadable(str(folder), error, "rx"))
        return
    for path in (folder / name for name in names):
        is_fixture = path.suffix.lower() in SUFFIXES
        is_folder = _is_folder(path)
        if not (is_fixture or is_folder):
            continue
        if not Path(os.path.realpath(path)).is_relative_to(root):
            what, remedy = "the link leads outside its folder", "pass what it leads to itself"
            problems.append(Problem(str(path), 0, "", what, remedy))
        elif is_folder:
            yield from _walk(path, root, seen, problems)
        else:
            yield from _named(str(path), problems)


def _pattern(path: str) -> str:
    """Return a glob in which the folders that exist by the very name are taken literally."""
    parts = Path(path).parts
    for count in range(len(parts) - 1, 0, -1):
        literal = str(Path(*parts[:count]))
        if os.path.lexists(literal):
            return str(Path(escape(literal), *parts[count:]))
    return path


def _closed_folders(pattern: str) -> Iterator[Problem]:
    """Yield a problem for each folder that a glob has to look into, and that this user may not."""
    whole = Path(pattern)
    for folder, below in zip(whole.parents, (whole, *whole.parents), strict=False):
        if not has_magic(below.name):
            continue  # it is entered, and not read
        for place in filter(_is_folder, _glob(str(folder))):
            try:
                _names_in(Path(place))
            except OSError as error:
                yield unreadable(place, error, "rx")


def _names_in(folder: Path) -> list[str]:
    """Return the names in a folder.

    Raises:
        OSError: they cannot be read, or what they name cannot be reached.
    """
    os.stat(f"{folder}{os.sep}.")  # noqa: PTH116  a Path drops the dot
    return os.listdir(folder)  # noqa: PTH208  names alone


def _glob(pattern: str) -> list[str]:
    """Return the paths that a glob matches; `Path.glob` does not accept an absolute pattern."""
    return sorted(glob(pattern, recursive=True))  # noqa: PTH207  an absolute pattern


def _is_folder(path: str | Path) -> bool:
    """Return whether a path is that of a folder; `Path.is_dir` raises where it may not look."""
    return os.path.isdir(path)  # noqa: PTH112  as said
