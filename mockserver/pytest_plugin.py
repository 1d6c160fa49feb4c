"""The pytest plugin: a server a session, a namespace a test.

Installed with the package and costing nothing until a test asks for a fixture:
nothing but pytest is imported here.
"""

import os
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from openai import AsyncOpenAI, OpenAI

    from mockserver.client import MockServer

AZURE_API_VERSION = "2024-05-01-preview"
"""The first of Azure's versions with what the Assistants API became in v2."""

MARKER = (
    "mockserver(fixtures=…, seed=…, clock=…, strict=…): fixture files (paths beside the test's "
    "file, or below rootdir) and settings for the server that this test sees"
)
SETTINGS = ("seed", "clock", "strict")
MARKER_ARGUMENTS = ("fixtures", *SETTINGS)

_session: pytest.StashKey["MockServer"] = pytest.StashKey()
_session_key = pytest.StashKey[str]()
_environment = pytest.StashKey[pytest.MonkeyPatch]()
_mock: pytest.StashKey["MockServer"] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the plugin's options."""
    group = parser.getgroup("mockserver")
    group.addoption(
        "--mockserver-url",
        metavar="URL",
        default=None,
        help="use the mockserver that runs at this address (or MOCKSERVER_URL); start none",
    )
    parser.addini(
        "mockserver_isolation",
        "test: a key for each test (default); session: one key for all, set before collection, "
        "for code that makes its client when it is imported",
        default="test",
    )
    parser.addini(
        "mockserver_strict", "every test is strict, unless its marker says otherwise", type="bool"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker, and check what was asked for."""
    config.addinivalue_line("markers", MARKER)
    if config.getini("mockserver_isolation") not in ("test", "session"):
        raise pytest.UsageError(
            f"mockserver_isolation is {config.getini('mockserver_isolation')!r}: "
            "write test or session"
        )


def pytest_sessionstart(session: pytest.Session) -> None:
    """Set the one key before anything is imported, where one is for all."""
    config = session.config
    hands_out_work = getattr(config.option, "dist", "no") != "no" and not hasattr(
        config, "workerinput"
    )
    if config.getini("mockserver_isolation") != "session" or hands_out_work:
        return
    key = config.stash[_session_key] = f"sk-mock-{os.urandom(12).hex()}"
    patch = config.stash[_environment] = pytest.MonkeyPatch()
    _set_environment(patch, _of_session(config).url, key)


@pytest.hookimpl(tryfirst=True)  # before fixtures of any scope make something
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Empty the one world before each test, where one is for all: any test may have used it."""
    key = item.config.stash.get(_session_key, None)
    if key is not None:
        _of_session(item.config).another(key).forget()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave no server and no variable behind."""
    if _environment in config.stash:
        config.stash[_environment].undo()
        del config.stash[_environment]
    if _session in config.stash:
        config.stash[_session].close()
        del config.stash[_session]


@pytest.fixture
def mockserver(request: pytest.FixtureRequest) -> Iterator["MockServer"]:
    """Give a server of this test's own, as far as the test can see: a `MockServer`.

    `OPENAI_BASE_URL`, `OPENAI_API_KEY` and Azure's variables point at it until the
    test is over.
    """
    item = request.node
    with pytest.MonkeyPatch.context() as patch:
        try:
            mock = _for_test(item)
        except Exception as error:
            if _is_told_whole(error):
                raise pytest.fail.Exception(str(error), pytrace=False) from None
            raise
        _set_environment(patch, mock.url, mock.api_key)
        yield mock
        try:
            mock.verify()
        except AssertionError as unmet:
            pytest.fail(str(unmet), pytrace=False)
        finally:
            del item.stash[_mock]


@pytest.fixture
def openai_client(mockserver: "MockServer") -> Iterator["OpenAI"]:
    """Give the official SDK's client, pointed at this test's server."""
    openai = pytest.importorskip("openai", reason="pip install openai")
    with openai.OpenAI(base_url=mockserver.base_url, api_key=mockserver.api_key) as client:
        yield client


@pytest.fixture
def async_openai_client(mockserver: "MockServer") -> "AsyncOpenAI":
    """Give the official SDK's async client, pointed at this test's server.

    It keeps no connection, so that nothing is left to close once the test's event
    loop is gone.
    """
    openai = pytest.importorskip("openai", reason="pip install openai")
    client: AsyncOpenAI = openai.AsyncOpenAI(
        base_url=mockserver.base_url,
        api_key=mockserver.api_key,
        default_headers={"Connection": "close"},
    )
    return client


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show a failed test's own requests beside it."""
    report = yield
    mock = item.stash.get(_mock, None)
    if report.failed and mock is not None:
        report.sections.append(("mockserver requests", _asked(mock)))
    return report


def _asked(mock: "MockServer") -> str:
    from mockserver.control_line import MockServerError
    from mockserver.journalled import told

    try:
        return told(mock.requests(limit=50))
    except MockServerError as error:  # the test's own failure is the news
        return str(error)


def _for_test(item: pytest.Item) -> "MockServer":
    """Give a test its own world, as its marks and the project's ini want it."""
    arguments = _marker_arguments(item)
    mock = _of_session(item.config).another(item.config.stash.get(_session_key, None))
    item.stash[_mock] = mock
    settings = {name: arguments[name] for name in SETTINGS if name in arguments}
    if item.config.getini("mockserver_strict"):
        settings.setdefault("strict", True)
    if settings:
        mock.configure(**settings)
    for path in reversed(arguments["fixtures"]):  # each goes in front of those before it
        mock.load(_beside(item, path))
    return mock


def _is_told_whole(error: Exception) -> bool:
    """Tell whether an error is the user's to mend, and says all that there is to say."""
    from mockserver.control_line import MockServerError
    from mockserver.settings import SettingsError

    return isinstance(error, MockServerError | SettingsError | pytest.UsageError)


def _of_session(config: pytest.Config) -> "MockServer":
    """Give a handle on the server; the first call starts one, unless an address is given."""
    if _session not in config.stash:
        from mockserver.client import MockServer

        url = _given_url(config)
        config.stash[_session] = _reached(url) if url else MockServer.start(**_of_environment())
    return config.stash[_session]


def _of_environment() -> dict[str, Any]:
    """Give the settings that `MOCKSERVER_…` variables have, but where a server listens."""
    from dataclasses import fields

    from mockserver import settings

    said = settings.load({}, os.environ)
    return {
        option.name: getattr(said, option.name)
        for option in fields(said)
        if option.name not in ("host", "port", "log")
    }


def _given_url(config: pytest.Config) -> str | None:
    return config.getoption("--mockserver-url") or os.environ.get("MOCKSERVER_URL")


def _reached(url: str) -> "MockServer":
    """Give a handle on a server that runs already, once it has answered.

    Raises:
        UsageError: it does not.
    """
    from mockserver.client import MockServer
    from mockserver.control_line import MockServerError

    try:
        mock = MockServer(url)
        mock.forget()
    except MockServerError as error:
        raise pytest.UsageError(str(error)) from None
    return mock


def _set_environment(patch: pytest.MonkeyPatch, url: str, key: str) -> None:
    patch.setenv("OPENAI_BASE_URL", f"{url}/v1")
    patch.setenv("OPENAI_API_KEY", key)
    patch.setenv("AZURE_OPENAI_ENDPOINT", url)
    patch.setenv("AZURE_OPENAI_API_KEY", key)
    patch.setenv("OPENAI_API_VERSION", AZURE_API_VERSION)


def _marker_arguments(item: pytest.Item) -> dict[str, Any]:
    """Put the marks of a test, its class and its module together; the nearest wins."""
    arguments: dict[str, Any] = {}
    for mark in reversed(list(item.iter_markers("mockserver"))):
        unknown = mark.kwargs.keys() - set(MARKER_ARGUMENTS)
        if mark.args or unknown:
            wrong = ", ".join([*map(repr, mark.args), *sorted(unknown)])
            raise pytest.UsageError(
                f"mockserver marker: {wrong}: it takes {', '.join(MARKER_ARGUMENTS)} by name"
            )
        arguments |= mark.kwargs
    fixtures = arguments.get("fixtures", ())
    arguments["fixtures"] = [fixtures] if isinstance(fixtures, str | os.PathLike) else fixtures
    return arguments


def _beside(item: pytest.Item, path: str) -> Path:
    """Find a fixture file: beside the test's file, or below rootdir."""
    places = dict.fromkeys([item.path.parent / path, item.config.rootpath / path])
    for place in places:
        if place.is_file():
            return place
    raise pytest.UsageError(
        f"mockserver marker: no fixture file {path}: looked for {' and '.join(map(str, places))}"
    )
