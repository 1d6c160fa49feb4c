"""The endpoints of the journal: requests, their responses, and what decided each response."""

import contextlib
import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from mockserver.api import OPERATIONS
from mockserver.control.control_request import ControlRequest, refuse
from mockserver.control.server_state import ServerState
from mockserver.expressions.paths import field
from mockserver.expressions.request_view import MISSING, RequestView, show
from mockserver.http import credentials, json_codec
from mockserver.http.request import query_values
from mockserver.state.namespace import Namespace
from mockserver.stubs.near_misses import NearMiss
from mockserver.verification.journal import MAX_BODY_BYTES, UNKNOWN, JournalEntry

MAX_EXPLAINED = 100
"""For how many entries near misses are computed: with many stubs that is slow."""

MAX_SHOWN_BYTES = 8192
"""How many bytes of a body are shown."""

PARAMETERS = ("operation", "status", "limit")

NO_STATUS = "none"
"""The value of `status` for a request whose client received no response."""

SECRET_HEADERS = ("authorization", "api-key", "cookie")


def list_requests(state: ServerState, call: ControlRequest) -> dict[str, Any]:
    """Return the journal, newest first, with near misses."""
    wanted = call.parameters
    limit = _limit(wanted.get("limit"))
    status = wanted.get("status")
    _check(wanted)
    entries = [
        (entry, namespace)
        for namespace in state.selected(call.key)
        for entry in namespace.journal
        if wanted.get("operation") in (None, entry.operation or UNKNOWN)
        and status in (None, str(entry.status or NO_STATUS))
    ]
    entries.sort(key=lambda pair: -pair[0].number)
    return {
        "requests": [
            entry_as_json(state, *pair, explain=at < MAX_EXPLAINED)
            for at, pair in enumerate(entries[:limit])
        ],
        "counts": _counts(state.selected(call.key)),
    }


def delete_requests(state: ServerState, call: ControlRequest) -> dict[str, Any]:
    """Empty the journal."""
    for namespace in state.selected(call.key):
        namespace.journal.clear()
        namespace.unexpected.clear()
    return {}


def _check(wanted: Mapping[str, str]) -> None:
    """Refuse a filter that can never match: a misspelled name would look like no requests.

    Raises:
        RefusedError: a parameter, a status or an operation does not exist.
    """
    for name in wanted:
        if name not in PARAMETERS:
            raise refuse(400, f"no such parameter: {name}", f"use {', '.join(PARAMETERS)}")
    status = wanted.get("status", NO_STATUS)
    if status != NO_STATUS and not re.fullmatch("[1-5][0-9][0-9]", status):
        raise refuse(400, f"not a status: {status}", f"use three digits, or {NO_STATUS}", "status")
    names = [*(operation.operation_id for operation in OPERATIONS), UNKNOWN]
    operation = wanted.get("operation", UNKNOWN)
    if operation not in names:
        close = get_close_matches(operation, names, 2) or names
        raise refuse(400, f"no such operation: {operation}", f"use {' or '.join(close)}")


def _limit(text: str | None) -> int | None:
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


def entry_as_json(
    state: ServerState, entry: JournalEntry, namespace: Namespace, *, explain: bool = True
) -> dict[str, Any]:
    """Return an entry of the journal; with `explain`, near misses where no stub answered."""
    headers = namespace.journal.headers(entry.number)
    value = {
        "number": entry.number,
        "time": entry.time,
        "operation": entry.operation,
        "key": None if entry.key is None else credentials.hide(entry.key),
        "request": {
            "method": entry.method,
            "path": entry.path,
            "query": entry.query,
            "headers": _shown_headers(headers.request) if headers else None,
            "body": _shown_body(entry.body),
        },
        "response": {
            "status": entry.status,
            "headers": dict(headers.response) if headers else None,
            "body": _shown_body(entry.response),
            "completed": entry.completed,
        },
        "decided_by": entry.decided_by,
        "fault": entry.fault,
        "skipped": [{"stub": stub, "why": why} for stub, why in entry.skipped],
    }
    if not entry.matched and explain:
        view = _view(entry, headers.request if headers else {})
        misses = state.registry.near_misses(namespace, view)
        forgotten = ["headers"] if headers is None else []
        if len(entry.body) >= MAX_BODY_BYTES:
            forgotten.append("body")
        value["near_misses"] = [_shown_near_miss(miss, forgotten) for miss in misses]
    return value


def _view(entry: JournalEntry, headers: Mapping[str, str]) -> RequestView:
    """Return the request as the conditions of stubs see it."""
    body: Any = MISSING
    with contextlib.suppress(ValueError):
        body = json_codec.loads(entry.body)
    query = query_values(entry.query)
    return RequestView(entry.operation, entry.method, entry.path, headers, query, body)


def _shown_headers(headers: Mapping[str, str]) -> dict[str, str | list[str]]:
    """Return headers with their secrets masked, and with a list for one that is repeated."""
    shown = {}
    for name in headers:
        value = field(headers, name)
        if name.lower() in SECRET_HEADERS:
            several = value if isinstance(value, list) else [value]
            masked = [credentials.mask_header(one) for one in several]
            value = masked if isinstance(value, list) else masked[0]
        shown[name] = value
    return shown


def _shown_near_miss(miss: NearMiss, forgotten: Sequence[str]) -> dict[str, Any]:
    """Return a stub that almost matched: each condition, whether it matched, the actual value.

    For a condition on a part of the request in `forgotten`, `matched` is None.
    """
    return {
        "stub": miss.stub.id,
        "name": miss.stub.name,
        "source": miss.stub.source,
        "conditions": [
            {"condition": str(condition), "matched": matched, "actual": show(value)}
            if condition.part not in forgotten
            else {"condition": str(condition), "matched": None, "actual": "no longer kept"}
            for condition, matched, value in miss.conditions
        ],
    }


def _shown_body(body: bytes) -> Any:
    if len(body) > MAX_SHOWN_BYTES:
        return f"{body[:MAX_SHOWN_BYTES].decode('utf-8', 'replace')}…"
    try:
        return json_codec.loads(body) if body else None
    except ValueError:
        return body.decode("utf-8", "replace")
