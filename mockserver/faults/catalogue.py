"""The catalogue of faults: each with its name, its effect and its options.

A fault that is an error response is a row of `fixtures/faults.yaml`. A transport fault is a module
in this folder and an entry in `TRANSPORT`, one of a stream an entry in `STREAM`.
"""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from functools import cache
from typing import Any

from mockserver import shipped_data
from mockserver.api.shared.errors import error_catalogue
from mockserver.expressions.templates import compile_value
from mockserver.faults import (
    connection_reset,
    empty_reply,
    garbage_status_line,
    hang,
    latency,
    malformed_json,
    slow_body,
    stream_crlf,
    stream_cut,
    stream_duplicate,
    stream_error,
    stream_stall,
    stream_unknown_event,
    stream_without_done,
    truncated_body,
    wrong_content_length,
)
from mockserver.faults.error_fault import ErrorFault
from mockserver.faults.stream import StreamFault
from mockserver.faults.transport import TransportFault
from mockserver.problems import Place, Report

TRANSPORT = (
    latency.FAULT,
    hang.FAULT,
    connection_reset.FAULT,
    empty_reply.FAULT,
    truncated_body.FAULT,
    wrong_content_length.FAULT,
    malformed_json.FAULT,
    slow_body.FAULT,
    garbage_status_line.FAULT,
)

STREAM = (
    stream_cut.FAULT,
    stream_stall.FAULT,
    stream_error.FAULT,
    stream_without_done.FAULT,
    stream_duplicate.FAULT,
    stream_unknown_event.FAULT,
    stream_crlf.FAULT,
)

MAX_SHOWN_NAME = 64
"""The most characters of an unknown name that a message repeats."""

RATE_LIMIT = "rate_limit"
"""Not a fault of one request: it lets requests through until they exceed the limit."""

COMMON_KEYS = ("status", "headers", "body", "delay", "inject")
"""The keys of an action that a fault accepts besides its own options."""


@cache
def error_faults() -> dict[str, ErrorFault]:
    """Return the faults that are error responses, by name, in the order of the file."""
    return {name: _error_fault(name, row) for name, row in shipped_data.load("faults.yaml").items()}


@cache
def faults() -> dict[str, ErrorFault | TransportFault | StreamFault]:
    """Return every fault by name: the error responses, the transport faults, those of streams."""
    return {**error_faults(), **{fault.name: fault for fault in TRANSPORT}, **stream_faults()}


@cache
def stream_faults() -> dict[str, StreamFault]:
    """Return the faults of streams by name."""
    return {fault.name: fault for fault in STREAM}


def _error_fault(name: str, row: dict[str, Any]) -> ErrorFault:
    def report(place: Place, what: str, remedy: str) -> None:
        raise ValueError(f"faults.yaml: {name}: {what}: {remedy}")

    error = row.get("error")
    return ErrorFault(
        name=name,
        effect=row["effect"],
        status=error_catalogue()[error].status if error else row["status"],
        values=compile_value(row.get("with", {}), (name, "with"), report),
        source=error_catalogue()[error].source if error else row["source"],
        error=error,
        text=row.get("text"),
        headers=row.get("headers", {}),
    )


def as_json() -> list[dict[str, Any]]:
    """Return the catalogue in the form that the control API sends."""
    return [
        {
            "name": fault.name,
            "kind": fault.kind,
            "status": fault.status,
            "effect": fault.effect,
            "source": fault.source,
            "options": [
                {"name": option.name, "what": option.what, "default": option.default}
                for option in fault.options
            ],
        }
        for fault in faults().values()
    ] + [
        {
            "name": RATE_LIMIT,
            "kind": "limit",
            "status": 429,
            "effect": "429 with exact x-ratelimit-* headers once the period's requests are used up",
            "source": "inferred",
            "options": [
                {"name": "requests", "what": "the number of requests in a period", "default": None},
                {"name": "per", "what": "the length of a period, such as 1m", "default": None},
                {"name": "by", "what": "all, or operation to count each apart", "default": "all"},
            ],
        }
    ]


def check(
    name: str,
    options: Mapping[str, Any],
    inject: str | None,
    place: Place,
    report: Report,
    fault_keys: Sequence[str] | None = None,
) -> dict[str, Any]:
    """Return the values of a fault's options, defaults included.

    An unknown fault, unknown options and values that are not valid are reported. `fault_keys`
    lists, for messages, the other keys that are allowed where the options are written.
    """
    fault = faults().get(name)
    if name == RATE_LIMIT:
        remedy = "use a stub with then: {rate_limit: {requests: 3, per: 1m}}, or a fault rule"
        report((*place, "fault"), "a rate limit does not apply to one request", remedy)
        return {}
    if fault is None:
        shown = name if len(name) <= MAX_SHOWN_NAME else f"{name[:MAX_SHOWN_NAME]}…"
        close = get_close_matches(shown, faults(), 3)
        hint = f"did you mean {' or '.join(close)}? otherwise " if close else ""
        hint += f"use one of {', '.join(faults())}"
        report((*place, "fault"), f"no such fault: '{shown}'", hint)
        return {}
    if fault.needs_handler and inject == "before":
        does = "changes a part of" if fault.kind == "stream" else "only delays"
        what = f"{name} {does} the response, it cannot replace it"
        report((*place, "inject"), what, "remove inject")
    known = {option.name: option for option in fault.options}
    values = {option.name: option.default for option in fault.options}
    for option, value in options.items():
        if option not in known:
            takes = ", ".join([*known, *(COMMON_KEYS if fault_keys is None else fault_keys)])
            report((*place, option), f"{name} has no option '{option}'", f"it takes {takes}")
            continue
        try:
            values[option] = known[option].read(value)
        except ValueError as error:
            remedy = f"set it to {known[option].what}"
            report((*place, option), f"{error}, got {value!r}", remedy)
    return values
