"""Templates: `{{ name.path }}` in the strings of an action or an object.

They are rendered in parsed values, so a rendered text never changes the structure around it. An
expression is a name and a path, looked up in plain data: it cannot run code or read attributes. An
`or` gives a default to what is null or not there: `{{ request.body.name or "nobody" }}`.
"""

import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import unquote

from mockserver.expressions.deferred import Deferred
from mockserver.expressions.fake import compile_fake
from mockserver.expressions.paths import MISSING, Step, field, is_index, item, parse_path, path_text
from mockserver.expressions.request_view import SUBJECTS, Part, RequestView, Subject, show
from mockserver.problems import Place, Report
from mockserver.state import ids

_TEMPLATE = re.compile(r"{{(.*?)}}", re.DOTALL)
_PIECE = re.compile(r"""'[^']*'|"[^"]*"|\s+or\s+|.""", re.DOTALL)
_FAKE = re.compile(r"fake(?:\.([\w.\-]*))?\s*(?:\((.*)\))?", re.DOTALL)
_CONSTANT = re.compile(r"true|false|null|-?[0-9]+(\.[0-9]+)?")
_LITERAL = re.compile(r"""\s*(?:'([^']*)'|"([^"]*)")\s*""")

REQUEST_PARTS: tuple[Part, ...] = ("operation", "method", "path", "headers", "query", "body")
TEXTS: tuple[Part, ...] = ("operation", "method", "path")
NAMED: tuple[Part, ...] = ("headers", "query")


@dataclass(slots=True)
class Context:
    """The data that expressions are looked up in.

    `request` is None for an object of a fixture file. `now` is the time of the namespace's clock,
    in seconds. Each generated value derives from `entropy` and from how many came before it.
    `request_id` is the id in the response's headers. `key` is the API key, masked.
    """

    request: RequestView | None
    now: int
    seed: int
    entropy: bytes
    request_id: str = ""
    key: str = ""
    _generated: int = 0

    def next_seed(self) -> int:
        """Return the seed of the next generated value."""
        self._generated += 1
        return int.from_bytes(ids.digest(b"%d" % self._generated, self.entropy, size=8))


Outputs = Callable[[Sequence[Step]], tuple[str, str] | None]
"""Takes a path into the outputs of tools; returns what is wrong with it and the remedy, or None."""

Expression = Callable[[Context], Any]
Rendered = Callable[[Context], Any]


class TemplateError(ValueError):
    """A template cannot be rendered for a request; the message says why."""


class Scope(NamedTuple):
    """Where an expression stands, and what it can read.

    `request` says whether there is a request. `path` has the named segments of its path, each by
    its index there. `about` has the subjects that the request has. `outputs` checks a path into the
    outputs of tools; None where there are none.
    """

    place: Place
    report: Report
    request: bool = True
    path: Mapping[str, int] = {}
    about: Collection[str] = ()
    outputs: Outputs | None = None


def compile_value(
    value: Any,
    place: Place,
    report: Report,
    *,
    request: bool = True,
    path: Mapping[str, int] | None = None,
    about: Collection[str] = (),
    outputs: Outputs | None = None,
) -> Rendered:
    """Return a function that renders a value with templates anywhere inside it.

    The arguments are those of a `Scope`. Expressions that are not valid are reported, and render as
    null. The function raises `TemplateError` where a request makes an expression impossible.
    With `outputs`, what reads the outputs of tools renders as a `Deferred`.
    """
    return _compile(value, Scope(place, report, request, path or {}, about, outputs))


def _compile(value: Any, scope: Scope) -> Rendered:
    if isinstance(value, str) and "{{" in value:
        return _compile_text(value, scope)
    if isinstance(value, dict) and _has_template(value):
        parts = {key: _compile(inner, _inside(scope, key)) for key, inner in value.items()}
        return lambda context: {key: part(context) for key, part in parts.items()}
    if isinstance(value, list) and _has_template(value):
        items = [_compile(inner, _inside(scope, at)) for at, inner in enumerate(value)]
        return lambda context: [one(context) for one in items]
    return lambda context: value


def _inside(scope: Scope, step: Step) -> Scope:
    return scope._replace(place=(*scope.place, step))


def _has_template(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_has_template, value.values()))
    if isinstance(value, list):
        return any(map(_has_template, value))
    return isinstance(value, str) and "{{" in value


