"""The control API under `/_mock/`: stubs, the journal, the clock, the state.

With a credential a call acts on that key's namespace, without one on the whole
server. Adding an endpoint means one function and one line in `ROUTES`.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl

from mockserver import credentials, durations, wire
from mockserver.api import OPERATIONS
from mockserver.api.catalogue import Models
from mockserver.exchange import Answer, Exchange
from mockserver.faults.catalogue import faults
from mockserver.journal import BODY_KEPT, Entry
from mockserver.namespace import Namespace, Namespaces
from mockserver.problems import FixtureError, Problem
from mockserver.rules.compile import compile_document
from mockserver.rules.objects import plant
from mockserver.rules.state import Rules
from mockserver.settings import Settings, SettingsError
from mockserver.stubs.book import NearMiss
from mockserver.stubs.compiled import Stub
from mockserver.stubs.document import read
from mockserver.stubs.match import show

PREFIX = "/_mock/"
SECRET = ("authorization", "api-key", "cookie")


class RefusedError(Exception):
    """A call that cannot be done: a status, and every problem with its remedy."""

    def __init__(self, status: int, problems: list[dict[str, Any]]) -> None:
        super().__init__(status)
        self.status = status
        self.problems = problems


def refuse(status: int, what: str, remedy: str, place: str = "") -> RefusedError:
    """Make a refusal for one problem."""
    return RefusedError(status, [{"place": place, "what": what, "remedy": remedy}])


@dataclass
class Control:
    """Everything that the control API can see and change."""

    settings: Settings
    namespaces: Namespaces
    rules: Rules
    models: Models
    not_ready: list[str] = field(default_factory=list)

    def answer(self, exchange: Exchange) -> Answer:
        """Answer a call of the control API."""
        try:
            value = self._find(exchange)(self, _Call(exchange, self))
        except RefusedError as refusal:
            return _json(refusal.status, {"errors": refusal.problems})
        except FixtureError as error:
            return _json(400, {"errors": [_shown_problem(problem) for problem in error.problems]})
        if isinstance(value, Answer):
            return value
        return _json(200, value)

    def _find(self, exchange: Exchange) -> "Handler":
        path = exchange.path.removeprefix(PREFIX).rstrip("/")
        methods = {method: handler for (method, known), handler in ROUTES.items() if known == path}
        if not methods and path.startswith("stubs/"):
            methods = {"DELETE": delete_stubs}
        if exchange.method in methods:
            return methods[exchange.method]
        if methods:
            allowed = ", ".join(methods)
            raise refuse(405, f"{exchange.method} is not for {exchange.path}", f"use {allowed}")
        paths = ", ".join(sorted({PREFIX + known for _, known in ROUTES}))
        raise refuse(404, f"there is no {exchange.path}", f"there are {paths}")

    def selected(self, key: str | None) -> list[Namespace]:
        """Give the namespaces that a call acts on."""
        return self.namespaces.all() if key is None else [self.namespaces.get(key)]


class _Call:
    """A call of the control API: whose it is, and what its body says."""

    def __init__(self, exchange: Exchange, control: Control) -> None:
        self.exchange = exchange
        self.key = credentials.find(exchange.headers, azure=True)
        self.namespace = None if self.key is None else control.namespaces.get(self.key)

    @property
    def content_type(self) -> str:
        """The media type of the body, without its parameters."""
        return self.exchange.headers.get("Content-Type", "").partition(";")[0].strip().lower()

    def json(self) -> dict[str, Any]:
        """Give the body, an object.

        Raises:
            RefusedError: it is none, or does not say that it is JSON.
        """
        if self.content_type != "application/json":
            raise refuse(
                415, "the body has to say that it is JSON", "send Content-Type: application/json"
            )
        document = read(self.exchange.body, "the body", as_json=True)
        if not isinstance(document.value, dict):
            raise refuse(400, "the body is no object", "send an object")
        return document.value

    @property
    def parameters(self) -> dict[str, str]:
        """The query."""
        return dict(parse_qsl(self.exchange.query, keep_blank_values=True))


Handler = Callable[[Control, _Call], Any]


# ── Health ───────────────────────────────────────────────────────────────────────


def live(control: Control, call: _Call) -> Any:
    """Answer that the server runs."""
    return {"live": True}


def ready(control: Control, call: _Call) -> Any:
    """Answer whether the fixtures in force are those of the files."""
    if control.not_ready:
        return _json(503, {"ready": False, "errors": control.not_ready})
    return {"ready": True}


# ── Stubs ────────────────────────────────────────────────────────────────────────


def list_stubs(control: Control, call: _Call) -> Any:
    """Give the stubs in force, in the order in which they are tried."""
    ranked = [
        (-stub.priority, layer, at, stub)
        for layer, book in enumerate(control.rules.books(call.namespace))
        for at, stub in enumerate(book.stubs)
    ]
    ranked.sort(key=lambda row: row[:3])
    return {"stubs": [_shown_stub(control, call.namespace, row[3]) for row in ranked]}


def add_stubs(control: Control, call: _Call) -> Any:
    """Add one stub, a list of them, or a fixture document, as JSON or YAML."""
    yaml_types = ("application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml")
    if call.content_type not in ("application/json", *yaml_types):
        raise refuse(
            415,
            "the body has to say what it is",
            "send Content-Type: application/json, or application/yaml",
        )
    document = read(
        call.exchange.body, "the body", as_json=call.content_type == "application/json"
    ).as_fixtures()
    loaded = compile_document(document)
    stubs = control.rules.named_apart(loaded.stubs)
    control.rules.add(call.namespace, stubs)
    for namespace in control.selected(call.key) if loaded.seeds else ():
        plant(loaded.seeds, namespace, control.models)
    return {"stubs": [_shown_stub(control, call.namespace, stub) for stub in stubs]}


def delete_stubs(control: Control, call: _Call) -> Any:
    """Remove the stubs that were added at run time, or the one of an id."""
    stub_id = call.exchange.path.removeprefix(PREFIX + "stubs").strip("/") or None
    removed = control.rules.remove(call.namespace, stub_id)
    if stub_id is not None and not removed:
        raise refuse(404, f"no stub added at run time has the id {stub_id}", "GET /_mock/stubs")
    return {"removed": removed}


# ── The journal ──────────────────────────────────────────────────────────────────


def list_requests(control: Control, call: _Call) -> Any:
    """Give the journal, newest first, with near misses."""
    wanted = call.parameters
    limit = _limit(wanted.get("limit"))
    entries = [
        (entry, namespace)
        for namespace in control.selected(call.key)
        for entry in namespace.journal
        if wanted.get("operation") in (None, entry.operation)
        and wanted.get("status") in (None, str(entry.status))
    ]
    entries.sort(key=lambda pair: -pair[0].number)
    return {
        "requests": [_shown_entry(control, *pair) for pair in entries[:limit]],
        "counts": _counts(control.selected(call.key)),
    }


def delete_requests(control: Control, call: _Call) -> Any:
    """Empty the journal."""
    for namespace in control.selected(call.key):
        namespace.journal.clear()
    return {}


def _limit(text: str | None) -> int | None:
    if text is None:
        return None
    if not text.isascii() or not text.isdecimal() or len(text) > 9:
        raise refuse(400, f"not a number: {text}", "give a whole number", "limit")
    return int(text)


def _counts(namespaces: list[Namespace]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for namespace in namespaces:
        for operation, times in namespace.journal.calls.items():
            counts[operation] = counts.get(operation, 0) + times
    return counts


# ── Faults, settings, clock, state ───────────────────────────────────────────────


def list_faults(control: Control, call: _Call) -> Any:
    """Give the catalogue of faults."""
    return {
        "faults": [
            {"name": fault.name, "status": fault.status, "sees": fault.sees}
            for fault in faults().values()
        ]
    }


def put_settings(control: Control, call: _Call) -> Any:
    """Change a namespace's seed, clock or strictness."""
    given = call.json()
    known = ("seed", "clock", "strict")
    problems = [
        {"place": name, "what": f"no setting is called {name}", "remedy": f"use {', '.join(known)}"}
        for name in given
        if name not in known
    ]
    if problems:
        raise RefusedError(400, problems)
    try:
        changed = replace(control.settings, **given)
    except SettingsError as error:
        problems = [
            {"place": problem.partition(":")[0], "what": problem, "remedy": "give one of those"}
            for problem in error.problems
        ]
        raise RefusedError(400, problems) from None
    for namespace in control.selected(call.key):
        if "seed" in given:
            namespace.seed = b"%d" % changed.seed
        if "clock" in given:
            namespace.clock.mode = changed.clock
        if "strict" in given:
            namespace.strict = changed.strict
    return {name: getattr(changed, name) for name in given}


