"""The last deciding step: validate, handle, patch, and store what came of it."""

from typing import Any

from mockserver.api.shared import known_models
from mockserver.api.shared.call import Call
from mockserver.api.shared.dialect import OPENAI
from mockserver.api.shared.known_models import Models
from mockserver.api.shared.operation import Operation
from mockserver.api.shared.results import Content, Object, Result
from mockserver.api.shared.validation import check_id, validate
from mockserver.http import json_codec, sse
from mockserver.http.request import query_parameters
from mockserver.http.response import Response
from mockserver.pipeline.exchange import Decision, Exchange
from mockserver.state.changes import Delete, commit
from mockserver.state.collection import Collection
from mockserver.state.namespace import Namespace
from mockserver.stubs.actions.patch import Patch

NOT_JSON = (
    "The stub's `body` and `drop` change JSON, and this is the content of a file: write the whole "
    "response with `text` or `json`."
)
"""The hint for a stub that patches the content of a file."""


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
        operation = exchange.operation
        call = self._validate(exchange, operation)
        result = operation.handler(call)
        decision, namespace, status = exchange.decision, exchange.namespace, 200
        value: Any = result.value
        if type(value) is not dict and callable(value):
            commit(namespace, result.changes)
            value, result.changes = value(), ()
        if decision.applied:
            value, status = _patch(decision, value)
        if isinstance(value, dict):
            body: Any = json_codec.dumps(value)
        elif isinstance(value, Content):
            return self._file(exchange, value, status)
        else:
            body = value
        body = _make_changes(result, namespace, value, body)
        if result.creates:
            namespace.count_created(call.request_hash)
            exchange.created_id = str(value.get("id"))
            exchange.created_in = value.get("thread_id")
        _note_default(decision, result.hint)
        if not isinstance(body, bytes):
            return Response(status, body, {"Content-Type": sse.CONTENT_TYPE, **operation.headers})
        return Response(status, body + operation.layout.ending, operation.json_headers.copy())

    def _file(self, exchange: Exchange, content: Content, status: int) -> Response:
        """Return a file as it is; a stub that would change JSON in it is told what to do."""
        decision, operation = exchange.decision, exchange.operation
        _note_default(decision)
        if any(isinstance(action, Patch) and action.edits for _, action, _ in decision.applied):
            decision.hint = NOT_JSON
        headers = {**content.headers, **operation.layout.headers, **operation.headers}
        about = json_codec.dumps(content.about)
        return Response(status, content.data, headers, about=about)

    def _validate(self, exchange: Exchange, operation: Operation) -> Call[Any, Any]:
        """Return the valid request, as a handler sees it."""
        route = exchange.route
        for name, prefix in operation.prefixes.items():
            check_id(name, route.path_ids[name], prefix)
        body = query = None
        if operation.body:
            form = exchange.request.form
            sent = exchange.body if form is None else form.values
            body = validate(operation.body, sent, exchange.dialect)
            exchange.hashes.validate(json_codec.canonical(body, default=operation.meaning))
        if operation.query:
            query = validate(operation.query, query_parameters(exchange.request.query))
        namespace = exchange.namespace
        return Call(
            namespace,
            self._deployments
            if route.mount.service.has_deployments
            else known_models.chosen(namespace.any_model, self._models),
            route.path_ids,
            body,
            query,
            exchange.hashes.best(),
            _script(exchange.decision) if exchange.decision.applied else None,
            exchange.dialect or OPENAI,
        )


def _script(decision: Decision) -> list[Object] | None:
    """Return the script that a stub gives the run, or None."""
    scripts = (action.script(context) for _, action, context in decision.applied)
    return next((script for script in scripts if script is not None), None)


def _note_default(decision: Decision, hint: str = "") -> None:
    if not decision.matched and decision.fault is None:
        decision.by, decision.hint = "default", hint


def _patch(decision: Decision, value: Any) -> tuple[Any, int]:
    """Return a handler's value and status as patches leave them.

    A stream and the content of a file stay as they are: no JSON can be merged into them.
    """
    status = 200
    for _, action, context in decision.applied:
        if action.changes_value and isinstance(value, dict | bytes):
            value = json_codec.loads(value) if isinstance(value, bytes) else value
            value = action.change_value(value, context)
        status = (action.changes_value and action.status) or status
    return value, status


def _make_changes(result: Result, namespace: Namespace, value: Any, body: Any) -> Any:
    """Store what a handler returned, as patches left it; return the body of the response."""
    stored_id = ""
    if result.saved_in is not None:
        if result.hidden and value is not result.value:
            own: Any = result.value
            value = value | {name: own[name] for name in result.hidden if name in own}
            body = json_codec.dumps(value)
        shown = body if result.view is None else json_codec.dumps(result.view(value))
        # Whatever can fail is behind us: the changes are made from here on.
        stored_id = _store(result.saved_in, namespace, result.value, value, body)
        if result.creates:
            namespace.drop_children(stored_id)  # of an object whose fixed id came before
        body = shown
    if result.changes:
        commit(namespace, result.changes)
    if result.children is not None:
        commit(namespace, result.children(stored_id))
    return body if result.stream is None else result.stream(stored_id)


def _store(
    collection: Collection, namespace: Namespace, own: Any, record: Object, encoded: bytes
) -> str:
    """Keep a record, and return its id; a patch may have changed the id and time of the handler."""
    object_id, created_at = record.get("id"), record.get("created_at")
    if type(object_id) is not str:
        object_id = own["id"]
    elif object_id != own["id"]:
        namespace.rename_parent(own["id"], object_id)
        commit(namespace, (Delete(collection, own["id"]),))
    if type(created_at) is not int:
        known = collection.created_at(object_id)
        created_at = namespace.clock.now() if known is None else known
    collection.put(object_id, created_at, encoded)
    return object_id