def _compile_text(text: str, scope: Scope) -> Rendered:
    pieces: list[str | Expression] = []
    at = 0
    for match in _TEMPLATE.finditer(text):
        pieces.append(text[at : match.start()])
        pieces.append(_compile_expression(match[1], scope))
        at = match.end()
    if "{{" in text[at:]:
        scope.report(
            scope.place, "`{{` without `}}`", "close it, or write a literal `{{` as {{ '{{' }}"
        )
    pieces.append(text[at:])
    if len(pieces) == 3 and not pieces[0] and not pieces[2] and callable(pieces[1]):
        return pieces[1]  # no text around it: the value keeps its own type

    def render(context: Context) -> Any:
        known = [piece if isinstance(piece, str) else piece(context) for piece in pieces]
        if scope.outputs is not None and any(isinstance(piece, Deferred) for piece in known):
            return Deferred([part for piece in known for part in (_parts(piece))])
        return "".join(map(as_text, known))

    return render


def _parts(piece: Any) -> Sequence[Any]:
    return piece.parts if isinstance(piece, Deferred) else [as_text(piece)]


def as_text(value: Any) -> str:
    """Return a rendered value as text: null as an empty string, any other non-string as JSON."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _compile_expression(text: str, scope: Scope) -> Expression:
    """Return the value of the first operand that has one, or of the last."""
    first, *others = operands = [
        _compile_operand(operand, scope, is_default=at > 0)
        for at, operand in enumerate(_split_at_or(text))
    ]
    if not others:
        return first

    def first_value(context: Context) -> Any:
        alternatives: list[Any] = []
        for operand in operands:
            value = operand(context)
            if isinstance(value, Deferred):
                alternatives += value.parts[0]
            elif value is not None and alternatives:
                return Deferred([[*alternatives, {"value": value}]])
            elif value is not None:
                return value
        return Deferred([alternatives]) if alternatives else None

    return first_value


def _split_at_or(text: str) -> list[str]:
    """Return the operands around each `or` that is not in quotes."""
    parts = [""]
    for piece in _PIECE.findall(text):
        if piece.strip() == "or":
            parts.append("")
        else:
            parts[-1] += piece
    return parts


def _compile_operand(text: str, scope: Scope, *, is_default: bool) -> Expression:
    if literal := _LITERAL.fullmatch(text):
        constant = literal[1] if literal[1] is not None else literal[2]
        return lambda context: constant
    word = text.strip()
    if is_default and _CONSTANT.fullmatch(word):
        value = json.loads(word)
        return lambda context: value
    if match := _FAKE.fullmatch(word):
        generate = compile_fake(match[1] or "", match[2], scope.place, scope.report)
        return lambda context: generate(context.next_seed())
    return _compile_name(word, scope)


def _compile_name(word: str, scope: Scope) -> Expression:
    """Return a look-up of a name, or of a path that begins with one."""
    if word == "now":
        return lambda context: context.now
    if word == "seed":
        return lambda context: context.seed
    name, *steps = parse_path(word) or ("",)
    if name == "request" and scope.request and steps:
        return _compile_look_up(steps, scope)
    if name == "path" and scope.request and steps:
        return _compile_path_value(steps, scope)
    for part in SUBJECTS:
        if name == part:
            return _compile_subject(part, steps, scope)
    if name == "outputs":
        return _compile_outputs(steps, scope)
    scope.report(scope.place, f"unknown expression `{word}`", _hint(word, scope))
    return _nothing


def _hint(word: str, scope: Scope) -> str:
    """Return what can stand in the place of an unknown expression."""
    names = ["request.PART", "path.NAME"] if scope.request else []
    names += scope.about
    names += ["outputs.NAME"] if scope.outputs is not None else []
    hint = f"use {', '.join([*names, 'fake.PROVIDER, now or seed'])}"
    if "|" in word or "default" in word:
        hint += ', and for a default write NAME or "text"'
    return hint


def _compile_look_up(steps: list[Step], scope: Scope) -> Expression:
    first, *path = steps
    if steps == ["id"]:
        return lambda context: context.request_id
    if steps == ["key"]:
        return lambda context: context.key
    part = next((part for part in REQUEST_PARTS if part == first), None)
    if problem := _problem_of(part, steps):
        scope.report(scope.place, *problem)
    if part is None or problem is not None:
        return _nothing
    if part == "headers":
        path = [step.lower() if isinstance(step, str) else step for step in path]
    steps = [part, *path]

    def look_up(context: Context) -> Any:
        if context.request is None:
            return None
        value = _look_up(context.request, part, steps)
        if isinstance(value, Mapping) and not isinstance(value, dict):
            value = {name.lower(): field(value, name) for name in value}
        return None if value is MISSING else value

    return look_up


def _look_up(request: RequestView, part: Part, steps: Sequence[Step]) -> Any:
    """Return what a path leads to, or MISSING; its first step is the part of the request.

    Raises:
        TemplateError: the number of an item stands behind what is no list.
    """
    value = getattr(request, part)
    for at, step in enumerate(steps[1:], 1):
        if at == 2 and part in NAMED and isinstance(value, str):
            value = [value]  # it might have been repeated
        _demand_list(value, step, ("request", *steps[:at]))
        value = field(value, step)
    return value


def _problem_of(part: Part | None, steps: Sequence[Step]) -> tuple[str, str] | None:
    """Return what is wrong with a path into a request, as far as can be known, and the remedy."""
    path = steps[1:]
    if part is None or any(isinstance(step, str) and step.startswith("__") for step in path):
        remedy = (
            f"use request.{', request.'.join(REQUEST_PARTS)} or a field inside one of them, "
            "request.id or request.key"
        )
        return f"a request has no `{path_text(steps)}`", remedy
    if path and part in TEXTS:
        remedy = f"use request.{part}"
        if part == "path":
            remedy += ", or path.NAME for a segment that the stub's path writes as {NAME}"
        return f"request.{part} is a text, it has no fields or items", remedy
    if path and isinstance(path[0], int) and part in NAMED:
        return f"request.{part} is no list, it has names", f"use request.{part}.NAME"
    return None


def _demand_list(value: Any, step: Step, path: Sequence[Step]) -> None:
    """Refuse the number of an item of what has no items; what is not there has none of its own.

    Raises:
        TemplateError: the value is there, and is no list.
    """
    if value is MISSING or value is None or isinstance(value, list) or not is_index(step):
        return
    if isinstance(step, int) or not isinstance(value, Mapping):
        raise TemplateError(
            f"`{path_text((*path, step))}`: {path_text(path)} is no list but {show(value)}"
        )


def _compile_path_value(steps: list[Step], scope: Scope) -> Expression:
    """Return a look-up of a segment of the request's path, by its name in the stub's."""
    segment = scope.path.get(str(steps[0]))
    if segment is None or len(steps) > 1:
        names = ", ".join(f"path.{name}" for name in scope.path)
        remedy = f"use {names}" if names else "write a segment of the stub's path as {NAME}"
        scope.report(scope.place, f"there is no `path.{path_text(steps)}`", remedy)
        return _nothing
    at: int = segment

    def look_up(context: Context) -> Any:
        segments = context.request.path.split("/") if context.request is not None else []
        value = item(segments, at)
        return None if value is MISSING else unquote(value)

    return look_up


def _compile_subject(part: Subject, steps: Sequence[Step], scope: Scope) -> Expression:
    """Return a look-up in what the request is about, such as `assistant.name`."""
    if part not in scope.about:
        has = f"only {', '.join(scope.about)}" if scope.about else "none here"
        remedy = f"name an operation that has one, with `operation`; there is {has}"
        scope.report(scope.place, f"not every request of this stub has `{part}`", remedy)
        return _nothing
    if steps and part in ("message", "messages"):
        what = "a text" if part == "message" else "a number"
        scope.report(scope.place, f"`{part}` is {what}, it has no fields", f"use {part}")
        return _nothing

    def look_up(context: Context) -> Any:
        if context.request is None:
            return None
        value = context.request.value(part, ())
        for at, step in enumerate(steps):
            _demand_list(value, step, (part, *steps[:at]))
            value = field(value, step)
        return None if value is MISSING else value

    return look_up


def _compile_outputs(steps: Sequence[Step], scope: Scope) -> Expression:
    """Return what the outputs of tools will be put in the place of."""
    if scope.outputs is None:
        remedy = "use it in a script: then: {run: [...]}"
        scope.report(scope.place, "only a script knows the outputs of tools", remedy)
        return _nothing
    problem = (
        scope.outputs(steps) if steps else ("no output is named", "use outputs.0 or outputs.NAME")
    )
    if problem is not None:
        scope.report(scope.place, *problem)
        return _nothing
    deferred = Deferred([[{"path": list(steps)}]])
    return lambda context: deferred


def _nothing(context: Context) -> None:
    return None
