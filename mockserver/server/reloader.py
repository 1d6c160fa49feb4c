"""Loads the fixture files again when they change (`--watch`)."""

import asyncio
from collections.abc import Callable, Sequence

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

    async def run(self) -> None:
        """Check the files again and again, until cancelled."""
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            now = await asyncio.to_thread(stamp, self._paths)
            if now == self._stamp:
                continue
            self._stamp = now
            try:
                fixtures = await asyncio.to_thread(load, self._paths, self._models)
            except FixtureError as error:
                self._fail(error)
                for problem in error.problems:
                    self._tell("error", str(problem))
            else:
                self._apply(fixtures)
                self._tell("info", "mockserver: the fixture files have changed: loaded again")
