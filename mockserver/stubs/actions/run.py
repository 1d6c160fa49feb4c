"""`run`: a script, which the run that a request makes follows."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    ValidationError,
    create_model,
)
from pydantic_core import PydanticCustomError

from mockserver.api.runs.items import ITEMS
from mockserver.api.runs.items.item import ScriptItem
from mockserver.api.runs.script import LATER, as_texts
from mockserver.api.shared.results import Object
from mockserver.api.shared.wrong import wrong
from mockserver.expressions.deferred import take_out
from mockserver.expressions.paths import Step
from mockserver.expressions.request_view import show
from mockserver.expressions.templates import Context, Rendered, TemplateError
from mockserver.faults import catalogue
from mockserver.problems import Place, closest, place_text
from mockserver.stubs.actions.action import (
    Action,
    CommonFields,
    Writing,
    compile_common,
    compile_delay,
)
from mockserver.stubs.shape import Closed

CREATES = frozenset({"createRun", "createThreadAndRun"})
"""The operations that a script is for, where a stub names none."""

SUBMIT = "submitToolOuputsToRun"
"""The operation whose script replaces what is left of the run's."""

_WORDS = {name for name, item in ITEMS.items() if not item.needs_value}


def _as_object(value: Any) -> Any:
    """Return `{NAME: null}` for the name of an item alone, and options beside it inside it."""
    if isinstance(value, dict):
        return _folded(value)
    if not isinstance(value, str):
        return value
    if value in _WORDS:
        return {value: None}
    known = f"it needs a value, as in: {ITEMS[value].example}" if value in ITEMS else ""
    raise wrong("not an item of a script", known or closest(value, (*ITEMS,)))


def _folded(item: Object) -> Object:
    """Return `{say: {text: …, deltas: …}}` for `{say: …, deltas: …}`."""
    names = [name for name in item if name in ITEMS]
    if len(names) != 1 or len(item) == 1:
        return item
    kind = ITEMS[names[0]]
    beside = {name: value for name, value in item.items() if name != kind.name}
    known = {name for name in beside if kind.options or name in kind.stored.model_fields}
    options = {name: value for name, value in beside.items() if name in known}
    others = {name: value for name, value in beside.items() if name not in known}
    with suppress(PydanticCustomError):
        value = kind.read(item[kind.name])
        inner = {kind.options: options} if kind.options else options
        return others | {kind.name: inner | value} if isinstance(value, dict) else item
    return item


def _is_one(item: BaseModel) -> BaseModel:
    names = [name for name in ITEMS if name in item.model_fields_set]
    if len(names) != 1:
        what = f"{' and '.join(names)} in one item" if names else "an item without a name"
        remedy = f"write one of {', '.join(ITEMS)}, each in an item of its own"
        raise wrong(what, remedy)
    return item


_fields: Any = {
    name: (item.shape(), Field(default=None, description=item.what)) for name, item in ITEMS.items()
}
ItemModel: Any = create_model(
    "ScriptItem", __base__=Closed, __doc__="One item of a script: one of these.", **_fields
)

_Item = Annotated[
    ItemModel,
    BeforeValidator(_as_object, json_schema_input_type=ItemModel | str),
    AfterValidator(_is_one),
]


class Fields(CommonFields):
    """The keys of this action in a fixture."""

    run: list[_Item] | None = Field(
        default=None, description="the script of the run that the request makes: its items in order"
    )


@dataclass(frozen=True, slots=True)
class _CompiledItem:
    """An item; `value` renders its stored form, and `place` is where it is written."""

    kind: ScriptItem
    value: Rendered
    place: Place

    def render(self, context: Context) -> Object:
        """Return the item as the record of a run has it.

        Raises:
            TemplateError: a template has a value that the item cannot have.
        """
        value, later = take_out(self.value(context))
        value = as_texts(self.kind, value)
        try:
            self.kind.stored.model_validate(value)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = place_text((*self.place, *first["loc"]))
            raise TemplateError(f"`{where}`: {first['msg']}, got {show(first['input'])}") from None
        item = {self.kind.name: value}
        return item | {LATER: later} if later else item


@dataclass(frozen=True, slots=True, kw_only=True)
class RunScript(Action):
    """Has the run that a request makes, or goes on with, follow a script."""

    items: tuple[_CompiledItem, ...]

    changes_value: ClassVar[bool] = True

    def script(self, context: Context) -> list[Object]:
        """Return the items of the script, as the record of a run has them."""
        return [item.render(context) for item in self.items]


def claims(keys: AbstractSet[str]) -> list[str]:
    """Return `run` if it is among the keys of an action."""
    return ["run"] if "run" in keys else []


def build(fields: Fields, writing: Writing) -> Action:
    """Return the compiled script; problems with it are reported."""
    place = (*writing.place, "run")
    if fields.status is not None:
        what = "a run that is made has the status 200"
        writing.report((*writing.place, "status"), what, "remove it, or use a fault")
    written = [_taken_apart(item) for item in fields.run or ()]
    items = []
    calls: list[list[str]] = []
    for at, (kind, value) in enumerate(written):
        if at > 0 and written[at - 1][0].ends:
            what = f"nothing is played behind {written[at - 1][0].name}"
            writing.report((*place, at), what, "remove it, or put it in front")
        items.append(_compile(kind, value, (*place, at, kind.name), writing, calls))
        if kind.name == "call":
            calls.append([call["name"] for call in value["calls"]])
    return RunScript(**compile_common(fields, writing), items=tuple(items))


def _taken_apart(item: BaseModel) -> tuple[ScriptItem, Object]:
    [name] = item.model_fields_set
    return ITEMS[name], getattr(item, name).model_dump(exclude_unset=True)


def _compile(
    kind: ScriptItem, value: Object, place: Place, writing: Writing, calls: list[list[str]]
) -> _CompiledItem:
    """Return a compiled item; `calls` has the names of the functions called in front of it."""
    before = None if SUBMIT in writing.operations else [*calls]

    def check(path: Sequence[Step]) -> tuple[str, str] | None:
        return None if before is None else _problem_of_output(path[0], before)

    if kind.options is not None:
        value = _checked_fault(value, place, writing)
    compile_delay(value.get("delay"), (*place, "delay"), writing.report)
    rendered = writing.compile_item(place, value, check)
    return _CompiledItem(kind, rendered, place[-3:])


def _checked_fault(value: Object, place: Place, writing: Writing) -> Object:
    """Return a fault of a script with all its options; it strikes at once unless they say more."""
    name, given = value["name"], value.get("options", {})
    if name in catalogue.faults() and name not in catalogue.stream_faults():
        what = f"{name} is no fault of a stream"
        remedy = f"use one of {', '.join(catalogue.stream_faults())}"
        writing.report(place, what, remedy)
        return value
    options = catalogue.check(name, given, None, place[:-1], writing.report, ())
    if "after_events" in options and not given.keys() & {"after_events", "at"}:
        options["after_events"] = 0
    return {"name": name, "options": options}


def _problem_of_output(wanted: Step, calls: list[list[str]]) -> tuple[str, str] | None:
    """Return what is wrong with an output of the calls that come first, and the remedy."""
    if not calls:
        return "no function is called in front of it", "put a call in front of it"
    if isinstance(wanted, int) or wanted.isdecimal():
        if -len(calls[-1]) <= int(wanted) < len(calls[-1]):
            return None
        return f"there is no output {wanted}", f"the call in front has {len(calls[-1])}, from 0 on"
    names = [name for several in calls for name in several]
    if wanted in names:
        return None
    return f"no call of '{wanted}' is in front of it", closest(str(wanted), names)
