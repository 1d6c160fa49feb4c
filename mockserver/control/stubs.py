"""Stubs at run time: list, add and remove them."""

from typing import Any

from mockserver.control.call import PREFIX, Call, World, refuse
from mockserver.loading.compile import compile_document
from mockserver.loading.document import Document, read
from mockserver.loading.fault_rules import as_stubs, told_as_written
from mockserver.loading.initial_objects import plant
from mockserver.state.namespace import Namespace
from mockserver.stubs.stub import Stub

SOURCE_LIMIT = 200
"""How long the name of a source may be, in characters."""


def list_stubs(world: World, call: Call) -> dict[str, Any]:
    """Give the stubs in force, in the order in which they are tried."""
    ranked = [
        (-stub.priority, layer, at, stub)
        for layer, book in enumerate(world.rules.books(call.namespace))
        for at, stub in enumerate(book.stubs)
    ]
    ranked.sort(key=lambda row: row[:3])
    return {"stubs": [_shown_stub(world, call.namespace, row[3]) for row in ranked]}


def add_stubs(world: World, call: Call) -> dict[str, Any]:
    """Add one stub, a list of them, or a fixture document, as JSON or YAML.

    `?source=tutor.yaml` says what file it is from, for messages and the journal.
    """
    yaml_types = ("application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml")
    if call.content_type not in ("application/json", *yaml_types):
        raise refuse(
            415,
            "the body has to say what it is",
            "send Content-Type: application/json, or application/yaml",
        )
    as_json = call.content_type == "application/json"
    source = call.parameters.get("source", "the body")
    if not source.isprintable() or len(source) > SOURCE_LIMIT:
        remedy = f"give a file's name, at most {SOURCE_LIMIT} characters"
        raise refuse(400, "no name of a source", remedy, "source")
    return _add(world, call, read(call.exchange.body, source, as_json=as_json).as_fixtures())


def add_faults(world: World, call: Call) -> dict[str, Any]:
    """Add a fault by rule, the short form of a stub, or a list of them.

    `{"fault": "overloaded", "on": "createAssistant", "times": 2}`; what is not of the
    stub (`on`, `times`, `probability`, `priority`, `name`, `when`) is the fault's own.
    """
    call.demand_json()
    document = read(call.exchange.body, "the body", as_json=True)
    with told_as_written():
        return _add(world, call, as_stubs(document))


def _add(world: World, call: Call, document: Document) -> dict[str, Any]:
    loaded = compile_document(document, world.models)
    stubs = world.rules.named_apart(call.namespace, loaded.stubs)
    world.rules.add(call.namespace, stubs)
    if call.key is None:
        world.seeds.extend(loaded.seeds)
    for namespace in world.selected(call.key, make=True) if loaded.seeds else ():
        plant(loaded.seeds, namespace, world.models)
    return {"stubs": [_shown_stub(world, call.namespace, stub) for stub in stubs]}


def delete_stubs(world: World, call: Call) -> dict[str, Any]:
    """Remove the stubs that were added at run time, or the one of an id."""
    stub_id = call.exchange.path.removeprefix(PREFIX + "stubs").strip("/") or None
    removed = world.rules.remove(call.namespace, stub_id)
    if stub_id is not None and not removed:
        raise refuse(404, f"no stub added at run time has the id {stub_id}", "GET /_mock/stubs")
    return {"removed": removed}


def _shown_stub(world: World, namespace: Namespace | None, stub: Stub) -> dict[str, Any]:
    rules = world.rules
    left = None if stub.times is None else max(stub.times - rules.answered(namespace, stub), 0)
    return {
        "id": stub.id,
        "name": stub.name,
        "source": stub.source,
        "matched": rules.matched(namespace, stub),
        "left": left,
        "stub": stub.definition,
    }
