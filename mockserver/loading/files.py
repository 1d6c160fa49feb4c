"""Loads fixture files: all of them, or none if any has a problem."""

import contextlib
from collections.abc import Iterable, Sequence
from glob import glob, has_magic
from pathlib import Path

from mockserver.api.shared.known_models import Models
from mockserver.loading.compile import Fixtures, compile_document
from mockserver.loading.initial_objects import InitialObject
from mockserver.loading.read_document import read
from mockserver.problems import FixtureError, Problem
from mockserver.stubs.stub import Stub

SUFFIXES = (".yaml", ".yml", ".json")
_SUFFIX_LIST = " or ".join(SUFFIXES)


def load(paths: Sequence[str], models: Models) -> Fixtures:
    """Return the fixtures in files, folders and globs.

    Raises:
        FixtureError: with every problem of every file.
    """
    problems: list[Problem] = []
    stubs: list[Stub] = []
    objects: list[InitialObject] = []
    for file in _files(paths, problems):
        try:
            document = read(file.read_bytes(), str(file), as_json=file.suffix == ".json")
            loaded = compile_document(document, models)
        except OSError as error:
            problems.append(
                Problem(str(file), 0, "", error.strerror or str(error), "make the file readable")
            )
        except FixtureError as error:
            problems.extend(error.problems)
        else:
            stubs.extend(loaded.stubs)
            objects.extend(loaded.objects)
    if problems:
        raise FixtureError(problems)
    return Fixtures(tuple(stubs), tuple(objects))


def stamp(paths: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Return the modification time, in nanoseconds, and the size, in bytes, of each file.

    Two stamps differ if a file changed, appeared or disappeared.
    """
    stamps = {}
    for file in _files(paths, []):
        with contextlib.suppress(OSError):
            state = file.stat()
            stamps[str(file)] = (state.st_mtime_ns, state.st_size)
    return stamps


def _files(paths: Iterable[str], problems: list[Problem]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        # Not Path.glob, which does not accept an absolute pattern.
        matches = sorted(glob(path, recursive=True)) if has_magic(path) else [path]  # noqa: PTH207
        if not matches:
            problems.append(
                Problem(path, 0, "", "no file matches the pattern", "correct the pattern")
            )
        for match in map(Path, matches):
            found.extend(_in_folder(match, problems) if match.is_dir() else [match])
    for file in found:
        if not file.exists():
            problems.append(Problem(str(file), 0, "", "no such file", "correct the path"))
        elif file.suffix not in SUFFIXES:
            problems.append(
                Problem(
                    str(file), 0, "", "not a fixture file", f"rename it to end in {_SUFFIX_LIST}"
                )
            )
    return [file for file in dict.fromkeys(found) if file.exists() and file.suffix in SUFFIXES]


def _in_folder(folder: Path, problems: list[Problem]) -> list[Path]:
    """Return the fixture files in a folder and its subfolders.

    Links to files outside the folder are reported.
    """
    inside = folder.resolve()
    files = sorted(file for file in folder.rglob("*") if file.suffix in SUFFIXES and file.is_file())
    if not files:
        problems.append(
            Problem(
                str(folder), 0, "", "no fixture files in this folder", f"add a {_SUFFIX_LIST} file"
            )
        )
    outside = [file for file in files if not file.resolve().is_relative_to(inside)]
    problems.extend(
        Problem(str(file), 0, "", "the link leads outside its folder", "pass the file itself")
        for file in outside
    )
    return [file for file in files if file not in outside]