def move_clock(control: Control, call: _Call) -> Any:
    """Move a clock: `{"advance": "10m"}` or `{"set": 1735689600}`."""
    given = call.json()
    if len(given) != 1 or not given.keys() <= {"advance", "set"}:
        raise refuse(400, "the clock takes one of `advance` and `set`", 'send {"advance": "10m"}')
    namespaces = control.selected(call.key)
    if "set" in given:
        if type(given["set"]) is not int or not 0 <= given["set"] < 2**33:
            raise refuse(400, "not a time", "give whole seconds since 1970", "set")
        for namespace in namespaces:
            namespace.clock.advance(given["set"] - namespace.clock.now())
    else:
        try:
            seconds = durations.seconds(given["advance"])
        except ValueError as error:
            raise refuse(400, str(error), f"give {durations.FORMS}", "advance") from None
        for namespace in namespaces:
            namespace.clock.advance(int(seconds))
    return {"now": namespaces[-1].clock.now()}


def get_state(control: Control, call: _Call) -> Any:
    """Give all objects of a namespace."""
    if call.namespace is None:
        raise refuse(400, "whose state?", "send a key: Authorization: Bearer KEY")
    return {
        kind: [json.loads(document) for document in kept.documents()]
        for kind, kept in call.namespace.collections()
    }


