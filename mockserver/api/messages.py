"""Messages of a thread: create, list, retrieve, modify and delete."""

from functools import partial
from typing import Any

from mockserver.api.runs import records
from mockserver.api.runs.records import message_record, modified_message, plain_message
from mockserver.api.runs.threads_in_use import free, move_on, require_thread
from mockserver.api.shared.call import Call
from mockserver.api.shared.message_content import NewMessage
from mockserver.api.shared.operation import Operation
from mockserver.api.shared.pagination import ListQuery
from mockserver.api.shared.resource import Resource
from mockserver.api.shared.results import Object, Result
from mockserver.api.shared.stored_files import stored_file
from mockserver.api.shared.tools import Metadata
from mockserver.api.shared.validation import Strict, check_id
from mockserver.api.vector_stores.attaching import check_searchable
from mockserver.http import json_codec
from mockserver.state.namespace import Namespace

# ── Requests. The order of the fields is the order of the checks. ─────────────────


class ModifyMessage(Strict):
    """The body of `modifyMessage`."""

    metadata: Metadata | None = None


class ListMessages(ListQuery):
    """The query of `listMessages`."""

    run_id: str | None = None


# ── Responses ────────────────────────────────────────────────────────────────────


MESSAGES = Resource(
    kind=records.MESSAGES,
    prefix="msg",
    path_id="message_id",
    not_found="message_not_found",
    deleted="thread.message.deleted",
    view=plain_message,
    parent="thread_id",
)


def new_message(call: Call[Any, Any], message: NewMessage, thread_id: str = "") -> Object:
    """Return the record of a new message; the thread of one that is made with it is set later.

    Raises:
        ApiError: a file that is attached for a search cannot be searched.
    """
    _check_attached(call.namespace, message)
    return message_record(
        call.new_id("message"),
        call.namespace.clock.now(),
        thread_id,
        role=message.role,
        content=message.shown_content(),
        attachments=[attachment.shown() for attachment in message.attachments or ()],
        metadata=message.metadata,
    )


def _check_attached(namespace: Namespace, message: NewMessage) -> None:
    """Check the kinds of the files that are attached for a search; others are not looked up."""
    searched = [
        stored_file(namespace, one.file_id)
        for one in message.attachments or ()
        if any(tool.type == "file_search" for tool in one.tools or ())
    ]
    check_searchable(file for file in searched if file is not None)


# ── Handlers ─────────────────────────────────────────────────────────────────────


def create_message(call: Call[NewMessage, None]) -> Result:
    """Add a message to a thread that no run is active in."""
    thread_id = require_thread(call)
    changes = free(call, thread_id, "message_while_run_is_active")
    message = new_message(call, call.body, thread_id)
    result = MESSAGES.created(call, message)
    result.changes = changes
    return result


def list_messages(call: Call[None, ListMessages]) -> Result:
    """Return one page of a thread's messages, of one run where the query says so."""
    thread_id, run_id = require_thread(call), call.query.run_id
    if run_id is not None:
        check_id("run_id", run_id, "run")
    of_run = None if run_id is None else partial(_is_of_run, run_id)
    return MESSAGES.listed_after(call, move_on(call, thread_id), of_run)


def _is_of_run(run_id: str, encoded: bytes) -> bool:
    return bool(json_codec.loads(encoded).get("run_id") == run_id)


def get_message(call: Call[None, None]) -> Result:
    """Return a message."""
    return MESSAGES.retrieved_after(call, move_on(call, require_thread(call)))


def modify_message(call: Call[ModifyMessage, None]) -> Result:
    """Replace the metadata of a message."""
    require_thread(call)
    record = MESSAGES.record(call)
    if "metadata" in call.body.model_fields_set:
        record["metadata"] = call.body.metadata or {}
    return Result(record, MESSAGES.collection(call), view=modified_message)


def delete_message(call: Call[None, None]) -> Result:
    """Delete a message."""
    require_thread(call)
    return MESSAGES.delete(call)


RESOURCES = (MESSAGES,)

_PATH = "/threads/{thread_id:thread}/messages"

OPERATIONS = (
    Operation(
        "listMessages",
        "Return a list of the messages of a thread.",
        "GET",
        _PATH,
        list_messages,
        query=ListMessages,
        beta=True,
    ),
    Operation(
        "createMessage",
        "Create a message.",
        "POST",
        _PATH,
        create_message,
        body=NewMessage,
        beta=True,
    ),
    Operation(
        "getMessage",
        "Retrieve a message.",
        "GET",
        _PATH + "/{message_id:msg}",
        get_message,
        beta=True,
    ),
    Operation(
        "modifyMessage",
        "Modify a message.",
        "POST",
        _PATH + "/{message_id:msg}",
        modify_message,
        body=ModifyMessage,
        beta=True,
    ),
    Operation(
        "deleteMessage",
        "Delete a message.",
        "DELETE",
        _PATH + "/{message_id:msg}",
        delete_message,
        beta=True,
    ),
)
