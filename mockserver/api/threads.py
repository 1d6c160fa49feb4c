"""Threads: create with messages, list, retrieve, modify and delete."""

from functools import partial
from typing import Annotated, Any

from pydantic import Field

from mockserver.api.messages import new_message
from mockserver.api.runs.records import puts
from mockserver.api.shared.call import Call
from mockserver.api.shared.message_content import NewMessage
from mockserver.api.shared.mounts import FOUNDRY_SERVICE
from mockserver.api.shared.operation import Operation
from mockserver.api.shared.pagination import ListQuery
from mockserver.api.shared.resource import Resource
from mockserver.api.shared.results import Changes, Object, Result
from mockserver.api.shared.tool_rules import check_new_stores
from mockserver.api.shared.tools import NO_RESOURCES, Metadata, NewToolResources, ToolResources
from mockserver.api.shared.validation import Strict
from mockserver.api.vector_stores.attaching import new_stores

DAYS_OF_STORES = 7
"""After how many days without use a vector store expires that a thread was made with [docs]."""

MAX_MESSAGES = 32
"""How many messages a new thread takes, and a run may add [recorded]."""


# ── Request bodies. The order of the fields is the order of the checks. ───────────


class CreateThread(Strict):
    """The body of `createThread`, and `thread` in that of `createThreadAndRun`."""

    messages: Annotated[list[NewMessage], Field(max_length=MAX_MESSAGES)] | None = None
    tool_resources: NewToolResources | None = None
    metadata: Metadata | None = None


class ModifyThread(Strict):
    """The body of `modifyThread`. A field that is left out keeps its value."""

    tool_resources: ToolResources | None = None
    metadata: Metadata | None = None


# ── Responses ────────────────────────────────────────────────────────────────────


def thread_as_read(record: Object) -> Object:
    """Return a thread as reads and events show it: never without resources [recorded]."""
    return record if record.get("tool_resources") else record | {"tool_resources": NO_RESOURCES}


THREADS = Resource(
    kind="threads",
    prefix="thread",
    path_id="thread_id",
    not_found="thread_not_found",
    deleted="thread.deleted",
    defaults={"metadata": {}, "tool_resources": {}},
    view=thread_as_read,
)


def new_thread(call: Call[Any, Any], thread: CreateThread) -> tuple[Object, Changes]:
    """Return the record of a new thread, and the changes that make its vector store.

    Raises:
        ApiError: the vector store that it creates is invalid.
    """
    check_new_stores(thread.tool_resources)
    record: Object = {
        "id": call.new_id("thread"),
        "object": "thread",
        "created_at": call.namespace.clock.now(),
        "metadata": thread.metadata or {},
        "tool_resources": thread.tool_resources.echo() if thread.tool_resources else {},
    }
    stores = new_stores(call, thread.tool_resources, DAYS_OF_STORES)
    if stores.ids:
        record["tool_resources"]["file_search"]["vector_store_ids"] = stores.ids
    return record, stores.changes


# ── Handlers. List, retrieve and delete are those of every resource. ────────────────────


def create_thread(call: Call[CreateThread, None]) -> Result:
    """Create a thread, with messages where the body has some."""
    thread, changes = new_thread(call, call.body)
    messages = [new_message(call, message) for message in call.body.messages or ()]
    return Result(
        thread,
        THREADS.collection(call),
        creates=True,
        changes=changes,
        children=partial(puts, call.namespace, messages),
    )


def modify_thread(call: Call[ModifyThread, None]) -> Result:
    """Replace the fields that the body has; values are not merged."""
    body, record = call.body, THREADS.record(call)
    if "tool_resources" in body.model_fields_set:
        record["tool_resources"] = body.tool_resources.echo() if body.tool_resources else {}
    if "metadata" in body.model_fields_set:
        record["metadata"] = body.metadata or {}
    return Result(record, THREADS.collection(call))


RESOURCES = (THREADS,)

OPERATIONS = (
    Operation(
        "createThread",
        "Create a thread.",
        "POST",
        "/threads",
        create_thread,
        body=CreateThread,
        beta=True,
    ),
    Operation(
        "listThreads",
        "Return a list of threads.",
        "GET",
        "/threads",
        THREADS.list,
        query=ListQuery,
        beta=True,
        only_at=FOUNDRY_SERVICE,
    ),
    Operation(
        "getThread",
        "Retrieve a thread.",
        "GET",
        "/threads/{thread_id:thread}",
        THREADS.retrieve,
        beta=True,
    ),
    Operation(
        "modifyThread",
        "Modify a thread.",
        "POST",
        "/threads/{thread_id:thread}",
        modify_thread,
        body=ModifyThread,
        beta=True,
    ),
    Operation(
        "deleteThread",
        "Delete a thread.",
        "DELETE",
        "/threads/{thread_id:thread}",
        THREADS.delete,
        beta=True,
    ),
)
