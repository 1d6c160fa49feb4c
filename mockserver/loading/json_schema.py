"""The JSON Schema of fixture files, generated from the models that check them."""

import json
from typing import Any

from mockserver.faults.catalogue import faults
from mockserver.loading.compile import EXTENSION
from mockserver.loading.document import COMMON_KEYS
from mockserver.loading.document_model import FixtureDocument
from mockserver.loading.objects import KINDS
from mockserver.loading.objects.kind import ID_REST, OWN_FIELDS, REPEAT_LIMIT, Naming, ObjectKind

_TEMPLATE = {"type": "string", "pattern": r"\{\{"}


def schema() -> dict[str, Any]:
    """Return the schema. A field of an object may also be a template."""
    document = FixtureDocument.model_json_schema(by_alias=True)
    for kind in KINDS:
        items = document["$defs"]["Objects"]["properties"][kind.name]
        items["items"] = _entry(kind, document["$defs"])
    document["$defs"]["StubModel"]["properties"]["then"] = {
        "description": "one action, or a list of them for successive matches; the last repeats",
        "anyOf": [
            {"$ref": "#/$defs/Action"},
            {"const": "default"},
            {
                "type": "array",
                "minItems": 1,
                "items": {"anyOf": [{"$ref": "#/$defs/Action"}, {"const": "default"}]},
            },
        ],
    }
    action = document["$defs"]["Action"]
    action["properties"] |= {
        option.name: {"description": f"option of {fault.name}: {option.what}"}
        for fault in reversed(faults().values())
        for option in fault.options
    }
    action["additionalProperties"] = False
    definitions = document.pop("$defs")
    stub = definitions["StubModel"]
    for part in (document, stub):
        part["patternProperties"] = {f"^{EXTENSION}": {}}
    common = {name: document["properties"][name] for name in COMMON_KEYS}
    definitions |= {
        "FixtureDocument": document,
        "SingleStub": stub | {"properties": common | stub["properties"]},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "mockserver fixtures",
        "description": "A fixture file: a document, a list of stubs, or a single stub.",
        "$defs": definitions,
        "if": {"type": "array"},
        "then": {"type": "array", "items": {"$ref": "#/$defs/StubModel"}},
        "else": {
            "if": {"required": ["then"]},
            "then": {"$ref": "#/$defs/SingleStub"},
            "else": {"$ref": "#/$defs/FixtureDocument"},
        },
    }


def _entry(kind: ObjectKind, definitions: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of an entry of `objects`; what it refers to is added to the definitions."""
    fields = kind.model.model_json_schema(by_alias=True, ref_template="#/$defs/{model}")
    for name, rule in fields.pop("$defs", {}).items():
        assert definitions.setdefault(name, rule) == rule  # noqa: S101  one name is one thing
    properties = fields["properties"]
    if kind.parts is not None:
        [listed] = [one for one in properties[kind.parts.field]["anyOf"] if "items" in one]
        part = definitions[listed["items"]["$ref"].rpartition("/")[2]]
        own = _own(kind.parts.naming)
        listed["items"] = part | {"properties": own | part["properties"]}
    return {
        "type": "object",
        "properties": _own(kind.naming)
        | {name: {"anyOf": [rule, _TEMPLATE]} for name, rule in properties.items()},
        "required": fields.get("required", []),
        "additionalProperties": False,
    }


def _own(naming: Naming) -> dict[str, Any]:
    """Return the schemas of what an entry says beside a create request."""
    rules: dict[str, Any] = {
        "repeat": {"type": "integer", "minimum": 1, "maximum": REPEAT_LIMIT},
        "id": {"type": "string", "pattern": f"^{naming.prefix}{naming.joint}{ID_REST}$"},
        "created_at": {
            "type": "integer",
            "description": "Unix time in seconds; negative: before the clock's start",
        },
    }
    assert tuple(rules) == OWN_FIELDS  # noqa: S101
    return {name: rule for name, rule in rules.items() if name in naming.own}


def schema_text() -> str:
    """Return the text of `fixtures/schema.json`, which any console can print: it is ASCII."""
    return json.dumps(schema(), indent=2) + "\n"
