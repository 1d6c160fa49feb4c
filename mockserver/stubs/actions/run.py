"""`run`: a script, which the run that a request makes follows."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal, Union

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    create_model,
)
from pydantic_core import PydanticCustomError

from mockserver.api.runs.items import ITEMS
from mockserver.api.runs.items.item import ScriptItem
from mockserver.api.runs.script import LATER, as_texts, value_problem
from mockserver.api.shared.results import Object
from mockserver.api.shared.wrong import wrong
from mockserver.expressions.deferred import take_out
from mockserver.expressions.paths import Step
from mockserver.expressions.templates import Context, Rendered, TemplateError
from mockserver.faults import catalogue
from mockserver.problems import Place, closest
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

_WORDS = tuple(name for name, item in ITEMS.items() if not item.needs_value)


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
    kind = kind_of(item)
    if kind is None:
        return item
    beside = item.keys() - {kind.name} if kind.options else kind.beside
    options = {name: value for name, value in item.items() if name in beside}
    if not options:
        return item
    others = {name: value for name, value in item.items() if name not in (*options, kind.name)}
    try:
        value = kind.read(item[kind.name])
    except PydanticCustomError:
        return item
    if not isinstance(value, dict):
        return item
    if twice := [name for name in options if name in value]:
        raise wrong(f"{twice[0]} is given twice", "keep one of the two")
    return others | {kind.name: ({kind.options: options} if kind.options else options) | value}


def kind_of(item: Object) -> ScriptItem | None:
    """Return which kind of item one is, as it is written; None where that is not one alone.

    An option may have the name of another kind: `{fail: Slow down., code: server_error}`.
    """
    named = [ITEMS[name] for name in item if name in ITEMS]
    kinds = [
        kind for kind in named if all(other is kind or other.name in kind.beside for other in named)
    ]
    return kinds[0] if len(kinds) == 1 else None


def _is_one(item: BaseModel) -> BaseModel:
    names = [name for name in ITEMS if name in item.model_fields_set]
    if len(names) != 1:
        what = f"{' and '.join(names)} in one item" if names else "an item without a name"
        remedy = f"write one of {', '.join(ITEMS)}, each in an item of its own"
        raise wrong(what, remedy)
    return item


_fields: Any = {name: (item.shape(), None) for name, item in ITEMS.items()}
_ItemModel: Any = create_model("ScriptItem", __base__=Closed, **_fields)


def _written(item: ScriptItem) -> type[BaseModel]:
    """Return the shape of an item as people write it, with its options beside its name."""
    known = item.stored.model_fields
    described = Field(description=f"{item.what}: `{item.example}`")
    fields: Any = {item.name: (item.shape(), described)}
    if item.options:
        fields |= _fault_options()
    else:
        fields |= {name: (known[name].annotation, known[name]) for name in item.beside}
    title = f"{item.name.capitalize()}Item"
    return create_model(title, __base__=Closed, __doc__=f"An item that {item.what}.", **fields)


def _fault_options() -> dict[str, Any]:
    """Return the options of the faults of streams, as fields of a model."""
    return {
        option.name: (
            Any,
            Field(default=None, description=f"option of {fault.name}: {option.what}"),
        )
        for fault in reversed(catalogue.stream_faults().values())
        for option in fault.options
    }


_WRITTEN: Any = Union[*map(_written, ITEMS.values()), Literal[*_WORDS]]

_Item = Annotated[
    _ItemModel,
    BeforeValidator(_as_object, json_schema_input_type=_WRITTEN),
    AfterValidator(_is_one),
]


class Fields(CommonFields):
    """The keys of this action in a fixture."""

    run: list[_Item] = Field(
        default=[], description="the script of the run that the request makes: its items in order"
    )


@dataclass(frozen=True, slots=True)
class _CompiledItem:
    """An item; `value` renders its stored form, and `place` is where it stands in the action."""

    kind: ScriptItem
    value: Rendered
    place: Place

    def render(self, context: Context) -> Object:
        """Return the item as the record of a run has it.

        Raises:
            TemplateError: a template has a value that the item cannot have.
        """
        value, later = take_out(self.value(context))
        value = as_texts(self.kind.stored, value)
        problem = value_problem(self.kind, value, self.place)
        if problem is not None:
            raise TemplateError(problem)
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
    written = [_taken_apart(item) for item in fields.run]
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
    return _CompiledItem(kind, rendered, place[-3:-1])


def _checked_fault(value: Object, place: Place, writing: Writing) -> Object:
    """Return a fault of a script with all its options; its place is here unless they say more."""
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
    if wanted in names or any("{{" in name for name in names):
        return None
    return f"no call of '{wanted}' is in front of it", closest(str(wanted), names)
