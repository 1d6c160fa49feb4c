"""The catalogue: every way to fail, by name, and what each can be told.

A fault that is a plain answer is a row of `fixtures/faults.yaml`; one of the
transport is a module beside this one, and a line in `TRANSPORT`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from typing import Any, ClassVar

from mockserver import durations, shipped_data
from mockserver.api.shared.errors import ApiError, catalogue
from mockserver.expressions.templates import Context, Rendered, as_text, compile_value
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
from mockserver.faults.options import Option
from mockserver.faults.retry import RETRY_OPTIONS
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

NO_MODEL = "the model"
"""What an error calls the model of a request that names none."""

LONGEST_SHOWN = 64
"""How much of a name that is none is told again, in characters."""

RATE_LIMIT = "rate_limit"
"""Not in the catalogue proper: it lets requests through until they are too many."""

OF_ACTIONS = ("status", "headers", "body", "delay", "strike")
"""What an action may say beside the options of its fault."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault that is a plain answer; see the head of `fixtures/faults.yaml`.

    `source` tells where its words are from, as in `fixtures/errors.yaml`.
    """

    name: str
    sees: str
    status: int
    values: Rendered
    source: str
    error: str | None = None
    text: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    options: tuple[Option, ...] = RETRY_OPTIONS

    kind: ClassVar = "answer"
    needs_handler: ClassVar = False

    def refusal(self, context: Context, wait: float | None = None) -> ApiError:
        """Make the error that this fault answers; only for one that is an error.

        `wait` is how long it asks the client to wait, in seconds, where its words tell.
        """
        assert self.error is not None  # noqa: S101
        values: dict[str, Any] = self.values(context)
        texts: Any = {name: as_text(value) for name, value in values.items()}
        if "model" in texts:
            texts["model"] = texts["model"] or NO_MODEL
        if "wait" in texts and wait is not None:
            texts["wait"] = durations.as_go(wait)
        return ApiError(self.error, **texts)


@cache
def answers() -> dict[str, Fault]:
    """Give the faults that are plain answers, by name, in the order of the file."""
    return {name: _fault(name, row) for name, row in shipped_data.load("faults.yaml").items()}


@cache
def faults() -> dict[str, Fault | TransportFault]:
    """Give every fault, by name: the answers, then the transport's."""
    return {**answers(), **{fault.name: fault for fault in TRANSPORT}}


def _fault(name: str, row: dict[str, Any]) -> Fault:
    def report(place: Place, what: str, remedy: str) -> None:
        raise ValueError(f"faults.yaml: {name}: {what}: {remedy}")

    error = row.get("error")
    return Fault(
        name=name,
        sees=row["sees"],
        status=catalogue()[error].status if error else row["status"],
        values=compile_value(row.get("with", {}), (name, "with"), report),
        source=catalogue()[error].source if error else row["source"],
        error=error,
        text=row.get("text"),
        headers=row.get("headers", {}),
    )


def shown() -> list[dict[str, Any]]:
    """Give the catalogue as the control API shows it."""
    return [
        {
            "name": fault.name,
            "kind": fault.kind,
            "status": fault.status,
            "sees": fault.sees,
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
            "sees": "429 with true x-ratelimit-* headers once the period's requests are used up",
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
    strike: str | None,
    place: Place,
    report: Report,
    beside: Sequence[str] | None = None,
) -> dict[str, Any]:
    """Check that there is such a fault and that it takes these options; gives their values.

    `beside` names what else could have been written where they are, for messages.
    """
    fault = faults().get(name)
    if name == RATE_LIMIT:
        remedy = "make it a stub, then: {rate_limit: {requests: 3, per: 1m}}, or a rule"
        report((*place, "fault"), "a rate limit is no fault of one request", remedy)
        return {}
    if fault is None:
        asked = name if len(name) <= LONGEST_SHOWN else f"{name[:LONGEST_SHOWN]}…"
        close = get_close_matches(asked, faults(), 3)
        hint = f"did you mean {' or '.join(close)}? " if close else ""
        hint += f"known are {', '.join(faults())}"
        report(
            (*place, "fault"),
            f"no fault is called '{asked}'",
            hint,
        )
        return {}
    if fault.needs_handler and strike == "before":
        report((*place, "strike"), f"{name} gives the right answer", "leave strike out")
    known = {option.name: option for option in fault.options}
    values = {option.name: option.default for option in fault.options}
    for option, value in options.items():
        if option not in known:
            takes = ", ".join([*known, *(OF_ACTIONS if beside is None else beside)])
            report((*place, option), f"{name} has no option '{option}'", f"it takes {takes}")
            continue
        try:
            values[option] = known[option].read(value)
        except ValueError as error:
            report((*place, option), f"{error}, not {value!r}", known[option].what)
    return values
