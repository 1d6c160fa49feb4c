"""The pytest plugin: one server for the session, and a namespace for each test.

It imports only pytest, so that it costs nothing until a test requests a fixture. It is outside of
the package, so that `import mockserver` gives a project its own module of that name, if it has one.
"""

import contextlib
import os
import warnings
from collections.abc import Generator, Iterator
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

from _mockserver_pytest.environment import set_environment
from _mockserver_pytest.session_server import of_session

if TYPE_CHECKING:
    from openai import AsyncOpenAI, OpenAI

    from mockserver.client.mock_server import MockServer

MARKER = (
    "mockserver(fixtures=…, seed=…, clock=…, strict=…): fixture files (paths in the folder of "
    "the test's file, or in rootdir) and settings for this test's namespace"
)
SETTINGS = ("seed", "clock", "strict")
MARKER_ARGUMENTS = ("fixtures", *SETTINGS)

_shared_mock: pytest.StashKey["MockServer"] = pytest.StashKey()
_mock: pytest.StashKey["MockServer"] = pytest.StashKey()
_environment = pytest.StashKey[pytest.MonkeyPatch]()
_has_raised = pytest.StashKey[bool]()

__tracebackhide__ = True

_ANYTHING = (Exception, pytest.fail.Exception, pytest.skip.Exception)
"""What code raises that forbids something to a test: outcomes of pytest are no `Exception`."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the plugin's options."""
    group = parser.getgroup("mockserver")
    group.addoption(
        "--mockserver-url",
        metavar="URL",
        default=None,
        help="use the mockserver at this address (or MOCKSERVER_URL) instead of starting one",
    )
    parser.addini(
        "mockserver_isolation",
        "test: a key for each test (default); session: one key for all, set before conftest files, "
        "for code that creates its client when it is imported",
        default="test",
    )
    parser.addini(
        "mockserver_strict", "every test is strict, unless its marker says otherwise", type="bool"
    )


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Set the shared key before the project is imported, where all tests share one key.

    Under pytest-xdist the controller has a shared key as well: it imports the project's conftest
    files too.

    Raises:
        UsageError: the ini option is invalid, or there is no server.
    """
    isolation = early_config.getini("mockserver_isolation")
    if isolation not in ("test", "session"):
        raise pytest.UsageError(
            f"mockserver_isolation: expected test or session, got {isolation!r}"
        )
    if isolation == "session":
        mock = early_config.stash[_shared_mock] = of_session(early_config).another()
        patch = pytest.MonkeyPatch()
        early_config.add_cleanup(patch.undo)
        set_environment(patch, mock)


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line("markers", MARKER)
    namesake = config.pluginmanager.get_plugin("mockserver")
    if getattr(namesake, "__name__", None) == "mockserver.pytest_plugin":
        # That of mockserver-client, whose fixture of the same name starts another server. The
        # fixture that is registered last wins.
        last = ModuleType("_mockserver_pytest_fixture")
        last.__dict__["mockserver"] = mockserver
        config.pluginmanager.register(last)


@pytest.hookimpl(tryfirst=True)  # before fixtures of any scope are set up
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Empty the shared namespace before each test, where all tests share one key.

    A marked test uses the fixture even if it does not request it by name.
    """
    item.stash[_has_raised] = False  # a test may run again
    if _shared_mock in item.config.stash:
        with _without_traceback():
            item.config.stash[_shared_mock].forget()
    if not isinstance(item, pytest.Function):
        return
    if item.get_closest_marker("mockserver") and "mockserver" not in item.fixturenames[:1]:
        # A new list: parametrized tests share one, and only some of them may be marked.
        item.fixturenames = ["mockserver", *item.fixturenames]
    if "mockserver" in item.fixturenames:
        # Before other plugins and fixtures forbid sockets, stop the clock or hide the files.
        with contextlib.suppress(*_ANYTHING):  # the fixture will raise it again
            of_session(item.config)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, object, object]:
    """Restore the environment and verify strictness, after all fixtures of the test have ended.

    A fixture could not do this: the order in which it and `monkeypatch` end depends on the test.
    """
    mock = item.stash.get(_mock, None)
    try:
        result = yield
    except BaseException:  # the error to report: do not hide it
        if mock is not None:
            with contextlib.suppress(*_ANYTHING):
                mock.forget()
        raise
    finally:
        if mock is not None:
            item.stash[_environment].undo()
            del item.stash[_mock]
    if mock is not None and item.stash[_has_raised]:  # that is reported, with what was violated
        with contextlib.suppress(*_ANYTHING):
            mock.forget()
    elif mock is not None:
        with _without_traceback():
            mock.finish()
    return result


