"""An entry of the journal as the control API shows it."""

import contextlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from mockserver.control.server_state import ServerState
from mockserver.expressions.request_view import MISSING, SUBJECTS, About, RequestView
from mockserver.http import credentials, json_codec, masking
from mockserver.http.request import query_values
from mockserver.state.namespace import Namespace
from mockserver.stubs.near_misses import NearMiss
from mockserver.verification.journal import MAX_BYTES, JournalEntry

MAX_EXPLAINED = 100
"""For how many entries near misses are computed: with many stubs that is slow."""

Found = tuple[JournalEntry, Namespace]
"""An entry, and the namespace whose journal has it."""


def entries_as_json(state: ServerState, entries: Iterable[Found]) -> list[dict[str, Any]]:
    """Return entries with near misses.

    Beyond the size that a journal may have, such as in the entries of many keys, bodies and headers
    are left out.
    """
    return [
        entry_as_json(state, *found, explain=at < MAX_EXPLAINED)
        for at, found in enumerate(_within(MAX_BYTES, entries))
    ]


def _within(room: int, entries: Iterable[Found]) -> Iterator[Found]:
    for entry, namespace in entries:
        room -= entry.size
        yield (entry if room >= 0 else entry.without_content()), namespace


def entry_as_json(
    state: ServerState, entry: JournalEntry, namespace: Namespace, *, explain: bool = True
) -> dict[str, Any]:
    """Return an entry of the journal; with `explain`, near misses where no stub answered."""
    value = {
        "number": entry.number,
        "time": entry.time,
        "request_id": entry.request_id,
        "operation": entry.operation,
        "key": None if entry.key is None else credentials.hide(entry.key),
        "request": {
            "method": entry.method,
            "path": masking.mask_path(entry.path),
            "query": masking.mask_query(entry.query),
            "headers": _shown_headers(entry.request_headers),
            "body": _shown_body(entry.body, entry.request_headers),
            "body_truncated": entry.body is None,
        },
        "response": {
            "status": entry.status,
            "headers": _shown_headers(entry.response_headers),
            "body": _shown_response(entry),
            "body_truncated": entry.response is None,
            "completed": entry.completed,
        },
        "decided_by": entry.decided_by,
        "fault": entry.fault,
        "hint": entry.hint or None,
        "skipped": [{"stub": stub, "why": why} for stub, why in entry.skipped],
    }
    if not entry.matched and explain:
        misses = state.registry.near_misses(namespace, view(entry))
        value["near_misses"] = [near_miss_as_json(miss, unknown_parts(entry)) for miss in misses]
    return value


def view(entry: JournalEntry) -> RequestView:
    """Return the request as the conditions of stubs see it."""
    body: Any = MISSING
    with contextlib.suppress(ValueError):
        body = json_codec.loads(entry.body or b"")
    headers, query = entry.request_headers or {}, query_values(entry.query)
    about = About(lambda part: MISSING, dict(entry.about or {}))
    return RequestView(entry.operation, entry.method, entry.path, headers, query, body, about)


def unknown_parts(entry: JournalEntry) -> Sequence[str]:
    """Return the parts of the request that the journal does not have, as conditions name them."""
    parts = {"headers": entry.request_headers, "body": entry.body}
    about = [part for part in SUBJECTS if part not in (entry.about or {})]
    return [*(name for name, value in parts.items() if value is None), *about]


def near_miss_as_json(miss: NearMiss, unknown: Sequence[str]) -> dict[str, Any]:
    """Return a stub that almost matched: each condition, whether it matched, the actual value.

    For a condition on a part of the request in `unknown`, `matched` is None.
    """
    return {
        "stub": miss.stub.id,
        "name": miss.stub.name,
        "source": miss.stub.source,
        "conditions": [
            {"condition": str(condition), "matched": matched, "actual": condition.show(value)}
            if condition.part not in unknown
            else {"condition": str(condition), "matched": None, "actual": "not kept"}
            for condition, matched, value in miss.conditions
        ],
    }


def _shown_headers(
    headers: Mapping[str, str | list[str]] | None,
) -> dict[str, str | list[str]] | None:
    """Return headers by their names in lower case; of a name that came several times, a list."""
    if headers is None:
        return None
    values: dict[str, list[str]] = {}
    for name, value in headers.items():
        several = value if isinstance(value, list) else [value]
        masked = [masking.mask_header(name, one) for one in several]
        values.setdefault(name.lower(), []).extend(masked)
    return {name: several if len(several) > 1 else several[0] for name, several in values.items()}


def _shown_body(body: bytes | None, headers: Mapping[str, str | list[str]] | None) -> Any:
    """Return a body as its JSON, a stream as the list of its events, or else as text."""
    if body and _content_type(headers).startswith("text/event-stream"):
        return [_shown_event(event) for event in _BLANK_LINE.split(body) if event]
    try:
        return json_codec.loads(body) if body else None
    except ValueError:
        return (body or b"").decode("utf-8", "replace")


def _shown_response(entry: JournalEntry) -> Any:
    """Return the body of a response; in a stream, the event at which a fault was injected names it.

    Where nothing was sent any more, the fault stands in the place of an event.
    """
    shown = _shown_body(entry.response, entry.response_headers)
    if entry.fault_at is None or entry.response is None:
        return shown
    events = shown if isinstance(shown, list) else []
    before, behind = events[: entry.fault_at], events[entry.fault_at :]
    first = behind[0] if behind else {"event": None, "data": None}
    return [*before, first | {"fault": entry.fault}, *behind[1:]]


_BLANK_LINE = re.compile(rb"\r?\n\r?\n")


def _content_type(headers: Mapping[str, str | list[str]] | None) -> str:
    found = [value for name, value in (headers or {}).items() if name.lower() == "content-type"]
    return str(found[0]) if found else ""


def _shown_event(event: bytes) -> dict[str, Any]:
    """Return an event as its name and its data; what a fault has cut is shown as text."""
    lines = event.decode("utf-8", "replace").splitlines()
    fields = [line.partition(": ")[::2] for line in lines]
    data = "\n".join(value for name, value in fields if name == "data")
    shown: dict[str, Any] = {"event": dict(fields).get("event"), "data": data}
    with contextlib.suppress(ValueError):
        shown["data"] = json_codec.loads(data.encode())
    return shown
