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
    "mockserver(fixtures=…, objects=…, seed=…, clock=…, strict=…, any_model=…, "
    "run_polls=…, index_polls=…, resilient=…): "
    "fixture files (paths in the folder of the test's file, or in rootdir), objects and settings "
    "for this test's namespace; with resilient, the test fails where its client does wrong after "
    "a fault"
)
SETTINGS = ("seed", "clock", "strict", "any_model", "run_polls", "index_polls")
MARKER_ARGUMENTS = ("fixtures", "objects", *SETTINGS, "resilient")

_shared_mock: pytest.StashKey["MockServer"] = pytest.StashKey()
_session_mock: pytest.StashKey["MockServer"] = pytest.StashKey()
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
    parser.addini(
        "mockserver_resilient",
        "a test fails where its client does wrong after a fault, unless its marker says otherwise",
        type="bool",
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
    for option in ("mockserver_strict", "mockserver_resilient"):
        try:
            config.getini(option)
        except (ValueError, pytest.UsageError) as error:
            raise pytest.UsageError(f"{option}: {error}: use true or false") from None
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
    if _shared_mock in item.config.stash and _session_mock not in item.config.stash:
        with _without_traceback():
            item.config.stash[_shared_mock].forget()
    if not isinstance(item, pytest.Function):
        return
    if item.get_closest_marker("mockserver") and "mockserver" not in item.fixturenames[:1]:
        # A new list: parametrized tests share one, and only some of them may be marked.
        item.fixturenames = _with_own_fixture(item)
    if {"mockserver", "mockserver_session"} & {*item.fixturenames}:
        # Before other plugins and fixtures forbid sockets, stop the clock or hide the files.
        with contextlib.suppress(*_ANYTHING):  # the fixture will raise it again
            of_session(item.config)


def _with_own_fixture(item: pytest.Function) -> list[str]:
    """Return the fixtures of a test with `mockserver` as the first of the test's own.

    With `mockserver_session` it comes after those of a wider scope: what they do, such as starting
    an application, is not the test's.
    """
    names = [name for name in item.fixturenames if name != "mockserver"]
    if "mockserver_session" not in names:
        return ["mockserver", *names]
    definitions = item._fixtureinfo.name2fixturedefs
    wider = [name in definitions and definitions[name][-1].scope != "function" for name in names]
    own = wider.index(False) if False in wider else len(names)
    return [*names[:own], "mockserver", *names[own:]]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, object, object]:
    """Restore the environment; verify strictness and resilience, after all fixtures have ended.

    A fixture could not do this: the order in which it and `monkeypatch` end depends on the test.
    A test with the key of `mockserver_session` has no environment of its own, and ends by itself.
    """
    mock = item.stash.get(_mock, None) if _environment in item.stash else None
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
            _finish(mock, resilient=_has_to_be_resilient(item))
    elif _shared_mock in item.config.stash and _has_to_be_resilient(item):
        with _without_traceback():  # its key serves also tests that do not use the fixture
            item.config.stash[_shared_mock].assert_resilient()
    return result


@pytest.fixture
def mockserver(request: pytest.FixtureRequest) -> Iterator["MockServer"]:
    """Yield a `MockServer` with a namespace of this test's own.

    `OPENAI_BASE_URL`, `OPENAI_API_KEY` and Azure's variables point at it until the test has ended.
    In a test that uses `mockserver_session`, also by a fixture of its own, it has the key of that.
    """
    item, session = request.node, None
    if "mockserver_session" in request.fixturenames:
        session = request.getfixturevalue("mockserver_session")
    with _without_traceback():
        mock = _for_test(item, session)
    item.stash[_mock] = mock
    if session is None:
        patch = item.stash[_environment] = pytest.MonkeyPatch()
        set_environment(patch, mock)
    yield mock
    if session is not None:  # before fixtures of a wider scope end: what they do is not the test's
        del item.stash[_mock]
        with _without_traceback():
            _finish(mock, resilient=_has_to_be_resilient(item))


