"""Loads the fixture files again when they change (`--watch`)."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from mockserver.api.shared.known_models import Models
from mockserver.loading.compile import Fixtures
from mockserver.loading.files import load, stamp
from mockserver.messages import Tell
from mockserver.problems import FixtureError

CHECK_SECONDS = 0.25
"""How often the files are checked: mounted folders do not always report their changes."""


class Reloader:
    """Looks at fixture files; `apply` gets a set that was loaded, `fail` what keeps one from it.

    A bad file keeps the old set.
    """

    def __init__(
        self,
        paths: Sequence[str],
        models: Models,
        *,
        apply: Callable[[Fixtures], None],
        fail: Callable[[FixtureError], None],
        tell: Tell,
    ) -> None:
        self._paths = paths
        self._models = models
        self._apply = apply
        self._fail = fail
        self._tell = tell
        self._stamp = stamp(paths)
        self.watch_too(())

    def watch_too(self, included: Sequence[Path]) -> None:
        """Check these files too, whose content the fixture files use."""
        self._included = included
        self._included_stamp = stamp((), included)

    async def run(self) -> None:
        """Check the files again and again, until cancelled."""
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            now = await asyncio.to_thread(stamp, self._paths)
            included_now = await asyncio.to_thread(stamp, (), self._included)
            if (now, included_now) == (self._stamp, self._included_stamp):
                continue
            self._stamp = now
            try:
                fixtures = await asyncio.to_thread(load, self._paths, self._models)
            except FixtureError as error:
                self.watch_too(error.included)
                self._fail(error)
                for problem in error.problems:
                    self._tell("error", str(problem))
            else:
                self.watch_too(fixtures.included)
                self._apply(fixtures)
                self._tell("info", "mockserver: the fixture files have changed: loaded again")
