"""The endpoints that read and replace all objects of a namespace."""

import json
import re
from typing import Any

from mockserver.api import RESOURCES
from mockserver.api.shared.resource import Resource
from mockserver.control.control_request import ControlRequest, RefusedError, as_problem, refuse
from mockserver.control.server_state import ServerState
from mockserver.http import json_codec
from mockserver.state.namespace import Namespace

_RESOURCES = {resource.kind: resource for resource in RESOURCES}


def get_state(state: ServerState, call: ControlRequest) -> dict[str, Any]:
    """Return all objects of a namespace, by kind."""
    objects: dict[str, Any] = {}
    for kind, collection in _of_one(call).collections():
        objects.setdefault(kind, []).extend(map(json.loads, collection.records()))
    return objects


def put_state(state: ServerState, call: ControlRequest) -> dict[str, Any]:
    """Replace all objects of a namespace. Nothing changes where an object is invalid."""
    namespace = _of_one(call)
    given = call.json(by_size=False)
    problems: list[dict[str, Any]] = []
    checked: list[tuple[Resource, dict[str, Any]]] = []
    for kind, objects in sorted(given.items(), key=lambda item: item[0] in _RESOURCES):
        if kind not in _RESOURCES:
            remedy = f"use {', '.join(_RESOURCES)}"
            problems.append(as_problem(kind, f"no such kind of object: {kind}", remedy))
        elif not isinstance(objects, list):
            problems.append(as_problem(kind, "not a list", "send what GET /_mock/state returned"))
        else:
            problems += _check_objects(kind, objects)
            checked += [(_RESOURCES[kind], value) for value in objects]
    if problems:
        raise RefusedError(400, problems)
    namespace.clear()
    namespace.expect_restored_ids()
    newest = max((value["created_at"] for _, value in checked), default=0)
    namespace.clock.reach(newest + 1)
    for resource, value in checked:
        parent = "" if resource.parent is None else str(value.get(resource.parent, ""))
        collection = namespace.collection(resource.kind, parent)
        collection.put(value["id"], value["created_at"], json_codec.dumps(value))
    return {kind: len(objects) for kind, objects in given.items()}


def _check_objects(kind: str, objects: list[Any]) -> list[dict[str, Any]]:
    """Return the problems of the objects of one kind."""
    problems, seen = [], set()
    for at, value in enumerate(objects):
        place = f"{kind}[{at}]"
        if not _is_object(value):
            what = "not an object with valid `id`, `object` and `created_at`"
            problems.append(as_problem(place, what, "send what GET /_mock/state returned"))
        elif (wrong := _RESOURCES[kind].problem(value)) is not None:
            problems.append(as_problem(place, wrong, "send what GET /_mock/state returned"))
        elif value["id"] in seen:
            problems.append(as_problem(place, "duplicate id", "keep one of the objects"))
        else:
            seen.add(value["id"])
    return problems


def _of_one(call: ControlRequest) -> Namespace:
    if call.namespace is None:
        raise refuse(
            400, "no API key: a state belongs to one key", "send Authorization: Bearer KEY"
        )
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
