"""A project that has just installed the package, to run its tests in."""

from collections.abc import Iterator

import pytest

from mockserver import BackgroundServer, Settings

INI = """\
[pytest]
asyncio_default_fixture_loop_scope = function
filterwarnings =
    error
    ignore:deprecated$:DeprecationWarning
"""


@pytest.fixture(autouse=True)
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A project of its own; `PYTEST_ADDOPTS` and the like are this suite's."""
    for name in ("PYTEST_ADDOPTS", "MOCKSERVER_URL", "OPENAI_BASE_URL", "OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    pytester.makefile(".ini", pytest=INI)
    return pytester


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[BackgroundServer]:
    with BackgroundServer(Settings(port=0, log="none")) as server:
        yield server


def run(project: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    # Faker's own plugin takes half a second to import.
    quick = ("-p", "no:faker", "-p", "no:cacheprovider")
    return project.runpytest_subprocess("-q", *quick, *arguments)
