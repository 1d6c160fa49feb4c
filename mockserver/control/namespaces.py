"""What belongs to a namespace: its settings, its clock, its objects, its end."""

import json
import re
from dataclasses import asdict, replace
from typing import Any, get_args

from mockserver import durations
from mockserver.api import OPERATIONS
from mockserver.control.call import Call, RefusedError, World, json_answer, refuse, settle
from mockserver.control.requests import shown_entry
from mockserver.http import json_codec
from mockserver.pipeline.exchange import Answer
from mockserver.settings import SettingsError
from mockserver.state.namespace import Level, Namespace, Strictness

SETTINGS = ("seed", "clock", "strict")


def put_settings(world: World, call: Call) -> dict[str, Any]:
    """Change a namespace's seed, clock or strictness."""
    changed = _changes(world, call.json())
    if call.key is None:
        world.start |= changed
    for namespace in world.selected(call.key, make=True):
        settle(namespace, changed)
    return changed | ({"strict": asdict(changed["strict"])} if "strict" in changed else {})


def _changes(world: World, given: dict[str, Any]) -> dict[str, Any]:
    """Check settings; gives them as they are used.

    Raises:
        RefusedError: with every problem.
    """
    changed: dict[str, Any] = {}
    problems = [
        _problem(name, "no setting is called so", f"use {', '.join(SETTINGS)}")
        for name in given
        if name not in SETTINGS
    ]
    for name in ("seed", "clock"):
        if name in given:
            try:
                changed[name] = getattr(replace(world.settings, **{name: given[name]}), name)
            except SettingsError as error:
                what = error.problems[0].removeprefix(f"{name}: ")
                problems.append(_problem(name, what, "give a value as expected"))
    if "strict" in given:
        try:
            changed["strict"] = _strictness(given["strict"])
        except RefusedError as refusal:
            problems += refusal.problems
    if problems:
        raise RefusedError(400, problems)
    return changed


def _problem(place: str, what: str, remedy: str) -> dict[str, Any]:
    return {"place": place, "what": what, "remedy": remedy}


def _strictness(given: Any) -> Strictness:
    """Read `strict`: true, false, or a level for each of the two."""
    if isinstance(given, bool):
        return Strictness("error", "error") if given else Strictness()
    known, levels = Strictness.__annotations__, get_args(Level)
    if not isinstance(given, dict) or not given.keys() <= known.keys():
        raise refuse(400, "not a strictness", f"give true, false or {', '.join(known)}", "strict")
    for name, level in given.items():
        if level not in levels:
            raise refuse(400, "not a level", f"give {', '.join(levels)}", f"strict.{name}")
    return Strictness(**given)


def move_clock(world: World, call: Call) -> dict[str, Any]:
    """Move a clock: `{"advance": "10m"}` or `{"set": 1735689600}`."""
    given = call.json()
    if len(given) != 1 or not given.keys() <= {"advance", "set"}:
        raise refuse(400, "the clock takes one of `advance` and `set`", 'send {"advance": "10m"}')
    namespaces = world.selected(call.key, make=True)
    if "set" in given:
        if type(given["set"]) is not int or not 0 <= given["set"] < 2**33:
            raise refuse(400, "not a time", "give whole seconds since 1970", "set")
        by = {namespace: given["set"] - namespace.clock.now() for namespace in namespaces}
    else:
        try:
            seconds = durations.seconds(given["advance"])
        except ValueError as error:
            raise refuse(400, str(error), f"give {durations.FORMS}", "advance") from None
        if seconds != int(seconds):
            raise refuse(400, "the clock has whole seconds", "give whole seconds", "advance")
        by = dict.fromkeys(namespaces, int(seconds))
    for namespace, moved in by.items():
        namespace.clock.advance(moved)
    if call.key is None:
        world.start["advance"] = world.namespaces.keyless.clock.moved
    return {"now": namespaces[0].clock.now()}


def get_state(world: World, call: Call) -> dict[str, Any]:
    """Give all objects of a namespace."""
    return {
        kind: [json.loads(document) for document in kept.documents()]
        for kind, kept in _of_one(call).collections()
    }


def put_state(world: World, call: Call) -> dict[str, Any]:
    """Replace all objects of a namespace."""
    namespace = _of_one(call)
    given = call.json(by_size=False)
    kinds = {operation.saves for operation in OPERATIONS if operation.saves}
    problems: list[dict[str, Any]] = []
    sound: list[tuple[str, str, int, bytes]] = []
    for kind, objects in sorted(given.items(), key=lambda item: item[0] in kinds):
        if kind not in kinds:
            remedy = f"use {', '.join(kinds)}"
            problems.append(_problem(kind, f"no objects are called {kind}", remedy))
        elif not isinstance(objects, list):
            problems.append(_problem(kind, "not a list", "send what GET /_mock/state gave"))
        else:
            seen: set[str] = set()
            for at, value in enumerate(objects):
                if isinstance(value, dict) and str(value.get("id")) in seen:
                    problems.append(_problem(f"{kind}[{at}]", "an id given twice", "keep one"))
                elif _is_object(value):
                    seen.add(value["id"])
                    encoded = json_codec.dumps(value)
                    sound.append((kind, value["id"], value["created_at"], encoded))
                else:
                    what = "not an object with an id, an object and a created_at"
                    remedy = "send what GET /_mock/state gave"
                    problems.append(_problem(f"{kind}[{at}]", what, remedy))
    if problems:
        raise RefusedError(400, problems)
    namespace.clear()
    namespace.was_put_back = True
    namespace.clock.reach(max((created_at for _, _, created_at, _ in sound), default=0) + 1)
    for kind, object_id, created_at, encoded in sound:
        namespace.collection(kind).put(object_id, created_at, encoded)
    return {kind: len(objects) for kind, objects in given.items()}


def _of_one(call: Call) -> Namespace:
    if call.namespace is None:
        raise refuse(400, "whose state?", "send a key: Authorization: Bearer KEY")
    return call.namespace


def _is_object(value: Any) -> bool:
    if not isinstance(value, dict):
        return False
    object_id, created_at = value.get("id"), value.get("created_at")
    return (
        isinstance(object_id, str)
        and isinstance(value.get("object"), str)
        and re.fullmatch(r"[A-Za-z0-9_-]+", object_id) is not None
        and type(created_at) is int
        and abs(created_at) < 2**40
    )


def verify(world: World, call: Call) -> Answer:
    """Tell what a namespace was strict about and was not met; with no credential, every one.

    The answer is a 409 where that is an error.
    """
    unused: list[str] = []
    unexpected: list[dict[str, Any]] = []
    levels = set()
    for namespace in world.selected(call.key):
        level = namespace.strictness.unused_stubs
        own = world.rules.books(namespace)[0].stubs
        if level != "ignore":
            names = [stub.name for stub in own if not world.rules.matched(namespace, stub)]
            unused += names
            levels.update([level] if names else [])
        for entry in reversed(namespace.unexpected):
            unexpected.append(shown_entry(world, entry, namespace))
            levels.add("error")
    level = next((level for level in ("error", "warn") if level in levels), "ignore")
    met = {"level": level, "unexpected_requests": unexpected, "unused_stubs": unused}
    return json_answer(409 if level == "error" else 200, met)


def forget(world: World, call: Call) -> Answer:
    """Forget a namespace as if its key had never come; with no credential every one.

    Answers as `verify` does.
    """
    verdict = verify(world, call)
    for namespace in world.selected(call.key):
        world.rules.forget(namespace)
    world.namespaces.forget(call.key)
    if call.key is None:
        world.rules.remove(None)
        world.seeds.clear()
        world.start.clear()
    return verdict
