"""`body` and `drop`: changes to the default response."""

from collections.abc import Set as AbstractSet
from copy import deepcopy
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from pydantic import Field

from mockserver.expressions.paths import MISSING, Step, field, follow, parse_path
from mockserver.expressions.request_view import show
from mockserver.expressions.templates import Context, Rendered
from mockserver.stubs.actions.action import Action, CommonFields, Writing, compile_common
from mockserver.stubs.actions.merge import merge


class Fields(CommonFields):
    """The keys of this action in a fixture."""

    body: dict[str, Any] | None = None
    drop: Annotated[list[str], Field(min_length=1)] | None = None


@dataclass(frozen=True, slots=True)
class Patch(Action):
    """Merges `body` into the handler's value, then removes keys; the result is also stored."""

    body: Rendered | None = None
    drop: tuple[tuple[Step, ...], ...] = ()

    changes_value: ClassVar[bool] = True

    @property
    def edits(self) -> bool:
        """Whether it changes the body, and not the status or the headers alone."""
        return self.body is not None or bool(self.drop)

    def change_value(self, value: Any, context: Context) -> Any:
        """Return the patched value."""
        if self.body is not None:
            value = merge(value, self.body(context))
        if self.drop:
            value = deepcopy(value)
        for path in self.drop:
            _drop(value, path)
        return value


def claims(keys: AbstractSet[str]) -> list[str]:
    """Return the keys of a patch, joined; with `fault`, `body` belongs to the fault."""
    found = sorted(keys & ({"drop"} if "fault" in keys else {"body", "drop"}))
    return [" and ".join(found)] if found else []


def build(fields: Fields, writing: Writing) -> Action:
    """Return the compiled patch, or the default action if there is nothing to change."""
    common = compile_common(fields, writing)
    if not fields.model_fields_set & {"body", "drop", "status", "headers"}:
        return Action(**common)
    body = None
    if fields.body is not None:
        body = writing.compile("body", fields.body)
    drop = tuple(_path(path, at, writing) for at, path in enumerate(fields.drop or ()))
    return Patch(**common, body=body, drop=drop)


def _path(text: str, at: int, writing: Writing) -> tuple[Step, ...]:
    path = parse_path(text)
    if path is None:
        remedy = "write it as metadata.a or tools[0].function"
        writing.report((*writing.place, "drop", at), f"not a path: {show(text)}", remedy)
    return path or ()


def _drop(value: Any, path: tuple[Step, ...]) -> None:
    """Remove what a path leads to; what is not there stays so."""
    if not path:
        return
    *around, last = path
    holder = follow(value, around)
    if field(holder, last) is MISSING:
        return
    if isinstance(holder, list):
        del holder[int(last)]
    else:
        holder.pop(last, None)
