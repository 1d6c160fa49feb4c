"""The endpoint for a namespace's clock."""

import contextlib
from typing import Any

from mockserver import durations, moments
from mockserver.control.control_request import ControlRequest, refuse
from mockserver.control.server_state import ServerState


def get_clock(state: ServerState, call: ControlRequest) -> dict[str, Any]:
    """Return the time of the clock and its mode; a key that is new has the server's."""
    found = state.selected(call.key)
    clock = found[0].clock if found else state.namespaces.keyless.clock
    return {"now": clock.now(), "mode": clock.mode}


def move_clock(state: ServerState, call: ControlRequest) -> dict[str, Any]:
    """Move the clock: `{"advance": "10m"}`, `{"set": 1735689600}` or `{"set": "2026-08-26"}`."""
    given = call.json()
    if len(given) != 1 or not given.keys() <= {"advance", "set"}:
        raise refuse(400, "expected either `advance` or `set`", 'send {"advance": "10m"}')
    namespaces = state.selected(call.key, create=True)
    if "set" in given:
        second = _second(given["set"])
        by = {namespace: second - namespace.clock.now() for namespace in namespaces}
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


def _second(value: object) -> int:
    """Return the moment that a clock is set to, in whole seconds since 1970.

    Raises:
        RefusedError: it is none.
    """
    if isinstance(value, str):
        with contextlib.suppress(ValueError):
            value = int(moments.seconds(value))
    if type(value) is not int or not 0 <= value < 2**33:
        remedy = f"use whole seconds since 1970, {moments.FORMS}"
        raise refuse(400, "not a valid time", remedy, "set")
    return value
