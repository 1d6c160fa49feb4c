"""`body`, `drop`: the default response, changed."""

from collections.abc import Set as AbstractSet
from copy import deepcopy
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from pydantic import Field

from mockserver.expressions.templates import Context, Rendered, compile_value
from mockserver.stubs.actions.action import Action, CommonFields, Writing, compile_common
from mockserver.stubs.actions.merge import merge
from mockserver.stubs.shape import ActionFields


class Fields(ActionFields):
    """What a fixture says of it."""

    body: dict[str, Any] | None = None
    drop: Annotated[list[str], Field(min_length=1)] | None = None


class _Written(Fields, CommonFields):
    pass


@dataclass(frozen=True, slots=True)
class Patch(Action):
    """Merges `body` into the handler's value, then drops keys; what comes of it is stored."""

    body: Rendered | None = None
    drop: tuple[tuple[str, ...], ...] = ()

    changes_value: ClassVar[bool] = True

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
    """Return the keys that make an action a patch; with `fault`, `body` is the fault's."""
    found = sorted(keys & ({"drop"} if "fault" in keys else {"body", "drop"}))
    return [" and ".join(found)] if found else []


def build(fields: _Written, writing: Writing) -> Action:
    """Return a patch, or the default action where nothing is to be changed."""
    common = compile_common(fields, writing)
    if not fields.model_fields_set & {"body", "drop", "status", "headers"}:
        return Action(**common)
    body = None
    if fields.body is not None:
        body = compile_value(fields.body, (*writing.place, "body"), writing.report)
    drop = tuple(tuple(path.split(".")) for path in fields.drop or ())
    return Patch(**common, body=body, drop=drop)


def _drop(value: Any, path: tuple[str, ...]) -> None:
    for step in path[:-1]:
        value = value.get(step) if isinstance(value, dict) else None
    if isinstance(value, dict):
        value.pop(path[-1], None)
