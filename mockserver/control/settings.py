"""The endpoint for a namespace's settings."""

from dataclasses import asdict, replace
from typing import Any, get_args

from mockserver.control.control_request import ControlRequest, RefusedError, as_problem, refuse
from mockserver.control.server_state import ServerState, apply_settings
from mockserver.settings import SettingsError
from mockserver.state.namespace import Level, Strictness

SETTINGS = ("seed", "clock", "strict", "any_model", "run_polls", "index_polls")


def get_settings(state: ServerState, call: ControlRequest) -> dict[str, Any]:
    """Return the settings of a namespace; without a key, or with a new one, those of the server."""
    own = state.settings
    strict = Strictness("error", "error") if own.strict else Strictness()
    values: dict[str, Any] = {
        "seed": own.seed,
        "clock": own.clock,
        "strict": strict,
        "any_model": own.any_model,
        "run_polls": own.run_polls,
        "index_polls": own.index_polls,
    }
    values |= {name: value for name, value in state.posted_settings.items() if name in SETTINGS}
    if call.key is not None and (found := state.selected(call.key)):
        namespace = found[0]
        values["seed"], values["clock"] = int(namespace.seed), namespace.clock.mode
        values["strict"] = namespace.strictness
        values["run_polls"] = namespace.run_polls
        values["index_polls"] = namespace.index_polls
        if namespace.any_model is not None:
            values["any_model"] = namespace.any_model
    return values | {"strict": asdict(values["strict"])}


def put_settings(state: ServerState, call: ControlRequest) -> dict[str, Any]:
    """Change a namespace's settings: those of `SETTINGS`."""
    changed = _changes(state, call.json())
    if call.key is None:
        state.posted_settings |= changed
    for namespace in state.selected(call.key, create=True):
        apply_settings(namespace, changed)
    return changed | ({"strict": asdict(changed["strict"])} if "strict" in changed else {})


def _changes(state: ServerState, given: dict[str, Any]) -> dict[str, Any]:
    """Return the given settings, validated and converted.

    Raises:
        RefusedError: a setting is invalid; the error has every problem.
    """
    changed: dict[str, Any] = {}
    problems = [
        as_problem(name, "no such setting", f"use {', '.join(SETTINGS)}")
        for name in given
        if name not in SETTINGS
    ]
    for name in ("seed", "clock", "any_model", "run_polls", "index_polls"):
        if name in given:
            try:
                changed[name] = getattr(replace(state.settings, **{name: given[name]}), name)
            except SettingsError as error:
                what = error.problems[0].removeprefix(f"{name}: ")
                problems.append(as_problem(name, what, "correct the value"))
    if "strict" in given:
        try:
            changed["strict"] = _strictness(given["strict"])
        except RefusedError as refusal:
            problems += refusal.problems
    if problems:
        raise RefusedError(400, problems)
    return changed


def _strictness(given: Any) -> Strictness:
    """Return the strictness for the value of `strict`: true, false, or an object of levels.

    Raises:
        RefusedError: the value is none of these.
    """
    if isinstance(given, bool):
        return Strictness("error", "error") if given else Strictness()
    known, levels = Strictness.__annotations__, get_args(Level)
    if not isinstance(given, dict) or not given.keys() <= known.keys():
        remedy = f"use true, false, or an object with {' and '.join(known)}"
        raise refuse(400, "not a valid strictness", remedy, "strict")
    for name, level in given.items():
        if level not in levels:
            raise refuse(400, "not a valid level", f"use {', '.join(levels)}", f"strict.{name}")
    return Strictness(**given)
