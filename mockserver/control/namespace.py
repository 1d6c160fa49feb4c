"""The end of a namespace, and what strictness has to say of it."""

from typing import Any

from mockserver.control.control_request import ControlRequest, json_response
from mockserver.control.requests import entry_as_json
from mockserver.control.server_state import ServerState
from mockserver.http.response import Response


def verify(state: ServerState, call: ControlRequest) -> Response:
    """Return what a namespace was strict about and was not met; with no credential, every one.

    The response is a 409 where that is an error.
    """
    unused: list[str] = []
    unexpected: list[dict[str, Any]] = []
    levels = set()
    for namespace in state.selected(call.key):
        level = namespace.strictness.unused_stubs
        own = state.registry.own_stubs(namespace)
        if level != "ignore":
            names = [stub.name for stub in own if not state.registry.matched(namespace, stub)]
            unused += names
            levels.update([level] if names else [])
        for entry in reversed(namespace.unexpected):
            unexpected.append(entry_as_json(state, entry, namespace))
            levels.add("error")
    level = next((level for level in ("error", "warn") if level in levels), "ignore")
    met = {"level": level, "unexpected_requests": unexpected, "unused_stubs": unused}
    return json_response(409 if level == "error" else 200, met)


def forget(state: ServerState, call: ControlRequest) -> Response:
    """Forget a namespace as if its key had never come; with no credential every one.

    Returns what `verify` does.
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
