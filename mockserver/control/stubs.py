"""The endpoints that list, add and remove stubs at run time."""

from dataclasses import replace
from typing import Any

from mockserver.control.control_request import PREFIX, ControlRequest, refuse
from mockserver.control.server_state import ServerState
from mockserver.loading.compile import compile_document
from mockserver.loading.document import Document
from mockserver.loading.fault_rules import as_stubs, problems_as_written
from mockserver.loading.objects.initial_object import add_initial_objects
from mockserver.loading.read_document import read
from mockserver.state.namespace import Namespace
from mockserver.stubs.stub import Stub

MAX_SOURCE_LENGTH = 200
"""The maximum length of a source's name, in characters."""


def list_stubs(state: ServerState, call: ControlRequest) -> dict[str, Any]:
    """Return the active stubs, in the order in which they are matched."""
    ranked = [
        (-stub.priority, layer, at, stub)
        for layer, index in enumerate(state.registry.layers(call.namespace))
        for at, stub in enumerate(index.stubs)
    ]
    ranked.sort(key=lambda row: row[:3])
    return {"stubs": [_stub_as_json(state, call.namespace, row[3]) for row in ranked]}


def add_stubs(state: ServerState, call: ControlRequest) -> dict[str, Any]:
    """Add one stub, a list of stubs, or a fixture document, as JSON or YAML.

    `?source=tutor.yaml` names the file it comes from, for messages and the journal.
    `?caller=tests/test_tutor.py:12` is the line of a program that posts it: the journal has that
    instead of a line of the body. `?only=stubs` leaves its objects out.
    """
    yaml_types = ("application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml")
    if call.content_type not in ("application/json", *yaml_types):
        raise refuse(
            415,
            "the Content-Type is neither JSON nor YAML",
            "send Content-Type: application/json or application/yaml",
        )
    as_json = call.content_type == "application/json"
    source = _checked_name(call, "source") or "the body"
    document = read(call.http.body, source, as_json=as_json).as_fixtures()
    if _only_stubs(call) and isinstance(document.value, dict):
        rest = {key: inner for key, inner in document.value.items() if key != "objects"}
        document = replace(document, value=rest)
    return _add(state, call, document)


def add_faults(state: ServerState, call: ControlRequest) -> dict[str, Any]:
    """Add a fault rule, which is the short form of a stub, or a list of fault rules.

    `{"fault": "overloaded", "on": "createAssistant", "times": 2}`: keys other than the stub's
    (`on`, `times`, `probability`, `priority`, `name`, `when`) are options of the fault. `?caller=`
    is as for stubs.
    """
    call.demand_json()
    document = read(call.http.body, "the body", as_json=True)
    with problems_as_written():
        return _add(state, call, as_stubs(document))


def _add(state: ServerState, call: ControlRequest, document: Document) -> dict[str, Any]:
    models = state.models_of(call.namespace)
    loaded = compile_document(document, models, lambda: _existing(state, call))
    stubs = state.registry.with_unique_ids(call.namespace, loaded.stubs)
    if caller := _checked_name(call, "caller"):
        stubs = [replace(stub, source=caller) for stub in stubs]
    state.registry.add(call.namespace, stubs)
    if call.key is None:
        state.posted_objects.extend(loaded.objects)
    for namespace in state.selected(call.key, create=True) if loaded.objects else ():
        if namespace is not state.namespaces.keyless:  # nobody reads it
            add_initial_objects(loaded.objects, namespace, models)
    return {"stubs": [_stub_as_json(state, call.namespace, stub) for stub in stubs]}


def _existing(state: ServerState, call: ControlRequest) -> Namespace:
    """Return the objects that a posted document can refer to; without a key, a new key's."""
    return state.namespaces.unused() if call.namespace is None else call.namespace


def _only_stubs(call: ControlRequest) -> bool:
    """Return whether the objects of a document are to be left out.

    Raises:
        RefusedError: the parameter has a value that means nothing.
    """
    only = call.parameters.get("only")
    if only not in (None, "stubs"):
        raise refuse(400, "not a part of a document", "use only=stubs, or leave it out", "only")
    return only is not None


def _checked_name(call: ControlRequest, parameter: str) -> str | None:
    """Return the name that a parameter of the query gives, or None.

    Raises:
        RefusedError: it is too long, or has characters that cannot be printed.
    """
    name = call.parameters.get(parameter)
    if name is not None and (not name.isprintable() or len(name) > MAX_SOURCE_LENGTH):
        remedy = f"use at most {MAX_SOURCE_LENGTH} printable characters"
        raise refuse(400, "not a valid name", remedy, parameter)
    return name


def delete_stubs(state: ServerState, call: ControlRequest) -> dict[str, Any]:
    """Remove all stubs that were added at run time, or the one with an id."""
    stub_id = call.http.path.removeprefix(PREFIX + "stubs").strip("/") or None
    removed = state.registry.remove(call.namespace, stub_id)
    if stub_id is not None and not removed:
        raise refuse(
            404,
            f"no stub added at run time has the id {stub_id}",
            "list them with GET /_mock/stubs",
        )
    return {"removed": removed}


def _stub_as_json(state: ServerState, namespace: Namespace | None, stub: Stub) -> dict[str, Any]:
    registry = state.registry
    left = None if stub.times is None else max(stub.times - registry.answered(namespace, stub), 0)
    return {
        "id": stub.id,
        "name": stub.name,
        "source": stub.source,
        "matched": registry.matched(namespace, stub),
        "left": left,
        "stub": stub.definition,
    }
