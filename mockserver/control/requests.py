"""The endpoints of the journal: requests, their responses, and what decided each response."""

import re
from collections.abc import Mapping
from typing import Any

from mockserver.api import OPERATIONS
from mockserver.api.shared.known_operations import no_such_operation
from mockserver.control.control_request import ControlRequest, refuse
from mockserver.control.journal_entry import (
    Found,
    entries_as_json,
    entry_as_json,
    near_miss_as_json,
    unknown_parts,
    view,
)
from mockserver.control.server_state import ServerState
from mockserver.loading.compile import compile_document
from mockserver.loading.document import Document
from mockserver.state.namespace import Namespace
from mockserver.stubs.near_misses import explain
from mockserver.stubs.stub import Stub
from mockserver.verification.journal import UNKNOWN

PARAMETERS = ("operation", "status", "request_id", "limit")

NO_STATUS = "none"
"""The value of `status` for a request whose client received no response."""

MAX_MISSED = 20
"""How many requests that do not meet the conditions of a search are explained."""


def list_requests(state: ServerState, call: ControlRequest) -> dict[str, Any]:
    """Return the journal, newest first, with near misses."""
    entries = _selected(state, call, call.parameters)
    limit = _limit(call.parameters)
    return {
        "requests": entries_as_json(state, entries[:limit]),
        "counts": _counts(state.selected(call.key)),
    }


def find_requests(state: ServerState, call: ControlRequest) -> dict[str, Any]:
    """Return the requests that meet the conditions of a `when`, as a stub has it.

    `numbers` has all of them, oldest first, `requests` the newest up to `limit`. `missed` explains
    the newest of the others. `unknown` is how many requests cannot be compared, since the journal
    no longer has them, or not the part that a condition is about.
    """
    given = call.json()
    wanted = {name: str(value) for name, value in given.items() if name != "when"}
    limit, expected = _limit(wanted), _compiled(state, given.get("when", {}))

    def is_asked_for(operation: str | None) -> bool:
        one, several = wanted.get("operation"), expected.operations
        name = operation or UNKNOWN
        return one in (None, name) and (several is None or name in several)

    namespaces = state.selected(call.key)
    counts = _counts(namespaces)
    unknown = sum(times for operation, times in counts.items() if is_asked_for(operation))
    unknown -= sum(is_asked_for(entry.operation) for one in namespaces for entry in one.journal)
    found: list[Found] = []
    missed: list[dict[str, Any]] = []
    for entry, namespace in _selected(state, call, wanted):
        if not is_asked_for(entry.operation):
            continue
        result, parts = explain(expected, view(entry)), unknown_parts(entry)
        compared = [one for one in result.conditions if one[0].part not in parts]
        if not all(matched for _, matched, _ in compared):
            if len(missed) < MAX_MISSED:
                shown = entry_as_json(state, entry.without_content(), namespace, explain=False)
                why = near_miss_as_json(result, parts) | {"source": ""}
                missed.append(shown | {"near_misses": [why]})
        elif len(compared) < len(result.conditions):
            unknown += 1
        else:
            found.append((entry, namespace))
    return {
        "requests": entries_as_json(state, found[:limit]),
        "numbers": [entry.number for entry, _ in reversed(found)],
        "missed": missed,
        "unknown": unknown,
        "counts": counts,
    }


def delete_requests(state: ServerState, call: ControlRequest) -> dict[str, Any]:
    """Empty the journal."""
    for namespace in state.selected(call.key):
        namespace.journal.clear()
    return {}


def _selected(state: ServerState, call: ControlRequest, wanted: Mapping[str, str]) -> list[Found]:
    """Return the entries of an operation and of a status, newest first.

    Raises:
        RefusedError: `wanted` has something else, or a value that can never match.
    """
    _check(wanted)
    status = wanted.get("status")
    entries = [
        (entry, namespace)
        for namespace in state.selected(call.key)
        for entry in namespace.journal
        if wanted.get("operation") in (None, entry.operation or UNKNOWN)
        and status in (None, str(entry.status or NO_STATUS))
        and wanted.get("request_id") in (None, entry.request_id)
    ]
    entries.sort(key=lambda found: -found[0].number)
    return entries


def _compiled(state: ServerState, when: Any) -> Stub:
    """Return the conditions of a `when` as a stub that answers nothing.

    Raises:
        FixtureError: with every problem of `when`.
    """
    stub = {"name": "what was asked for", "when": when, "then": "default"}
    document = Document("the body", {"stubs": [stub]}, {(): 0}, prefix=("stubs", 0))
    return compile_document(document, state.models).stubs[0]


def _check(wanted: Mapping[str, str]) -> None:
    """Refuse a filter that can never match: a misspelled name would look like no requests.

    Raises:
        RefusedError: a parameter, a status, a request id or an operation does not exist.
    """
    for name in wanted:
        if name not in PARAMETERS:
            raise refuse(400, f"no such parameter: {name}", f"use {', '.join(PARAMETERS)}")
    status = wanted.get("status", NO_STATUS)
    if status != NO_STATUS and not re.fullmatch("[1-5][0-9][0-9]", status):
        raise refuse(400, f"not a status: {status}", f"use three digits, or {NO_STATUS}", "status")
    if wanted.get("request_id") == "":
        remedy = "use the x-request-id of a response"
        raise refuse(400, "not a request id", remedy, "request_id")
    names = [*(operation.operation_id for operation in OPERATIONS), UNKNOWN]
    operation = wanted.get("operation", UNKNOWN)
    if operation not in names:
        raise refuse(400, *no_such_operation(operation, names))


def _limit(wanted: Mapping[str, str]) -> int | None:
    text = wanted.get("limit")
    if text is None:
        return None
    if not text.isascii() or not text.isdecimal() or len(text) > 9:
        raise refuse(400, f"not a number of requests: {text}", "use a whole number", "limit")
    return int(text)


def _counts(namespaces: list[Namespace]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for namespace in namespaces:
        for operation, times in namespace.journal.calls.items():
            counts[operation] = counts.get(operation, 0) + times
    return counts