@pytest.fixture
def mockserver(request: pytest.FixtureRequest) -> "MockServer":
    """Return a `MockServer` with a namespace of this test's own.

    `OPENAI_BASE_URL`, `OPENAI_API_KEY` and Azure's variables point at it until the test has ended.
    """
    item = request.node
    with _without_traceback():
        mock = _for_test(item)
    item.stash[_mock] = mock
    patch = item.stash[_environment] = pytest.MonkeyPatch()
    set_environment(patch, mock)
    return mock


@pytest.fixture
def openai_client(mockserver: "MockServer") -> Iterator["OpenAI"]:
    """Yield the official SDK's client for this test's namespace."""
    openai = pytest.importorskip("openai", reason="pip install openai")
    with openai.OpenAI(base_url=mockserver.base_url, api_key=mockserver.api_key) as client:
        yield client


@pytest.fixture
def async_openai_client(mockserver: "MockServer") -> "AsyncOpenAI":
    """Return the official SDK's async client for this test's namespace.

    It keeps no connection open, so that nothing is left to close after the test's event loop.
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
    """Add the requests of a failed test to its report, and how they violated strictness."""
    report = yield
    if call.excinfo is not None and call.when != "teardown":
        item.stash[_has_raised] = True
    mock = item.stash.get(_mock, None)
    if report.failed and mock is not None:
        try:
            report.sections += _sections(mock)
        except _ANYTHING as error:  # it must not hide the test's own failure
            report.sections.append(("mockserver requests", f"{type(error).__name__}: {error}"))
    return report


def _sections(mock: "MockServer") -> Iterator[tuple[str, str]]:
    from mockserver.client.received_request import format_requests

    yield "mockserver requests", format_requests(mock.requests(limit=50))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            mock.verify()
        except (AssertionError, UserWarning) as violation:
            yield "mockserver strictness", str(violation)


def _for_test(item: pytest.Item) -> "MockServer":
    """Return the handle of a test, configured by its markers and the project's ini file."""
    arguments = _marker_arguments(item)
    shared = item.config.stash.get(_shared_mock, None)
    mock = of_session(item.config).another(shared.api_key if shared else None)
    settings = {name: arguments[name] for name in SETTINGS if name in arguments}
    if item.config.getini("mockserver_strict"):
        settings.setdefault("strict", True)
    if settings:
        mock.configure(**settings)
    for path in reversed(arguments["fixtures"]):  # the last one loaded is matched first
        mock.load(_fixture_file(item, path))
    return mock


@contextlib.contextmanager
def _without_traceback() -> Iterator[None]:
    """Convert errors whose message is sufficient to failures without a traceback."""
    try:
        yield
    except (AssertionError, pytest.UsageError) as error:
        raise pytest.fail.Exception(str(error), pytrace=False) from None
    except Exception as error:
        # Not imported before: the package may be another one.
        from mockserver.client.control_client import MockServerError

        if not isinstance(error, MockServerError):
            raise
        raise pytest.fail.Exception(str(error), pytrace=False) from None


def _marker_arguments(item: pytest.Item) -> dict[str, Any]:
    """Return the merged arguments of the markers of a test, its class and its module.

    The nearest marker wins.

    Raises:
        UsageError: a marker has an unknown or a positional argument.
    """
    arguments: dict[str, Any] = {}
    for mark in reversed(list(item.iter_markers("mockserver"))):
        unknown = mark.kwargs.keys() - set(MARKER_ARGUMENTS)
        if mark.args or unknown:
            wrong = ", ".join([*map(repr, mark.args), *sorted(unknown)])
            raise pytest.UsageError(
                f"mockserver marker: unexpected argument {wrong}: "
                f"use the keywords {', '.join(MARKER_ARGUMENTS)}"
            )
        arguments |= mark.kwargs
    fixtures = arguments.get("fixtures", ())
    arguments["fixtures"] = [fixtures] if isinstance(fixtures, str | os.PathLike) else fixtures
    return arguments


def _fixture_file(item: pytest.Item, path: str) -> Path:
    """Return the path of a fixture file next to the test's file, or below rootdir.

    Raises:
        UsageError: there is no such file.
    """
    places = dict.fromkeys([item.path.parent / path, item.config.rootpath / path])
    for place in places:
        if place.is_file():
            return place
    raise pytest.UsageError(
        f"mockserver marker: no such fixture file: {path}: "
        f"searched {' and '.join(map(str, places))}"
    )
