"""The journal: what was asked, what was answered, and which stub decided."""

import contextlib
import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from mockserver.api import OPERATIONS
from mockserver.api.shared.routing import parameters
from mockserver.control.call import Call, World, refuse
from mockserver.expressions.conditions import MISSING, Asked, show
from mockserver.http import credentials, json_codec
from mockserver.state.namespace import Namespace
from mockserver.stubs.index import NearMiss
from mockserver.verification.journal import BODY_KEPT, UNKNOWN, Entry

EXPLAINED = 100
"""For how many of the entries shown near misses are worked out: that is slow, with many stubs."""

SHOWN = 8192
"""How much of a body is shown, in bytes."""

PARAMETERS = ("operation", "status", "limit")

NO_STATUS = "none"
"""The status of a request that no answer reached."""

SECRET = ("authorization", "api-key", "cookie")


def list_requests(world: World, call: Call) -> dict[str, Any]:
    """Give the journal, newest first, with near misses."""
    wanted = call.parameters
    limit = _limit(wanted.get("limit"))
    status = wanted.get("status")
    _check(wanted)
    entries = [
        (entry, namespace)
        for namespace in world.selected(call.key)
        for entry in namespace.journal
        if wanted.get("operation") in (None, entry.operation or UNKNOWN)
        and status in (None, str(entry.status or NO_STATUS))
    ]
    entries.sort(key=lambda pair: -pair[0].number)
    return {
        "requests": [
            shown_entry(world, *pair, explain=at < EXPLAINED)
            for at, pair in enumerate(entries[:limit])
        ],
        "counts": _counts(world.selected(call.key)),
    }


def delete_requests(world: World, call: Call) -> dict[str, Any]:
    """Empty the journal."""
    for namespace in world.selected(call.key):
        namespace.journal.clear()
        namespace.unexpected.clear()
    return {}


def _check(wanted: Mapping[str, str]) -> None:
    """Refuse to look for what can never be found: a name misspelt would be one never asked for."""
    for name in wanted:
        if name not in PARAMETERS:
            raise refuse(400, f"no parameter is called {name}", f"use {', '.join(PARAMETERS)}")
    status = wanted.get("status", NO_STATUS)
    if status != NO_STATUS and not re.fullmatch("[1-5][0-9][0-9]", status):
        raise refuse(400, f"no status: {status}", f"give three digits, or {NO_STATUS}", "status")
    names = [*(operation.operation_id for operation in OPERATIONS), UNKNOWN]
    asked = wanted.get("operation", UNKNOWN)
    if asked not in names:
        close = get_close_matches(asked, names, 2) or names
        raise refuse(400, f"no operation is called {asked}", f"use {' or '.join(close)}")


def _limit(text: str | None) -> int | None:
    if text is None:
        return None
    if not text.isascii() or not text.isdecimal() or len(text) > 9:
        raise refuse(400, f"not a number of requests: {text}", "give a whole number", "limit")
    return int(text)


def _counts(namespaces: list[Namespace]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for namespace in namespaces:
        for operation, times in namespace.journal.calls.items():
            counts[operation] = counts.get(operation, 0) + times
    return counts


def shown_entry(
    world: World, entry: Entry, namespace: Namespace, *, explain: bool = True
) -> dict[str, Any]:
    """Show an entry of the journal; where no stub answered it, with those that came nearest."""
    headers = namespace.journal.headers(entry.number)
    shown = {
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
        "answer": {
            "status": entry.status,
            "headers": dict(headers.answer) if headers else None,
            "body": _shown_body(entry.answer),
        },
        "decided_by": entry.decided_by,
        "fault": entry.fault,
        "passed_over": [{"stub": stub, "why": why} for stub, why in entry.passed_over],
    }
    if not entry.matched and explain:
        asked = _asked(entry, headers.request if headers else {})
        misses = world.rules.near_misses(namespace, asked)
        forgotten = ["headers"] if headers is None else []
        if len(entry.body) >= BODY_KEPT:
            forgotten.append("body")
        shown["near_misses"] = [_shown_near_miss(miss, forgotten) for miss in misses]
    return shown


def _asked(entry: Entry, headers: Mapping[str, str]) -> Asked:
    """Give the request as the conditions of stubs saw it."""
    document: Any = MISSING
    with contextlib.suppress(ValueError):
        document = json_codec.loads(entry.body)
    query = parameters(entry.query)
    return Asked(entry.operation, entry.method, entry.path, headers, query, document)


def _shown_headers(headers: Mapping[str, str]) -> dict[str, str]:
    return {
        name: credentials.mask_header(value) if name.lower() in SECRET else value
        for name, value in headers.items()
    }


def _shown_near_miss(miss: NearMiss, forgotten: Sequence[str]) -> dict[str, Any]:
    """Show a stub that almost matched: each condition, whether it held, and what was there.

    Of the parts of a request that the journal has `forgotten`, nobody can tell.
    """
    return {
        "stub": miss.stub.id,
        "name": miss.stub.name,
        "source": miss.stub.source,
        "conditions": [
            {"condition": str(condition), "held": held, "was": show(value)}
            if condition.part not in forgotten
            else {"condition": str(condition), "held": None, "was": "no longer kept"}
            for condition, held, value in miss.conditions
        ],
    }


def _shown_body(body: bytes) -> Any:
    if len(body) > SHOWN:
        return f"{body[:SHOWN].decode('utf-8', 'replace')}…"
    try:
        return json_codec.loads(body) if body else None
    except ValueError:
        return body.decode("utf-8", "replace")
