"""The catalogue: every way to fail, by name, with its options.

A fault that is a plain response is a row of `fixtures/faults.yaml`; one of the
transport is a module beside this one, and a line in `TRANSPORT`.
"""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from functools import cache
from typing import Any

from mockserver import shipped_data
from mockserver.api.shared.errors import catalogue
from mockserver.expressions.templates import compile_value
from mockserver.faults import (
    connection_reset,
    empty_reply,
    garbage_status_line,
    hang,
    latency,
    malformed_json,
    slow_body,
    truncated_body,
    wrong_content_length,
)
from mockserver.faults.error_fault import ErrorFault
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

MAX_SHOWN_NAME = 64
"""How much of an unknown name is repeated in a message, in characters."""

RATE_LIMIT = "rate_limit"
"""Not in the catalogue proper: it lets requests through until they are too many."""

ACTION_KEYS = ("status", "headers", "body", "delay", "inject")
"""What an action may say beside the options of its fault."""


@cache
def error_faults() -> dict[str, ErrorFault]:
    """Return the faults that are plain responses, by name, in the order of the file."""
    return {name: _error_fault(name, row) for name, row in shipped_data.load("faults.yaml").items()}


@cache
def faults() -> dict[str, ErrorFault | TransportFault]:
    """Return every fault, by name: the errors, then the transport's."""
    return {**error_faults(), **{fault.name: fault for fault in TRANSPORT}}


def _error_fault(name: str, row: dict[str, Any]) -> ErrorFault:
    def report(place: Place, what: str, remedy: str) -> None:
        raise ValueError(f"faults.yaml: {name}: {what}: {remedy}")

    error = row.get("error")
    return ErrorFault(
        name=name,
        effect=row["effect"],
        status=catalogue()[error].status if error else row["status"],
        values=compile_value(row.get("with", {}), (name, "with"), report),
        source=catalogue()[error].source if error else row["source"],
        error=error,
        text=row.get("text"),
        headers=row.get("headers", {}),
    )


def as_json() -> list[dict[str, Any]]:
    """Return the catalogue as the control API shows it."""
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
            "effect": "429 with true x-ratelimit-* headers once the period's requests are used up",
            "source": "inferred",
            "options": [
                {"name": "requests", "what": "how many a period", "default": None},
                {"name": "per", "what": "how long a period is, such as 1m", "default": None},
                {"name": "by", "what": "all, or operation: a count for each", "default": "all"},
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
    """Return the values of a fault's options; report what is wrong with it or with them.

    `fault_keys` names, for messages, what may stand beside the options where they are written.
    """
    fault = faults().get(name)
    if name == RATE_LIMIT:
        remedy = "make it a stub, then: {rate_limit: {requests: 3, per: 1m}}, or a rule"
        report((*place, "fault"), "a rate limit is no fault of one request", remedy)
        return {}
    if fault is None:
        asked = name if len(name) <= MAX_SHOWN_NAME else f"{name[:MAX_SHOWN_NAME]}…"
        close = get_close_matches(asked, faults(), 3)
        hint = f"did you mean {' or '.join(close)}? " if close else ""
        hint += f"known are {', '.join(faults())}"
        report((*place, "fault"), f"no such fault: '{asked}'", hint)
        return {}
    if fault.needs_handler and inject == "before":
        report((*place, "inject"), f"{name} gives the right answer", "leave inject out")
    known = {option.name: option for option in fault.options}
    values = {option.name: option.default for option in fault.options}
    for option, value in options.items():
        if option not in known:
            takes = ", ".join([*known, *(ACTION_KEYS if fault_keys is None else fault_keys)])
            report((*place, option), f"{name} has no option '{option}'", f"it takes {takes}")
            continue
        try:
            values[option] = known[option].read(value)
        except ValueError as error:
            report((*place, option), f"{error}, not {value!r}", known[option].what)
    return values
