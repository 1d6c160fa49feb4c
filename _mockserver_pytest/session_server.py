"""The one server of a session: started in a thread, or running already."""

import os
from typing import TYPE_CHECKING, Any

import pytest

from _mockserver_pytest import the_name

if TYPE_CHECKING:
    from mockserver.client.mock_server import MockServer

__tracebackhide__ = True

_server: pytest.StashKey["MockServer | pytest.UsageError"] = pytest.StashKey()


def of_session(config: pytest.Config) -> "MockServer":
    """Return a handle on the session's server; the first call starts it or connects to it.

    Raises:
        UsageError: the server cannot be used; as a rule every later call raises the same error, but
            something in the way of one test may be out of the way of the next.
    """
    if _server not in config.stash:
        config.stash[_server] = _reached_or_started(config)
    server = config.stash[_server]
    if isinstance(server, pytest.UsageError):
        raise server.with_traceback(None)
    return server


def _reached_or_started(config: pytest.Config) -> "MockServer | pytest.UsageError":
    if problem := the_name.problem():
        return pytest.UsageError(problem)
    from mockserver.client.control_client import MockServerError
    from mockserver.client.mock_server import MockServer
    from mockserver.problems import FixtureError
    from mockserver.settings import SettingsError

    url = config.known_args_namespace.mockserver_url or os.environ.get("MOCKSERVER_URL")
    try:
        mock = MockServer(url) if url else MockServer.start(**_of_environment())
        config.add_cleanup(mock.close)
        mock.counts()  # raises an error if the server cannot be reached; the connection stays open
    except (FixtureError, MockServerError, SettingsError) as error:
        return pytest.UsageError(str(error))
    except Exception as error:  # noqa: BLE001  what forbids sockets raises anything
        raise pytest.UsageError(
            f"cannot start the mock server, {type(error).__name__}: {error}: "
            "whatever forbids sockets here has to allow 127.0.0.1"
        ) from None
    return mock


def _of_environment() -> dict[str, Any]:
    """Return the settings of the `MOCKSERVER_…` variables, except address and log."""
    from dataclasses import fields

    from mockserver import settings

    loaded = settings.load({}, os.environ)
    return {
        option.name: getattr(loaded, option.name)
        for option in fields(loaded)
        if option.name not in ("host", "port", "log")
    }
