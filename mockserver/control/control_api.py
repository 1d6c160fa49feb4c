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
from mockserver.control import openapi
from mockserver.control.call import PREFIX, Call, RefusedError, World, json_answer, refuse
from mockserver.control.namespaces import (
    forget,
    get_state,
    move_clock,
    put_settings,
    put_state,
    verify,
)
from mockserver.control.report import delete_report, get_report
from mockserver.control.requests import delete_requests, list_requests
from mockserver.control.stubs import add_faults, add_stubs, delete_stubs, list_stubs
from mockserver.faults import catalogue
from mockserver.pipeline.exchange import Answer, Exchange
from mockserver.problems import FixtureError, Problem

__all__ = ["PREFIX", "ROUTES", "Control", "World"]

Handler = Callable[[World, Call], Answer | dict[str, Any]]

UNREADABLE = {
    "body_too_large": (413, "the body is too large", "send less at a time"),
    "not_json": (400, "the body is not compressed or chunked as it says", "send it plain"),
    "request_timeout": (408, "the body did not come whole", "send all of it"),
}
"""The refusals of a body that could not be read, by the error that it would be to the API."""


def live(world: World, call: Call) -> dict[str, Any]:
    """Answer that the server runs."""
    return {"live": True}


def ready(world: World, call: Call) -> Answer | dict[str, Any]:
    """Answer whether the fixtures in force are those of the files."""
    if world.not_ready:
        return json_answer(503, {"ready": False, "errors": world.not_ready})
    return {"ready": True}


def list_faults(world: World, call: Call) -> dict[str, Any]:
    """Give the catalogue of faults."""
    return {"faults": catalogue.shown()}


def get_openapi(world: World, call: Call) -> dict[str, Any]:
    """Give what this server serves, the control API included, as OpenAPI."""
    return openapi.document(OPERATIONS, ROUTES)


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


class Control:
    """Answers calls of the control API."""

    def __init__(self, world: World) -> None:
        self.world = world

    def answer(self, exchange: Exchange) -> Answer:
        """Answer a call of the control API."""
        try:
            if exchange.body_error is not None:
                raise refuse(*UNREADABLE[exchange.body_error])
            self._check_host(exchange.headers.get("Host", ""))
            value = self._find(exchange)(self.world, Call(exchange, self.world))
        except RefusedError as refusal:
            answer = json_answer(refusal.status, {"errors": refusal.problems})
            answer.headers.update(refusal.headers)
            return answer
        except FixtureError as error:
            return json_answer(
                400, {"errors": [_shown_problem(problem) for problem in error.problems]}
            )
        except Exception:  # noqa: BLE001  a bug of ours: told on stderr, and in words
            traceback.print_exc(file=sys.stderr)
            what = "the server failed at this call"
            return json_answer(
                500, {"errors": [{"place": "", "what": what, "remedy": "report it"}]}
            )
        if isinstance(value, Answer):
            return value
        return json_answer(200, value)

    def _check_host(self, host: str) -> None:
        """Refuse a page of the web that has its own name point at this machine."""
        try:
            name = (urlsplit(f"//{host}").hostname or "").lower()
        except ValueError:
            name = host
        if not _is_loopback(self.world.settings.host.lower()) or _is_loopback(name):
            return
        if name not in map(str.lower, self.world.settings.allow_host):
            raise refuse(
                403, f"'{name}' is no name of this machine's own", f"start with --allow-host {name}"
            )

    def _find(self, exchange: Exchange) -> Handler:
        path = exchange.path.removeprefix(PREFIX.rstrip("/")).strip("/")
        methods = {method: handler for (method, known), handler in ROUTES.items() if known == path}
        if not methods and path.startswith("stubs/"):
            methods = {"DELETE": delete_stubs}
        if exchange.method in methods:
            return methods[exchange.method]
        if methods:
            allowed = ", ".join(methods)
            refusal = refuse(405, f"{exchange.method} is not for {exchange.path}", f"use {allowed}")
            refusal.headers["Allow"] = allowed
            raise refusal
        paths = ", ".join(sorted({PREFIX + known for _, known in ROUTES}))
        raise refuse(404, f"there is no {exchange.path}", f"there are {paths}")


def _is_loopback(name: str) -> bool:
    return (
        name in ("localhost", "::1", "") or name.startswith("127.") or name.endswith(".localhost")
    )


def _shown_problem(problem: Problem) -> dict[str, Any]:
    return {
        "source": problem.source,
        "line": problem.line,
        "place": problem.place,
        "what": problem.what,
        "remedy": problem.remedy,
    }
