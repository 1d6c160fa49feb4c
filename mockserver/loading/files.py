"""Loads fixture files: all of them, or none if any has a problem."""

import contextlib
import gc
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from mockserver.api.shared.known_models import Models
from mockserver.loading.compile import Fixtures, compile_sound
from mockserver.loading.find_files import find_files
from mockserver.loading.objects.initial_object import InitialObject
from mockserver.loading.read_files import read_files
from mockserver.problems import FixtureError, Problem


@contextlib.contextmanager
def garbage_kept() -> Iterator[None]:
    """Suspend the garbage collector: what is loaded stays, and to walk it takes twice the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def load(paths: Sequence[str], models: Models) -> Fixtures:
    """Return the fixtures in files, folders and globs.

    Raises:
        FixtureError: with every problem of every file.
    """
    fixtures, problems = load_sound(paths, models)
    if problems:
        raise FixtureError(problems, fixtures.included)
    return fixtures


@garbage_kept()
def load_sound(paths: Sequence[str], models: Models) -> tuple[Fixtures, list[Problem]]:
    """Return the fixtures in files, folders and globs that have no problem, and the problems."""
    problems: list[Problem] = []
    files = read_files(paths, problems)
    loaded, wrong = compile_sound(files.documents, models)
    fixtures = Fixtures(loaded.stubs, tuple(_distinct(loaded.objects)), files.included)
    return fixtures, list(dict.fromkeys((*problems, *wrong)))


def _distinct(objects: Sequence[InitialObject]) -> Iterator[InitialObject]:
    """Yield the objects; those that are written alike in several files get ids of their own."""
    alike: Counter[bytes] = Counter()
    for one in objects:
        copies = alike[one.source]
        alike[one.source] += 1
        yield replace(one, source=b"%b\n%d" % (one.source, copies)) if copies else one


def stamp(paths: Sequence[str], included: Sequence[Path] = ()) -> dict[str, tuple[int, ...]]:
    """Return the times of change, in nanoseconds, and the size, in bytes, of each file.

    `included` are the files whose content the fixture files use. Two stamps differ if a file
    changed, appeared or disappeared, or became readable.
    """
    problems: list[Problem] = []
    stamps: dict[str, tuple[int, ...]] = {}
    for file in (*find_files(paths, problems), *included):
        with contextlib.suppress(OSError):
            state = file.stat()
            stamps[str(file)] = (state.st_mtime_ns, state.st_ctime_ns, state.st_size)
    return stamps | {str(problem): () for problem in problems}
