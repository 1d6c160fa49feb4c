"""The faults that are plain answers: `fixtures/faults.yaml`, read once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from typing import Any

from mockserver import data
from mockserver.errors import ApiError, catalogue
from mockserver.problems import Place
from mockserver.stubs.match import Report
from mockserver.stubs.render import Context, Rendered, as_text, compile_value


@dataclass(frozen=True, slots=True)
class Fault:
    """One row of the catalogue; see the head of `fixtures/faults.yaml`."""

    name: str
    sees: str
    status: int
    values: Rendered
    error: str | None = None
    text: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def refusal(self, context: Context) -> ApiError:
        """Make the error that this fault answers; only for one that is an error."""
        assert self.error is not None  # noqa: S101
        values: dict[str, Any] = self.values(context)
        texts: Any = {name: as_text(value) or "the model" for name, value in values.items()}
        return ApiError(self.error, **texts)


@cache
def faults() -> dict[str, Fault]:
    """Give every fault, by name, in the order of the file."""
    return {name: _fault(name, row) for name, row in data.load("faults.yaml").items()}


def _fault(name: str, row: dict[str, Any]) -> Fault:
    def report(place: Place, what: str, remedy: str) -> None:
        raise ValueError(f"faults.yaml: {name}: {what}: {remedy}")

    error = row.get("error")
    return Fault(
        name=name,
        sees=row["sees"],
        status=catalogue()[error].status if error else row["status"],
        values=compile_value(row.get("with", {}), (name, "with"), report),
        error=error,
        text=row.get("text"),
        headers=row.get("headers", {}),
    )


def check(name: str, options: Mapping[str, Any], place: Place, report: Report) -> None:
    """Check that a stub names a fault that there is, with options that it takes."""
    if name not in faults():
        close = get_close_matches(name, faults(), 3)
        hint = f"did you mean {' or '.join(close)}?" if close else f"use {', '.join(faults())}"
        report((*place, "fault"), f"no fault is called '{name}'", hint)
        return
    for option in options:
        report(
            (*place, option),
            f"the fault {name} has no option '{option}'",
            "it takes status, headers, body and delay",
        )
