"""The control API under `/_mock/`: stubs, the journal, the clock, the state.

With a credential a call acts on that key's namespace, without one on the whole
server. Adding an endpoint means one function and one line in `ROUTES`.
"""

import sys
import traceback
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from mockserver.api import OPERATIONS
from mockserver.api.shared.errors import SOURCES
from mockserver.control import openapi
from mockserver.control.clock import move_clock
from mockserver.control.control_request import (
    PREFIX,
    ControlRequest,
    RefusedError,
    json_response,
    refuse,
)
from mockserver.control.namespace import forget, verify
from mockserver.control.report import delete_report, get_report
from mockserver.control.requests import delete_requests, list_requests
from mockserver.control.server_state import ServerState
from mockserver.control.settings import put_settings
from mockserver.control.state import get_state, put_state
from mockserver.control.stubs import add_faults, add_stubs, delete_stubs, list_stubs
from mockserver.faults import catalogue
from mockserver.http.request import Request
from mockserver.http.response import Response
from mockserver.problems import FixtureError, Problem

__all__ = ["PREFIX", "ROUTES", "ControlApi"]

Handler = Callable[[ServerState, ControlRequest], Response | dict[str, Any]]

UNREADABLE = {
    "body_too_large": (413, "the body is too large", "send less at a time"),
    "not_json": (400, "the body is not compressed or chunked as it says", "send it plain"),
    "request_timeout": (408, "the body did not come whole", "send all of it"),
}
"""What is refused where a body could not be read, by the error that the API would send."""


def live(state: ServerState, call: ControlRequest) -> dict[str, Any]:
    """Return that the server runs."""
    return {"live": True}


def ready(state: ServerState, call: ControlRequest) -> Response | dict[str, Any]:
    """Return whether the fixtures in force are those of the files."""
    if state.not_ready:
        return json_response(503, {"ready": False, "errors": state.not_ready})
    return {"ready": True}


def list_faults(state: ServerState, call: ControlRequest) -> dict[str, Any]:
    """Return the catalogue of faults, and what the values of `source` mean."""
    return {"faults": catalogue.as_json(), "sources": SOURCES}


def get_openapi(state: ServerState, call: ControlRequest) -> dict[str, Any]:
    """Return what this server serves, the control API included, as OpenAPI."""
    return openapi.describe(OPERATIONS, ROUTES)


ROUTES: dict[tuple[str, str], Handler] = {
    ("GET", "live"): live,
    ("GET", "ready"): ready,
    ("GET", "stubs"): list_stubs,
    ("POST", "stubs"): add_stubs,
    ("DELETE", "stubs"): delete_stubs,
    ("GET", "requests"): list_requests,
    ("DELETE", "requests"): delete_requests,
    ("GET", "openapi.json"): get_openapi,
    ("GET", "faults"): list_faults,
    ("POST", "faults"): add_faults,
    ("GET", "report"): get_report,
    ("DELETE", "report"): delete_report,
    ("PUT", "settings"): put_settings,
    ("POST", "clock"): move_clock,
    ("GET", "state"): get_state,
    ("PUT", "state"): put_state,
    ("GET", "namespace"): verify,
    ("DELETE", "namespace"): forget,
}


class ControlApi:
    """Answers calls of the control API."""

    def __init__(self, state: ServerState) -> None:
        self._state = state

    def answer(self, request: Request) -> Response:
        """Answer a call of the control API."""
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
        except Exception:  # noqa: BLE001  a bug of ours: on stderr, and in words
            traceback.print_exc(file=sys.stderr)
            what = "the server failed at this call"
            return json_response(
                500, {"errors": [{"place": "", "what": what, "remedy": "report it"}]}
            )
        if isinstance(value, Response):
            return value
        return json_response(200, value)

    def _check_host(self, host: str) -> None:
        """Refuse a page of the web that has its own name point at this machine."""
        try:
            name = (urlsplit(f"//{host}").hostname or "").lower()
        except ValueError:
            name = host
        if not _is_loopback(self._state.settings.host.lower()) or _is_loopback(name):
            return
        if name not in map(str.lower, self._state.settings.allow_host):
            raise refuse(
                403, f"'{name}' is no name of this machine's own", f"start with --allow-host {name}"
            )


def _find(request: Request) -> Handler:
    path, method = request.path.removeprefix(PREFIX.rstrip("/")).strip("/"), request.method
    methods = {allowed: handler for (allowed, known), handler in ROUTES.items() if known == path}
    if not methods and path.startswith("stubs/"):
        methods = {"DELETE": delete_stubs}
    if method in methods:
        return methods[method]
    if methods:
        allowed = ", ".join(methods)
        refusal = refuse(405, f"{method} is not for {request.path}", f"use {allowed}")
        refusal.headers["Allow"] = allowed
        raise refusal
    paths = ", ".join(sorted({PREFIX + known for _, known in ROUTES}))
    raise refuse(404, f"there is no {request.path}", f"there are {paths}")


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