@pytest.fixture(scope="session")
def mockserver_session(request: pytest.FixtureRequest) -> Iterator["MockServer"]:
    """Yield a `MockServer` with a namespace for the session: for an application that starts once.

    The same variables point at it until the session ends. What it adds holds for every test. A test
    that uses `mockserver` too has a handle on the same key: what the test does to it, objects
    included, is undone when the test has ended.
    """
    stash = request.config.stash
    with _without_traceback():
        shared = stash.get(_shared_mock, None)
        mock = of_session(request.config).another(shared.api_key if shared else None)
    stash[_session_mock] = mock
    with pytest.MonkeyPatch.context() as patch:
        set_environment(patch, mock)
        yield mock
    del stash[_session_mock]
    with contextlib.suppress(Exception):  # the server may have gone; no test is left to fail
        mock.forget()


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
    """Add a failed test's requests and runs to its report, and how they violated strictness."""
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
    from mockserver.client.received_request import MAX_POLLS, format_requests
    from mockserver.client.seen_runs import format_runs

    yield "mockserver requests", format_requests(mock.requests(limit=MAX_POLLS), 50)
    if runs := mock.runs():
        yield "mockserver runs", format_runs(runs)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            mock.verify()
        except (AssertionError, UserWarning) as violation:
            yield "mockserver strictness", str(violation)


def _for_test(item: pytest.Item, session: "MockServer | None") -> "MockServer":
    """Return the handle of a test, configured by its markers and the project's ini file.

    `session` is the handle whose key it uses; without it, the test has a key of its own.
    """
    arguments = _marker_arguments(item)
    shared = item.config.stash.get(_shared_mock, None)
    if session is not None:
        mock = session.for_one_test()
    else:
        mock = of_session(item.config).another(shared.api_key if shared else None)
    settings = {name: arguments[name] for name in SETTINGS if name in arguments}
    if item.config.getini("mockserver_strict"):
        settings.setdefault("strict", True)
    if settings:
        mock.configure(**settings)
    for path in reversed(arguments["fixtures"]):  # the last one loaded is matched first
        mock.load(_fixture_file(item, path))
    if arguments.get("objects"):
        mock.objects(arguments["objects"])
    return mock.keep() if arguments["fixtures"] or arguments.get("objects") else mock


def _finish(mock: "MockServer", *, resilient: bool) -> None:
    """Forget a test's namespace, then raise what it missed; with `resilient`, what the client did.

    Raises:
        AssertionError: strictness was violated, or the client did wrong after a fault.
    """
    wrongs = []
    report = mock.report() if resilient else None
    for check in (mock.finish, *([report.check] if report is not None else [])):
        try:
            check()
        except AssertionError as error:
            wrongs.append(str(error))
    if wrongs:
        raise AssertionError("\n".join(wrongs))


def _has_to_be_resilient(item: pytest.Item) -> bool:
    """Return whether a test fails where its client does wrong after a fault."""
    resilient: bool = _marker_arguments(item).get(
        "resilient", item.config.getini("mockserver_resilient")
    )
    return resilient


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
        UsageError: a marker has an unknown or a positional argument, or a value of another type.
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
    resilient = arguments.get("resilient", False)
    if not isinstance(resilient, bool):
        raise pytest.UsageError(
            f"mockserver marker: resilient: expected True or False, got {resilient!r}"
        )
    fixtures = arguments.get("fixtures", ())
    several = [fixtures] if isinstance(fixtures, str | os.PathLike) else fixtures
    if not isinstance(several, list | tuple) or not all(
        isinstance(one, str | os.PathLike) for one in several
    ):
        raise pytest.UsageError(
            f"mockserver marker: fixtures: expected a path or a list of paths, got {fixtures!r}"
        )
    arguments["fixtures"] = several
    return arguments


def _fixture_file(item: pytest.Item, path: str) -> Path:
    """Return the path of a fixture file, a folder or a glob, by the test's file or below rootdir.

    Raises:
        UsageError: there is no such file.
    """
    from mockserver.loading.find_files import is_there

    places = dict.fromkeys([item.path.parent / path, item.config.rootpath / path])
    for place in places:
        if is_there(str(place)):
            return place
    raise pytest.UsageError(
        f"mockserver marker: no such fixture file: {path}: "
        f"searched {' and '.join(map(str, places))}"
    )
