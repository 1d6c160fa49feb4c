"""Templates: `{{ name.path }}` in the strings of an action or an object.

They are rendered in parsed values, so a rendered text never changes the structure around it. An
expression is a name and a path, looked up in plain data: it cannot run code or read attributes.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mockserver.expressions.fake import compile_fake
from mockserver.expressions.request_view import MISSING, Part, RequestView
from mockserver.problems import Place, Report
from mockserver.state import ids

_TEMPLATE = re.compile(r"{{(.*?)}}", re.DOTALL)
_EXPRESSION = re.compile(r"\s*([A-Za-z_][\w.\-\[\]]*)\s*(?:\((.*)\))?\s*", re.DOTALL)
_LITERAL = re.compile(r"""\s*(?:'([^']*)'|"([^"]*)")\s*""")

REQUEST_PARTS: tuple[Part, ...] = ("operation", "method", "path", "headers", "query", "body")


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


Expression = Callable[[Context], Any]
Rendered = Callable[[Context], Any]


def compile_value(value: Any, place: Place, report: Report, *, request: bool = True) -> Rendered:
    """Return a function that renders a value with templates anywhere inside it.

    `request` says whether there is a request that expressions can read. Expressions that are not
    valid are reported, and render as null.
    """
    if isinstance(value, str) and "{{" in value:
        return _compile_text(value, place, report, request)
    if isinstance(value, dict) and _has_template(value):
        parts = {
            key: compile_value(inner, (*place, key), report, request=request)
            for key, inner in value.items()
        }
        return lambda context: {key: part(context) for key, part in parts.items()}
    if isinstance(value, list) and _has_template(value):
        items = [
            compile_value(inner, (*place, at), report, request=request)
            for at, inner in enumerate(value)
        ]
        return lambda context: [item(context) for item in items]
    return lambda context: value


def _has_template(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_has_template, value.values()))
    if isinstance(value, list):
        return any(map(_has_template, value))
    return isinstance(value, str) and "{{" in value


def _compile_text(text: str, place: Place, report: Report, request: bool) -> Rendered:
    pieces: list[str | Expression] = []
    at = 0
    for match in _TEMPLATE.finditer(text):
        pieces.append(text[at : match.start()])
        pieces.append(_compile_expression(match[1], place, report, request))
        at = match.end()
    if "{{" in text[at:]:
        report(place, "`{{` without `}}`", "close it, or write a literal `{{` as {{ '{{' }}")
    pieces.append(text[at:])
    if len(pieces) == 3 and not pieces[0] and not pieces[2] and callable(pieces[1]):
        return pieces[1]  # no text around it: the value keeps its own type

    def render(context: Context) -> str:
        return "".join(
            piece if isinstance(piece, str) else as_text(piece(context)) for piece in pieces
        )

    return render


def as_text(value: Any) -> str:
    """Return a rendered value as text: null as an empty string, any other non-string as JSON."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _compile_expression(text: str, place: Place, report: Report, request: bool) -> Expression:
    if literal := _LITERAL.fullmatch(text):
        constant = literal[1] if literal[1] is not None else literal[2]
        return lambda context: constant
    match = _EXPRESSION.fullmatch(text)
    name, _, steps = match[1].partition(".") if match else ("", "", "")
    called = match is not None and match[2] is not None
    if match and name == "fake":
        generate = compile_fake(steps, match[2], place, report)
        return lambda context: generate(context.next_seed())
    if name == "now" and not steps and not called:
        return lambda context: context.now
    if name == "seed" and not steps and not called:
        return lambda context: context.seed
    if name == "request" and request and not called:
        return _compile_look_up(steps.split("."), place, report)
    known = "fake.PROVIDER, now or seed"
    if request:
        known = f"request.PART, {known}"
    report(place, f"unknown expression `{text.strip()}`", f"use {known}")
    return _nothing


def _compile_look_up(steps: list[str], place: Place, report: Report) -> Expression:
    first, *path = steps
    if steps == ["id"]:
        return lambda context: context.request_id
    if steps == ["key"]:
        return lambda context: context.key
    part = next((part for part in REQUEST_PARTS if part == first), None)
    if part is None or any(step.startswith("__") for step in path):
        report(
            place,
            f"a request has no `{'.'.join(steps)}`",
            f"use request.{', request.'.join(REQUEST_PARTS)} or a field inside one of them, "
            "request.id or request.key",
        )
        return _nothing
    if part == "headers":
        path = [step.lower() for step in path]

    def look_up(context: Context) -> Any:
        if context.request is None:
            return None
        value = context.request.value(part, tuple(path))
        if isinstance(value, Mapping) and not isinstance(value, dict):
            value = {name.lower(): text for name, text in value.items()}
        return None if value is MISSING else value

    return look_up


def _nothing(context: Context) -> None:
    return None
