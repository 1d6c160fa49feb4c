"""What belongs to a namespace: its settings, its clock, its objects, its end."""

import json
from dataclasses import asdict, replace
from typing import Any, get_args

from mockserver import durations, wire
from mockserver.api import OPERATIONS
from mockserver.control.call import Call, RefusedError, World, json_answer, refuse
from mockserver.namespace import Level, Strictness
from mockserver.settings import SettingsError


def put_settings(world: World, call: Call) -> Any:
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
        strict = given.pop("strict", None)
        changed = replace(world.settings, **given)
    except SettingsError as error:
        problems = [
            {"place": problem.partition(":")[0], "what": problem, "remedy": "give one of those"}
            for problem in error.problems
        ]
        raise RefusedError(400, problems) from None
    strictness = None if strict is None else _strictness(strict)
    for namespace in world.selected(call.key):
        if "seed" in given:
            namespace.seed = b"%d" % changed.seed
        if "clock" in given:
            namespace.clock.mode = changed.clock
        if strictness is not None:
            namespace.strictness = strictness
    shown: dict[str, Any] = {name: getattr(changed, name) for name in given}
    return shown | ({"strict": asdict(strictness)} if strictness is not None else {})


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


def move_clock(world: World, call: Call) -> Any:
    """Move a clock: `{"advance": "10m"}` or `{"set": 1735689600}`."""
    given = call.json()
    if len(given) != 1 or not given.keys() <= {"advance", "set"}:
        raise refuse(400, "the clock takes one of `advance` and `set`", 'send {"advance": "10m"}')
    namespaces = world.selected(call.key)
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


def get_state(world: World, call: Call) -> Any:
    """Give all objects of a namespace."""
    if call.namespace is None:
        raise refuse(400, "whose state?", "send a key: Authorization: Bearer KEY")
    return {
        kind: [json.loads(document) for document in kept.documents()]
        for kind, kept in call.namespace.collections()
    }


def put_state(world: World, call: Call) -> Any:
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


def forget(world: World, call: Call) -> Any:
    """Forget a namespace as if its key had never come; with no credential every one."""
    unused: list[str] = []
    strict = False
    for namespace in world.selected(call.key):
        level = namespace.strictness.unused_stubs
        own = world.rules.books(namespace)[0].stubs
        if level != "ignore":
            unused += [stub.name for stub in own if not world.rules.times(namespace, stub)]
            strict = strict or level == "error"
        world.rules.forget(namespace)
    world.namespaces.forget(call.key)
    return json_answer(409 if unused and strict else 200, {"unused_stubs": unused})
