"""The control API under `/_mock/`: stubs, the journal, the clock, the state.

A call with a credential acts on that key's namespace. A call without one acts on the whole server.
To add an endpoint, add a function and a line in `ROUTES`.
"""

import traceback
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from mockserver.api import OPERATIONS
from mockserver.api.runs import items
from mockserver.api.shared.errors import SOURCES
from mockserver.control import openapi
from mockserver.control.clock import get_clock, move_clock
from mockserver.control.control_request import (
    PREFIX,
    ControlRequest,
    RefusedError,
    json_response,
    refuse,
)
from mockserver.control.namespace import forget, verify
from mockserver.control.report import delete_report, get_report
from mockserver.control.requests import delete_requests, find_requests, list_requests
from mockserver.control.server_state import ServerState
from mockserver.control.settings import get_settings, put_settings
from mockserver.control.state import get_state, put_state
from mockserver.control.stubs import add_faults, add_stubs, delete_stubs, list_stubs
from mockserver.faults import catalogue
from mockserver.http.request import Request
from mockserver.http.response import Response
from mockserver.messages import Tell
from mockserver.problems import FixtureError, Problem

__all__ = ["PREFIX", "ROUTES", "STATE", "ControlApi"]

STATE = "state"
"""The path of the state, whose body may have more bytes than others: it has the files."""

Handler = Callable[[ServerState, ControlRequest], Response | dict[str, Any]]

UNREADABLE = {
    "body_too_large": (413, "the body is too large", "send it in parts"),
    "not_json": (400, "the body does not match its encoding headers", "send it unencoded"),
    "unsupported_encoding": (415, "no such Content-Encoding", "use gzip, deflate or none"),
    "request_timeout": (408, "the body was incomplete at the timeout", "send the whole body"),
}
"""The refusal of a body that could not be read, by the name of the error that the API sends."""


def live(state: ServerState, call: ControlRequest) -> dict[str, Any]:
    """Return that the server is running."""
    return {"live": True}


def ready(state: ServerState, call: ControlRequest) -> Response | dict[str, Any]:
    """Return whether the fixture files are loaded as they are now; a 503 has the problems."""
    if state.not_ready:
        return json_response(503, {"ready": False, "errors": state.not_ready})
    return {"ready": True}


def list_faults(state: ServerState, call: ControlRequest) -> dict[str, Any]:
    """Return the catalogue of faults, and the meaning of each value of `source`."""
    return {"faults": catalogue.as_json(), "sources": SOURCES}


def list_items(state: ServerState, call: ControlRequest) -> dict[str, Any]:
    """Return the items that the script of a run can have."""
    return {"items": items.as_json()}


def get_openapi(state: ServerState, call: ControlRequest) -> dict[str, Any]:
    """Return an OpenAPI document of this server, including the control API."""
    return openapi.describe(OPERATIONS, ROUTES)


ROUTES: dict[tuple[str, str], Handler] = {
    ("GET", "live"): live,
    ("GET", "ready"): ready,
    ("GET", "stubs"): list_stubs,
    ("POST", "stubs"): add_stubs,
    ("DELETE", "stubs"): delete_stubs,
    ("GET", "requests"): list_requests,
    ("DELETE", "requests"): delete_requests,
    ("POST", "requests/find"): find_requests,
    ("GET", "openapi.json"): get_openapi,
    ("GET", "faults"): list_faults,
    ("GET", "script"): list_items,
    ("POST", "faults"): add_faults,
    ("GET", "report"): get_report,
    ("DELETE", "report"): delete_report,
    ("GET", "settings"): get_settings,
    ("PUT", "settings"): put_settings,
    ("GET", "clock"): get_clock,
    ("POST", "clock"): move_clock,
    ("GET", STATE): get_state,
    ("PUT", STATE): put_state,
    ("GET", "namespace"): verify,
    ("DELETE", "namespace"): forget,
}


class ControlApi:
    """Handles calls of the control API."""

    def __init__(self, state: ServerState, tell: Tell) -> None:
        """`tell` gets the traceback of a bug."""
        self._state = state
        self._tell = tell

    def answer(self, request: Request) -> Response:
        """Return the response to a call of the control API."""
        try:
            if request.body_error is not None:
                raise refuse(*UNREADABLE[request.body_error])
            self._check_host(request.headers.get("Host", ""))
            value = _find(request)(self._state, ControlRequest(request, self._state))
        except RefusedError as refusal:
            response = json_response(refusal.status, {"errors": refusal.problems})
            response.headers.update(refusal.headers)
            return response
        except FixtureError as error:
            problems = [_problem_as_json(problem) for problem in error.problems]
            return json_response(400, {"errors": problems})
        except Exception:  # noqa: BLE001  a bug in this server: report it to the client too
            self._tell("error", traceback.format_exc())
            what = "internal error of the mock server"
            return json_response(
                500,
                {"errors": [{"place": "", "what": what, "remedy": "report it, with its stderr"}]},
            )
        if isinstance(value, Response):
            return value
        return json_response(200, value)

    def _check_host(self, host: str) -> None:
        """Refuse requests for a foreign host name: a web page may have its name resolve to here.

        Raises:
            RefusedError: the server listens on loopback, and the Host header names another host.
        """
        try:
            name = (urlsplit(f"//{host}").hostname or "").lower()
        except ValueError:
            name = host
        if not _is_loopback(self._state.settings.host.lower()) or _is_loopback(name):
            return
        if name not in map(str.lower, self._state.settings.allow_host):
            raise refuse(
                403,
                f"not a loopback host: '{name}'",
                f"start the server with --allow-host {name}",
            )


def _find(request: Request) -> Handler:
    path = request.path.removeprefix(PREFIX.rstrip("/")).strip("/")
    # What can be read has a head too: wait-on, wget --spider and curl -I ask for it.
    method = "GET" if request.method == "HEAD" else request.method
    methods = {allowed: handler for (allowed, known), handler in ROUTES.items() if known == path}
    if not methods and path.startswith("stubs/"):
        methods = {"DELETE": delete_stubs}
    if method in methods:
        return methods[method]
    if methods:
        allowed = ", ".join(methods)
        refusal = refuse(
            405, f"method not allowed: {request.method} {request.path}", f"use {allowed}"
        )
        refusal.headers["Allow"] = allowed
        raise refusal
    paths = ", ".join(sorted({PREFIX + known for _, known in ROUTES}))
    raise refuse(404, f"no such path: {request.path}", f"use one of {paths}")


def _is_loopback(name: str) -> bool:
    return (
        name in ("localhost", "::1", "") or name.startswith("127.") or name.endswith(".localhost")
    )


def _problem_as_json(problem: Problem) -> dict[str, Any]:
    return {
        "source": problem.source,
        "line": problem.line,
        "place": problem.place,
        "what": problem.what,
        "remedy": problem.remedy,
    }
