"""The OpenAPI document of this server, generated from its tables of operations and calls."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pydantic import BaseModel

from mockserver.api.shared.mounts import API_VERSION
from mockserver.api.shared.operation import Operation, Reader

Schema = dict[str, Any]

_ERROR: Schema = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["message", "type", "param", "code"],
            "properties": {
                "message": {"type": "string"},
                "type": {"type": "string"},
                "param": {"type": ["string", "null"]},
                "code": {"type": ["string", "null"]},
            },
        }
    },
}
_MEDIA_TYPES: dict[Reader, str] = {"whole": "application/json", "multipart": "multipart/form-data"}
_BETA: Schema = {
    "name": "OpenAI-Beta",
    "in": "header",
    "required": True,
    "schema": {"const": "assistants=v2"},
}


def describe(
    operations: Iterable[Operation], calls: Mapping[tuple[str, str], Callable[..., Any]]
) -> Schema:
    """Return the OpenAPI document of the API's operations and the control API's calls.

    `calls` maps each method and path under `/_mock/` to its handler.
    """
    schemas: dict[str, Schema] = {"Error": _ERROR}
    paths: dict[str, Schema] = {}
    for operation in operations:
        path = "/".join((operation.mount.prefix, *operation.segments))
        paths.setdefault(path, {})[operation.method.lower()] = _operation(operation, schemas)
    for (method, name), handler in calls.items():
        paths.setdefault(f"/_mock/{name}", {})[method.lower()] = _call(method, handler)
    return {
        "openapi": "3.1.0",
        "info": {"title": "mockserver", "version": API_VERSION},
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(operation: Operation, schemas: dict[str, Schema]) -> Schema:
    mount = operation.mount
    wants_beta = operation.beta and mount.service.wants_beta_header
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"{(\w+)}", "/".join((mount.prefix, *operation.segments)))
    ]
    if operation.query is not None:
        fields = _schema(operation.query, schemas)["properties"]
        parameters += [
            {"name": name, "in": "query", "schema": schema} for name, schema in fields.items()
        ]
    described: Schema = {
        "operationId": operation.operation_id,
        "summary": operation.summary,
        "security": [{"key": []}],
        "parameters": parameters + ([_BETA] if wants_beta else []),
        "responses": {
            "200": _json("the response of the real service", {"type": "object"}),
            "default": _json("an error", {"$ref": "#/components/schemas/Error"}),
        },
    }
    if operation.body is not None:
        schemas[operation.body.__name__] = _schema(operation.body, schemas)
        reference = {"$ref": f"#/components/schemas/{operation.body.__name__}"}
        media_type = _MEDIA_TYPES[operation.reader]
        described["requestBody"] = {"content": {media_type: {"schema": reference}}}
    return described


def _call(method: str, handler: Callable[..., Any]) -> Schema:
    described: Schema = {
        "operationId": f"mock_{handler.__name__}",
        "summary": _first_line(handler),
        "security": [{"key": []}, {}],
        "responses": {
            "200": _json("success", {}),
            "default": _json("a refusal with its remedy", {}),
        },
    }
    if method in ("POST", "PUT"):
        described["requestBody"] = {"content": {"application/json": {}}}
    return described


def _schema(model: type[BaseModel], schemas: dict[str, Schema]) -> Schema:
    schema = model.model_json_schema(by_alias=True, ref_template="#/components/schemas/{model}")
    schemas |= schema.pop("$defs", {})
    return schema


def _json(description: str, schema: Schema) -> Schema:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _first_line(handler: Callable[..., Any]) -> str:
    return (handler.__doc__ or "").partition("\n")[0]
