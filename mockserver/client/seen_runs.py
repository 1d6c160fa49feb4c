"""Runs as a test inspects them, and as a failure message shows them."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

ENDS = ("completed", "failed", "incomplete", "expired", "cancelled")
"""The states that a run ends in."""

MAX_LISTED = 20
"""How many runs a message lists, the newest."""

MAX_SHOWN = 100
"""The most characters of a text that a message shows."""


@dataclass(frozen=True, slots=True)
class ToolOutput:
    """A call of a function by a run, and what the client submitted for it.

    `arguments` is a value where they are JSON, and otherwise text. `output` is the text that was
    submitted; None where none was.
    """

    id: str
    name: str
    arguments: Any
    output: str | None

    def __str__(self) -> str:
        result = "nothing was submitted" if self.output is None else _shown(self.output)
        arguments = "" if self.arguments == {} else _shown(self.arguments)
        return f"{self.name}({arguments}): {result}"


@dataclass(frozen=True, slots=True)
class Run:
    """One run, as the last request that read it has left it.

    `status` is that of the API. `last_error` has the `code` and `message` of a run that failed, and
    `incomplete_reason` says why one is incomplete. `outputs` has the functions that it called, with
    what was submitted for each, `said` the texts of its messages, and `refused` its refusals, all
    oldest first.
    """

    id: str
    thread_id: str
    assistant_id: str
    status: str
    last_error: Mapping[str, str] | None
    incomplete_reason: str | None
    instructions: str | None
    model: str
    metadata: Mapping[str, str]
    outputs: tuple[ToolOutput, ...]
    said: tuple[str, ...]
    refused: tuple[str, ...]

    @property
    def has_ended(self) -> bool:
        """Whether it has ended, in whatever state."""
        return self.status in ENDS

    @property
    def error_code(self) -> str | None:
        """The code of the error of a run that failed."""
        code: str | None = _field(self.last_error, "code")
        return code

    def __str__(self) -> str:
        why = self.incomplete_reason
        if self.error_code is not None:
            why = f"{self.error_code}: {_field(self.last_error, 'message')}"
        lines = [f"{self.id} of {self.thread_id}: {self.status}{f' ({why})' if why else ''}"]
        lines += [f"    called {one}" for one in self.outputs]
        lines += [f"    said {_shown(one)}" for one in self.said]
        lines += [f"    refused: {_shown(one)}" for one in self.refused]
        return "\n".join(lines)


def runs_of(state: Mapping[str, Any], thread: str | None = None) -> list[Run]:
    """Return the runs of a state, of one thread or of all, oldest first.

    A field may have any value, since a stub or a restored state may have put it there.
    """
    records = [
        record for record in state.get("runs", ()) if thread in (None, record.get("thread_id"))
    ]
    steps, messages = _by_run(state.get("run_steps", ())), _by_run(state.get("messages", ()))
    return [
        _run(record, steps.get(record["id"], []), messages.get(record["id"], []))
        for record in sorted(records, key=_created_at)
    ]


def _created_at(record: Mapping[str, Any]) -> int:
    created_at = record.get("created_at")
    return created_at if isinstance(created_at, int) else 0


def format_runs(runs: Sequence[Run]) -> str:
    """Return runs as text, the newest last, each with what it called and said."""
    lines = [f"({len(runs) - MAX_LISTED} older runs)"] if len(runs) > MAX_LISTED else []
    lines += map(str, runs[-MAX_LISTED:])
    if any(not run.has_ended for run in runs):
        lines.append("a run moves only when it is read: have the client poll it to its end")
    return "\n".join(lines)


def _by_run(records: Iterable[Mapping[str, Any]]) -> dict[Any, list[Mapping[str, Any]]]:
    found: dict[Any, list[Mapping[str, Any]]] = {}
    for record in records:
        if isinstance(run_id := record.get("run_id"), str):
            found.setdefault(run_id, []).append(record)
    return found


def _run(
    record: Mapping[str, Any], steps: list[Mapping[str, Any]], messages: list[Mapping[str, Any]]
) -> Run:
    calls = [
        call
        for step in steps
        for call in _objects(_field(step.get("step_details"), "tool_calls"))
        if call.get("type") == "function"
    ]
    parts = [part for message in messages for part in _objects(message.get("content"))]
    return Run(
        id=record["id"],
        thread_id=record.get("thread_id", ""),
        assistant_id=record.get("assistant_id", ""),
        status=record.get("status", ""),
        last_error=record.get("last_error"),
        incomplete_reason=_field(record.get("incomplete_details"), "reason"),
        instructions=record.get("instructions"),
        model=record.get("model", ""),
        metadata=record.get("metadata", {}),
        outputs=tuple(map(_output, calls)),
        said=tuple(
            text for part in parts if isinstance(text := _field(part.get("text"), "value"), str)
        ),
        refused=tuple(text for part in parts if isinstance(text := part.get("refusal"), str)),
    )


def _output(call: Mapping[str, Any]) -> ToolOutput:
    function = call.get("function")
    output = _field(function, "output")
    return ToolOutput(
        id=str(call.get("id")),
        name=str(_field(function, "name")),
        arguments=parsed(_field(function, "arguments")),
        output=output if isinstance(output, str) else None,
    )


def parsed(text: Any) -> Any:
    """Return the value of a text that is JSON, and otherwise what was given."""
    try:
        return json.loads(text)
    except (TypeError, ValueError, RecursionError):
        return text


def _field(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, Mapping) else None


def _objects(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}… ({len(text)} characters)"
