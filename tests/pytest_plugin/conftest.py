"""A project that has just installed the package, to run its tests in."""

import asyncio
from collections.abc import Iterator

import openai
import pytest

from mockserver import BackgroundServer, Settings

INI = """\
[pytest]
asyncio_default_fixture_loop_scope = function
filterwarnings =
    error
    ignore:(The Assistants API is )?deprecated:DeprecationWarning
"""


NEIGHBOURS = ("fakefs", "randomly", "recording", "rerunfailures", "socket", "time_machine")

QUIET = (
    "-q",
    *("-pno:cacheprovider", "-pno:faker", "-pno:hypothesispytest"),
    *(f"-pno:{name}" for name in NEIGHBOURS),
)
"""The plugins that take long to import, and those that few of the projects below have beside us."""


@pytest.fixture(scope="session")
def loaded_sdk(server: BackgroundServer) -> None:
    """Load all of the SDK once: pytester unloads what a project's tests are the first to import.

    Half of it loaded twice would be two sets of exception classes, and later tests would miss them.
    """
    with openai.OpenAI(base_url=server.base_url, api_key="sk-loading") as client:
        client.beta.assistants.create(model="gpt-4o")

    async def load_async() -> None:
        async with openai.AsyncOpenAI(base_url=server.base_url, api_key="sk-loading") as client:
            await client.beta.assistants.create(model="gpt-4o")

    asyncio.run(load_async())


@pytest.fixture(autouse=True)
def project(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, loaded_sdk: None
) -> pytest.Pytester:
    """A project of its own; `PYTEST_ADDOPTS` and the like are this suite's."""
    for name in ("PYTEST_ADDOPTS", "MOCKSERVER_URL", "OPENAI_BASE_URL", "OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    # Without compiled modules each process below takes a second longer to start.
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    pytester.makefile(".ini", pytest=INI)
    return pytester


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[BackgroundServer]:
    with BackgroundServer(Settings(port=0, log="none")) as server:
        yield server


def run(project: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    """Run a project's tests in this process: all that they import is loaded already.

    It proves as much as a process of their own does: the plugin keeps its server and its keys on
    the configuration of the run, and puts the environment back by itself.
    """
    return project.runpytest_inprocess(*QUIET, *arguments)


def run_in_subprocess(project: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    """Run a project's tests as its user does, for what depends on when a module is imported."""
    return project.runpytest_subprocess(*QUIET, *arguments)
