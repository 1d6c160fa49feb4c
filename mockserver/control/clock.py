"""The endpoint for a namespace's clock."""

from typing import Any

from mockserver import durations
from mockserver.control.control_request import ControlRequest, refuse
from mockserver.control.server_state import ServerState


def get_clock(state: ServerState, call: ControlRequest) -> dict[str, Any]:
    """Return the time of the clock and its mode; a key that is new has the server's."""
    found = state.selected(call.key)
    clock = found[0].clock if found else state.namespaces.keyless.clock
    return {"now": clock.now(), "mode": clock.mode}


def move_clock(state: ServerState, call: ControlRequest) -> dict[str, Any]:
    """Move the clock: `{"advance": "10m"}` or `{"set": 1735689600}`."""
    given = call.json()
    if len(given) != 1 or not given.keys() <= {"advance", "set"}:
        raise refuse(400, "expected either `advance` or `set`", 'send {"advance": "10m"}')
    namespaces = state.selected(call.key, create=True)
    if "set" in given:
        if type(given["set"]) is not int or not 0 <= given["set"] < 2**33:
            raise refuse(400, "not a valid time", "use whole seconds since 1970", "set")
        by = {namespace: given["set"] - namespace.clock.now() for namespace in namespaces}
    else:
        try:
            seconds = durations.seconds(given["advance"])
        except ValueError as error:
            raise refuse(400, str(error), durations.FORMS, "advance") from None
        if seconds != int(seconds):
            raise refuse(400, "not whole seconds", "use a whole number of seconds", "advance")
        by = dict.fromkeys(namespaces, int(seconds))
    for namespace, moved in by.items():
        namespace.clock.advance(moved)
    if call.key is None:
        state.posted_settings["advance"] = state.namespaces.keyless.clock.moved
    return {"now": namespaces[0].clock.now()}
