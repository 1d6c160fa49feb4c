"""The last deciding step: validate, handle, patch, and store what came of it."""

from typing import Any

from mockserver.api.shared import known_models
from mockserver.api.shared.call import Call
from mockserver.api.shared.known_models import Models
from mockserver.api.shared.results import Object, Result
from mockserver.api.shared.validation import check_id, validate
from mockserver.http import json_codec
from mockserver.http.request import query_parameters
from mockserver.http.response import JSON, Response
from mockserver.pipeline.exchange import Exchange
from mockserver.state.changes import Delete, Put, commit
from mockserver.state.collection import Collection
from mockserver.state.namespace import Namespace


class Handle:
    """Has the operation's handler answer a request, and commits the changes."""

    def __init__(self, models: Models) -> None:
        self._models = models
        self._deployments = known_models.deployments()

    def __call__(self, exchange: Exchange) -> Response:
        """Return the default response, as far as patches leave it the default.

        Raises:
            ApiError: the request is not valid.
        """
        call = self._validate(exchange)
        result = exchange.operation.handler(call)
        value = _patch(exchange, result)
        encoded = value if isinstance(value, bytes) else json_codec.dumps(value)
        changes = result.changes
        if result.saved_in is not None and isinstance(value, dict):
            own = result.value if isinstance(result.value, dict) else {}
            changes = (*_save(result.saved_in, exchange.namespace, own, value, encoded), *changes)
            if result.view is not None:
                encoded = json_codec.dumps(result.view(value))
        commit(exchange.namespace, changes)
        if result.creates and isinstance(value, dict):
            exchange.namespace.count_created(call.request_hash)
            exchange.created_id = str(value.get("id"))
        decision = exchange.decision
        if not decision.matched and decision.fault is None:
            decision.by = "default"
        patches = (one.action for one in decision.applied if one.action.changes_value)
        status = next((patch.status for patch in patches if patch.status), 200)
        return Response(status, encoded, {"Content-Type": JSON})

    def _validate(self, exchange: Exchange) -> Call[Any, Any]:
        """Return the valid request, as a handler sees it."""
        operation, route = exchange.operation, exchange.route
        for name, prefix in operation.prefixes.items():
            check_id(name, route.path_ids[name], prefix)
        body = query = None
        if operation.body:
            body = validate(operation.body, exchange.body)
            exchange.hashes.validate(json_codec.canonical(body, default=vars))
        if operation.query:
            query = validate(operation.query, query_parameters(exchange.request.query))
        return Call(
            exchange.namespace,
            self._deployments if route.mount.azure else self._models,
            route.path_ids,
            body,
            query,
            exchange.hashes.best(),
        )


def _patch(exchange: Exchange, result: Result) -> Object | bytes:
    """Return a result's value, changed by the actions that change it."""
    value: Any = result.value
    for _, action, context in exchange.decision.applied:
        if action.changes_value:
            value = json_codec.loads(value) if isinstance(value, bytes) else value
            value = action.change_value(value, context)
    patched: Object | bytes = value
    return patched


def _save(
    collection: Collection, namespace: Namespace, own: Object, value: Object, encoded: bytes
) -> list[Put | Delete]:
    """Return the changes that keep a record; a patch may have changed its id and its time."""
    changes: list[Put | Delete] = []
    object_id, created_at = value.get("id"), value.get("created_at")
    if type(object_id) is not str:
        object_id = own["id"]
    elif object_id != own["id"]:
        changes.append(Delete(collection, own["id"]))
    if type(created_at) is not int:
        known = collection.created_at(object_id)
        created_at = namespace.clock.now() if known is None else known
    return [*changes, Put(collection, object_id, created_at, encoded)]
