"""Checks fixture files: their problems and warnings, in the order of their lines."""

from collections.abc import Sequence
from typing import NamedTuple

from mockserver.api.shared.known_models import Models
from mockserver.loading.files import garbage_kept, load_sound
from mockserver.loading.lint import lint


class Checked(NamedTuple):
    """The result of a check: `messages` has the problems and warnings, each with its line.

    The numbers are those of the stubs and objects without a problem.
    """

    messages: list[str]
    has_problems: bool
    stubs: int
    objects: int


@garbage_kept()
def check(paths: Sequence[str], models: Models) -> Checked:
    """Check the fixture files in files, folders and globs; their objects may use `models`."""
    fixtures, problems = load_sound(paths, models)
    messages = [(one.source, one.line, str(one)) for one in sorted(problems)]
    for stub, why in lint(fixtures.stubs):
        file, _, line = stub.source.rpartition(":")
        messages.append((file, int(line), f"{stub.source}: {stub.name}: warning: {why}"))
    messages.sort(key=lambda message: message[:2])
    objects = sum(one.own.repeat for one in fixtures.objects)
    return Checked([text for _, _, text in messages], bool(problems), len(fixtures.stubs), objects)
