"""The endpoints that read and replace all objects of a namespace."""

import json
import re
from base64 import b64decode, b64encode
from collections.abc import Sequence
from typing import Any

from mockserver.api import RESOURCES
from mockserver.api.shared.resource import Resource
from mockserver.api.shared.stored_files import FILE_KIND
from mockserver.control.control_request import ControlRequest, RefusedError, as_problem, refuse
from mockserver.control.server_state import ServerState
from mockserver.http import json_codec
from mockserver.sizes import as_text
from mockserver.state.namespace import Namespace

_RESOURCES = {resource.kind: resource for resource in RESOURCES}

CONTENT = "content_base64"
"""The field that has the content of a file, which is no part of its object."""


def get_state(state: ServerState, call: ControlRequest) -> dict[str, Any]:
    """Return all objects of a namespace, by kind, files with their content in base64."""
    namespace, objects = _of_one(call), dict[str, list[Any]]()
    for kind, collection in namespace.collections():
        current = _RESOURCES[kind].current
        found = list(map(json.loads, collection.records()))
        if current is not None:
            found = [current(namespace, value) for value in found]
        if _RESOURCES[kind].has_content:
            for object_id, value in zip(collection, found, strict=True):
                content = namespace.contents.get(object_id) or b""
                value[CONTENT] = b64encode(content).decode()
        objects.setdefault(kind, []).extend(found)
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
    contents = _take_contents(checked, namespace.contents.limit, problems)
    if problems:
        raise RefusedError(400, problems)
    namespace.clear()
    namespace.expect_restored_ids()
    newest = max((value["created_at"] for _, value in checked), default=0)
    namespace.clock.reach(newest + 1)
    for resource, value in checked:
        collection = namespace.collection(resource.kind, _parent(resource, value))
        collection.put(value["id"], value["created_at"], json_codec.dumps(value))
        if resource.has_content:
            namespace.keep_content(collection, value["id"], contents[value["id"]])
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
        elif (own := (_parent(_RESOURCES[kind], value), value["id"])) in seen:
            problems.append(as_problem(place, "duplicate id", "keep one of the objects"))
        else:
            seen.add(own)
    return problems


def _parent(resource: Resource, value: dict[str, Any]) -> str:
    """Return the id of the object that an object belongs to, or an empty text."""
    return "" if resource.parent is None else str(value.get(resource.parent, ""))


def _take_contents(
    objects: Sequence[tuple[Resource, Any]], limit: int, problems: list[dict[str, Any]]
) -> dict[str, bytes]:
    """Take the contents out of the objects that have some, and return them by id."""
    contents: dict[str, bytes] = {}
    for resource, value in objects:
        if not resource.has_content or not isinstance(value, dict):
            continue
        try:
            contents[value.get("id", "")] = b64decode(value.pop(CONTENT), validate=True)
        except (KeyError, TypeError, ValueError):
            place = f"{resource.kind}: {value.get('id')}"
            what = f"`{CONTENT}` is not the content of the file in base64"
            problems.append(as_problem(place, what, "send what GET /_mock/state returned"))
    size = sum(map(len, contents.values()))
    if size > limit:
        what = f"the files have {size} bytes, more than {as_text(limit)}"
        problems.append(as_problem(FILE_KIND, what, "start the server with a larger --files-limit"))
    return contents


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
