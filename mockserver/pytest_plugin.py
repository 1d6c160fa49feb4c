"""The pytest plugin: a server a session, a namespace a test.

Installed with the package and costing nothing until a test asks for a fixture:
nothing but pytest is imported here.
"""

import contextlib
import os
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from openai import AsyncOpenAI, OpenAI

    from mockserver.client.mock_server import MockServer

AZURE_API_VERSION = "2024-05-01-preview"
"""The first of Azure's versions with what the Assistants API became in v2."""

MARKER = (
    "mockserver(fixtures=…, seed=…, clock=…, strict=…): fixture files (paths beside the test's "
    "file, or below rootdir) and settings for the server that this test sees"
)
SETTINGS = ("seed", "clock", "strict")
MARKER_ARGUMENTS = ("fixtures", *SETTINGS)

_server: pytest.StashKey["MockServer | pytest.UsageError"] = pytest.StashKey()
_shared_mock: pytest.StashKey["MockServer"] = pytest.StashKey()
_mock: pytest.StashKey["MockServer"] = pytest.StashKey()
_environment = pytest.StashKey[pytest.MonkeyPatch]()


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
        "test: a key for each test (default); session: one key for all, set before conftest files, "
        "for code that makes its client when it is imported",
        default="test",
    )
    parser.addini(
        "mockserver_strict", "every test is strict, unless its marker says otherwise", type="bool"
    )


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Set the one key before anything of the project is imported, where one is for all.

    Under pytest-xdist the process that hands out the tests has one as well: it imports the
    project's conftest files too.
    """
    isolation = early_config.getini("mockserver_isolation")
    if isolation not in ("test", "session"):
        raise pytest.UsageError(f"mockserver_isolation is {isolation!r}: write test or session")
    if isolation == "session":
        mock = early_config.stash[_shared_mock] = _of_session(early_config).another()
        patch = pytest.MonkeyPatch()
        early_config.add_cleanup(patch.undo)
        _set_environment(patch, mock)


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line("markers", MARKER)


@pytest.hookimpl(tryfirst=True)  # before fixtures of any scope make something
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Empty the one namespace before each test, where one is for all: any test may have used it.

    A test that is marked has the fixture, whether it asks for it by name or not.
    """
    if _shared_mock in item.config.stash:
        with _without_traceback():
            item.config.stash[_shared_mock].forget()
    if isinstance(item, pytest.Function) and item.get_closest_marker("mockserver"):
        # A list of its own: parametrized tests share theirs, and not all may be marked.
        item.fixturenames = ["mockserver", *item.fixturenames]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, object, object]:
    """Put the environment back and judge the test, once all that it patched is undone.

    A fixture could not: whether `monkeypatch` ends before it depends on who asked first.
    """
    mock = item.stash.get(_mock, None)
    try:
        result = yield
    except BaseException:  # that is the news
        if mock is not None:
            with contextlib.suppress(Exception):
                mock.forget()
        raise
    finally:
        if mock is not None:
            item.stash[_environment].undo()
            del item.stash[_mock]
    if mock is not None:
        with _without_traceback():
            mock.finish()
    return result


@pytest.fixture
def mockserver(request: pytest.FixtureRequest) -> "MockServer":
    """Give a server of this test's own, as far as the test can see: a `MockServer`.

    `OPENAI_BASE_URL`, `OPENAI_API_KEY` and Azure's variables point at it until the
    test is over.
    """
    item = request.node
    with _without_traceback():
        mock = _for_test(item)
    item.stash[_mock] = mock
    patch = item.stash[_environment] = pytest.MonkeyPatch()
    _set_environment(patch, mock)
    return mock


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
    from mockserver.client.control_client import MockServerError
    from mockserver.client.received_request import format_requests

    try:
        return format_requests(mock.requests(limit=50))
    except MockServerError as error:  # the test's own failure is the news
        return str(error)


def _for_test(item: pytest.Item) -> "MockServer":
    """Return a test's own handle, set up as its marks and the project's ini say."""
    arguments = _marker_arguments(item)
    one = item.config.stash.get(_shared_mock, None)
    mock = _of_session(item.config).another(one.api_key if one else None)
    settings = {name: arguments[name] for name in SETTINGS if name in arguments}
    if item.config.getini("mockserver_strict"):
        settings.setdefault("strict", True)
    if settings:
        mock.configure(**settings)
    for path in reversed(arguments["fixtures"]):  # each goes in front of those before it
        mock.load(_beside(item, path))
    return mock


@contextlib.contextmanager
def _without_traceback() -> Iterator[None]:
    """Fail without a traceback where the message says all that the user needs."""
    from mockserver.client.control_client import MockServerError

    try:
        yield
    except (AssertionError, MockServerError, pytest.UsageError) as error:
        raise pytest.fail.Exception(str(error), pytrace=False) from None


def _of_session(config: pytest.Config) -> "MockServer":
    """Give a handle on the server; the first call starts one, unless an address is given.

    Raises:
        UsageError: there is none, and there will be none for later tests either.
    """
    if _server not in config.stash:
        config.stash[_server] = _reached_or_started(config)
    server = config.stash[_server]
    if isinstance(server, pytest.UsageError):
        raise server.with_traceback(None)
    return server


def _reached_or_started(config: pytest.Config) -> "MockServer | pytest.UsageError":
    from mockserver.client.control_client import MockServerError
    from mockserver.client.mock_server import MockServer
    from mockserver.problems import FixtureError
    from mockserver.settings import SettingsError

    url = config.known_args_namespace.mockserver_url or os.environ.get("MOCKSERVER_URL")
    try:
        if url:
            mock = MockServer(url)
            mock.counts()  # so that it has answered
        else:
            mock = MockServer.start(**_of_environment())
    except (FixtureError, MockServerError, SettingsError) as error:
        return pytest.UsageError(str(error))
    config.add_cleanup(mock.close)
    return mock


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


def _set_environment(patch: pytest.MonkeyPatch, mock: "MockServer") -> None:
    patch.setenv("OPENAI_BASE_URL", mock.base_url)
    patch.setenv("OPENAI_API_KEY", mock.api_key)
    patch.setenv("AZURE_OPENAI_ENDPOINT", mock.url)
    patch.setenv("AZURE_OPENAI_API_KEY", mock.api_key)
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
