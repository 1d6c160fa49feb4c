"""The endpoints that verify and forget a namespace."""

from typing import Any

from mockserver.control.control_request import ControlRequest, json_response
from mockserver.control.requests import entry_as_json
from mockserver.control.server_state import ServerState
from mockserver.http.response import Response


def verify(state: ServerState, call: ControlRequest) -> Response:
    """Return how a namespace's strictness was violated; without a credential, every namespace's.

    The status is 409 where a violation is an error, otherwise 200.
    """
    unused: list[str] = []
    unexpected: list[dict[str, Any]] = []
    levels = set()
    for namespace in state.selected(call.key):
        level = namespace.strictness.unused_stubs
        own = state.registry.own_stubs(namespace)
        if level != "ignore":
            names = [str(stub) for stub in own if not state.registry.matched(namespace, stub)]
            unused += names
            levels.update([level] if names else [])
        for entry in reversed(namespace.unexpected):
            unexpected.append(entry_as_json(state, entry, namespace))
            levels.add("error")
    level = next((level for level in ("error", "warn") if level in levels), "ignore")
    violations = {"level": level, "unexpected_requests": unexpected, "unused_stubs": unused}
    return json_response(409 if level == "error" else 200, violations)


def forget(state: ServerState, call: ControlRequest) -> Response:
    """Forget a namespace, as if its key had never been used; without a credential, every one.

    Return what `verify` returns.
    """
    verdict = verify(state, call)
    for namespace in state.selected(call.key):
        state.registry.forget(namespace)
    state.namespaces.forget(call.key)
    if call.key is None:
        state.registry.remove(None)
        state.posted_objects.clear()
        state.posted_settings.clear()
    return verdict
