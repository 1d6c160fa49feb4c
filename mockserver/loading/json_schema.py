"""The JSON Schema of fixture files, generated from the models that check them."""

import json
from typing import Any

from mockserver.api.assistants import CreateAssistant
from mockserver.faults.catalogue import faults
from mockserver.loading.compile import EXTENSION
from mockserver.loading.document import COMMON_KEYS
from mockserver.loading.document_model import FixtureDocument
from mockserver.loading.initial_objects import OWN_FIELDS, REPEAT_LIMIT

_TEMPLATE = {"type": "string", "pattern": r"\{\{"}


def schema() -> dict[str, Any]:
    """Return the schema. A field of an object may also be a template."""
    document = FixtureDocument.model_json_schema(by_alias=True)
    fields = CreateAssistant.model_json_schema(by_alias=True, ref_template="#/$defs/{model}")
    document["$defs"] |= fields.pop("$defs", {})
    own: dict[str, Any] = {
        "repeat": {"type": "integer", "minimum": 1, "maximum": REPEAT_LIMIT},
        "id": {"type": "string", "pattern": "^asst_[A-Za-z0-9_-]+$"},
        "created_at": {
            "type": "integer",
            "description": "Unix time in seconds; negative: before the clock's start",
        },
    }
    assert tuple(own) == OWN_FIELDS  # noqa: S101
    properties = {name: {"anyOf": [rule, _TEMPLATE]} for name, rule in fields["properties"].items()}
    document["$defs"]["Objects"]["properties"]["assistants"]["items"] = {
        "type": "object",
        "properties": own | properties,
        "required": ["model"],
        "additionalProperties": False,
    }
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


def schema_text() -> str:
    """Return the text of `fixtures/schema.json`, which any console can print: it is ASCII."""
    return json.dumps(schema(), indent=2) + "\n"
