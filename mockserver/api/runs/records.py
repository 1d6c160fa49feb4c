"""The records of messages, runs and steps, and the views of them that the API shows.

A record has every field in the order of an event; a plain response shows less.
"""

from collections.abc import Iterable
from copy import deepcopy
from typing import Any

from mockserver.api.shared.results import Object
from mockserver.http import json_codec
from mockserver.state.changes import Put
from mockserver.state.namespace import Namespace

MESSAGES = "messages"
RUNS = "runs"
STEPS = "run_steps"

SCRIPT = "script"
"""The field of a run's record with its script, and how far it has been played; never shown."""

ACTIVE = ("queued", "in_progress", "requires_action", "cancelling")
"""The states of a run that has not ended."""

_OF_EVENTS = frozenset({"status", "incomplete_details", "incomplete_at", "completed_at"})
"""The fields of a message that only events show [recorded]."""


# ── Messages ─────────────────────────────────────────────────────────────────────


def message_record(
    message_id: str,
    created_at: int,
    thread_id: str,
    *,
    role: str,
    content: list[Any],
    attachments: list[Any] | None = None,
    metadata: dict[str, str] | None = None,
    assistant_id: str | None = None,
    run_id: str | None = None,
    status: str = "completed",
) -> Object:
    """Return the record of a message, its fields in the order of an event [recorded]."""
    return {
        "id": message_id,
        "object": "thread.message",
        "created_at": created_at,
        "assistant_id": assistant_id,
        "thread_id": thread_id,
        "run_id": run_id,
        "status": status,
        "incomplete_details": None,
        "incomplete_at": None,
        "completed_at": created_at if status == "completed" else None,
        "role": role,
        "content": content,
        "attachments": attachments or [],
        "metadata": metadata or {},
    }


def plain_message(record: Object) -> Object:
    """Return a message as plain responses show it [recorded]."""
    return {name: value for name, value in record.items() if name not in _OF_EVENTS}


def modified_message(record: Object) -> Object:
    """Return a message as a modify shows it: with `file_ids` for `attachments` [recorded]."""
    shown = plain_message(record)
    return {
        "file_ids" if name == "attachments" else name: [] if name == "attachments" else value
        for name, value in shown.items()
    }


def puts(namespace: Namespace, messages: Iterable[Object], thread_id: str) -> tuple[Put, ...]:
    """Return the changes that store new messages in a thread."""
    return tuple(
        put(
            namespace,
            MESSAGES,
            thread_id,
            message["id"],
            message | {"thread_id": thread_id},
            is_new=True,
        )
        for message in messages
    )


def put(
    namespace: Namespace,
    kind: str,
    parent: str,
    object_id: str,
    record: Object,
    *,
    is_new: bool = False,
) -> Put:
    """Return the change that stores a record; one that is there keeps its place in the order."""
    collection = namespace.collection(kind, parent)
    known = collection.created_at(object_id)
    created_at = record["created_at"] if known is None else known
    return Put(collection, object_id, created_at, json_codec.dumps(record), is_new)


# ── Runs and steps ───────────────────────────────────────────────────────────────


def event_run(record: Object) -> Object:
    """Return a run as events show it."""
    return {name: value for name, value in record.items() if name != SCRIPT}


def plain_run(record: Object) -> Object:
    """Return a run as plain responses show it: without resources [recorded]."""
    return event_run(record) | {"tool_resources": {}}


def plain_step(step: Object) -> Object:
    """Return a step without the contents of search results, which have to be asked for [spec]."""
    if not searches_of(step.get("step_details")):
        return step
    shown = deepcopy(step)
    for search in searches_of(shown["step_details"]):
        for result in search["results"]:
            if isinstance(result, dict):
                result.pop("content", None)
    return shown


def step_record(
    step_id: str, created_at: int, run: Object, ids: tuple[str, str], details: Object
) -> Object:
    """Return the record of a step in progress, in the order of the wire [recorded].

    `ids` are those of the thread and the run, and `run` is its record, which may lack fields.
    """
    thread_id, run_id = ids
    return {
        "id": step_id,
        "object": "thread.run.step",
        "created_at": created_at,
        "run_id": run_id,
        "assistant_id": run.get("assistant_id"),
        "thread_id": thread_id,
        "type": details["type"],
        "status": "in_progress",
        "cancelled_at": None,
        "completed_at": None,
        "expires_at": run.get("expires_at"),
        "failed_at": None,
        "last_error": None,
        "step_details": details,
        "usage": None,
    }


def calls_of(action: Any) -> list[Object]:
    """Return the calls of functions in a step's details, or in what a run waits for."""
    calls = action.get("tool_calls") if isinstance(action, dict) else None
    return [
        call
        for call in (calls if isinstance(calls, list) else ())
        if isinstance(call, dict)
        and isinstance(call.get("id"), str)
        and isinstance(call.get("function"), dict)
    ]


def searches_of(details: Any) -> list[Object]:
    """Return what the searches in a step's details are and have found, results included."""
    calls = details.get("tool_calls") if isinstance(details, dict) else None
    searches = [
        call.get("file_search")
        for call in (calls if isinstance(calls, list) else ())
        if isinstance(call, dict)
    ]
    return [
        search
        for search in searches
        if isinstance(search, dict) and isinstance(search.get("results"), list)
    ]


def store_ids(holder: Object) -> list[str]:
    """Return the ids of the vector stores in the resources of a run or a thread."""
    resources = holder.get("tool_resources")
    search = resources.get("file_search") if isinstance(resources, dict) else None
    found = search.get("vector_store_ids") if isinstance(search, dict) else None
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []


def attached(message: Object, tool: str) -> list[str]:
    """Return the ids of the files that a message has for a tool."""
    attachments = message.get("attachments")
    return [
        str(one.get("file_id"))
        for one in (attachments if isinstance(attachments, list) else ())
        if isinstance(one, dict) and {"type": tool} in (one.get("tools") or ())
    ]


def file_names(namespace: Namespace) -> dict[str, str]:
    """Return the names of the files that a namespace has, by id."""
    files = map(json_codec.loads, namespace.collection("files").records())
    return {str(file.get("id")): str(file.get("filename")) for file in files}


def function_names(tools: Any) -> set[str]:
    """Return the names of the functions among the tools of a run."""
    functions = [
        tool.get("function")
        for tool in (tools if isinstance(tools, list) else ())
        if isinstance(tool, dict)
    ]
    names = [function.get("name") for function in functions if isinstance(function, dict)]
    return {name for name in names if isinstance(name, str)}


def load(encoded: bytes | None) -> Object | None:
    """Return a record from its bytes; None stays None."""
    record: Object | None = None if encoded is None else json_codec.loads(encoded)
    return record