def put_state(control: Control, call: _Call) -> Any:
    """Replace all objects of a namespace."""
    if call.namespace is None:
        raise refuse(400, "whose state?", "send a key: Authorization: Bearer KEY")
    given = call.json()
    kinds = {operation.saves for operation in OPERATIONS if operation.saves}
    problems = [
        {
            "place": kind,
            "what": f"no objects are called {kind}",
            "remedy": f"use {', '.join(kinds)}",
        }
        for kind in given
        if kind not in kinds
    ]
    for kind, objects in given.items():
        for at, value in enumerate(objects if isinstance(objects, list) else [objects]):
            if not (
                isinstance(value, dict)
                and isinstance(value.get("id"), str)
                and type(value.get("created_at")) is int
            ):
                problems.append(
                    {
                        "place": f"{kind}[{at}]",
                        "what": "not an object with an id and a created_at",
                        "remedy": "send what GET /_mock/state gave",
                    }
                )
    if problems:
        raise RefusedError(400, problems)
    call.namespace.clear()
    for kind, objects in given.items():
        for value in objects:
            call.namespace.collection(kind).put(value["id"], value["created_at"], wire.dumps(value))
    return {kind: len(objects) for kind, objects in given.items()}


def forget(control: Control, call: _Call) -> Any:
    """Forget a namespace as if its key had never come; with no credential every one."""
    for namespace in control.selected(call.key):
        control.rules.forget(namespace)
    control.namespaces.forget(call.key)
    return {}


ROUTES: dict[tuple[str, str], Handler] = {
    ("GET", "live"): live,
    ("GET", "ready"): ready,
    ("GET", "stubs"): list_stubs,
    ("POST", "stubs"): add_stubs,
    ("DELETE", "stubs"): delete_stubs,
    ("GET", "requests"): list_requests,
    ("DELETE", "requests"): delete_requests,
    ("GET", "faults"): list_faults,
    ("PUT", "settings"): put_settings,
    ("POST", "clock"): move_clock,
    ("GET", "state"): get_state,
    ("PUT", "state"): put_state,
    ("DELETE", "namespace"): forget,
}


# ── How things are shown ─────────────────────────────────────────────────────────


def _json(status: int, value: Any) -> Answer:
    return Answer(status, wire.dumps(value), {"Content-Type": "application/json"})


def _shown_problem(problem: Problem) -> dict[str, Any]:
    return {
        "line": problem.line,
        "place": problem.place,
        "what": problem.what,
        "remedy": problem.remedy,
    }


def _shown_stub(control: Control, namespace: Namespace | None, stub: Stub) -> dict[str, Any]:
    rules = control.rules
    matched = rules.total(stub) if namespace is None else rules.times(namespace, stub)
    left = None if stub.times is None else max(stub.times - matched, 0)
    return {
        "id": stub.id,
        "name": stub.name,
        "source": stub.source,
        "matched": matched,
        "left": left,
        "stub": stub.definition,
    }


def _shown_entry(control: Control, entry: Entry, namespace: Namespace) -> dict[str, Any]:
    headers = {
        name: credentials.mask_header(value) if name.lower() in SECRET else value
        for name, value in entry.headers.items()
    }
    shown = {
        "number": entry.number,
        "time": entry.time,
        "operation": entry.operation,
        "key": None if entry.key is None else credentials.hide(entry.key),
        "request": {
            "method": entry.method,
            "path": entry.path,
            "query": entry.query,
            "headers": headers,
            "body": _shown_body(entry.body),
        },
        "answer": {
            "status": entry.status,
            "headers": entry.answer_headers,
            "body": _shown_body(entry.answer),
        },
        "decided_by": entry.decided_by,
        "passed_over": [{"stub": stub, "why": why} for stub, why in entry.passed_over],
    }
    if not entry.matched:
        misses = control.rules.near_misses(namespace, entry.asked())
        shown["near_misses"] = [shown_near_miss(miss) for miss in misses]
    return shown


def shown_near_miss(miss: NearMiss) -> dict[str, Any]:
    """Show a stub that almost matched: each condition, whether it held, and what was there."""
    return {
        "stub": miss.stub.id,
        "name": miss.stub.name,
        "source": miss.stub.source,
        "conditions": [
            {"condition": str(condition), "held": held, "was": show(value)}
            for condition, held, value in miss.conditions
        ],
    }


def _shown_body(body: bytes) -> Any:
    if len(body) > BODY_KEPT:
        return f"{body[:BODY_KEPT].decode('utf-8', 'replace')}… ({len(body)} bytes)"
    try:
        return wire.loads(body) if body else None
    except ValueError:
        return body.decode("utf-8", "replace")
