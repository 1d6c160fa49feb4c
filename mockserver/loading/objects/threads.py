"""Threads in fixtures: as `createThread` would make them, with as many messages as one likes."""

from collections.abc import Sequence
from functools import partial

from mockserver.api.messages import new_message
from mockserver.api.runs.records import puts
from mockserver.api.shared.call import Call
from mockserver.api.shared.message_content import NewMessage
from mockserver.api.shared.results import Object, Result
from mockserver.api.threads import THREADS, CreateThread, new_thread
from mockserver.loading.objects.kind import Naming, ObjectKind, Own, Parts


class InitialThread(CreateThread):
    """The fields of a thread: those of a request, without its limit of messages."""

    messages: list[NewMessage] | None = None


def _create(call: Call[InitialThread, None], own: Own, parts: Sequence[Own]) -> Result:
    thread, changes = new_thread(call, call.body)
    messages = [
        _message(call, message, part)
        for message, part in zip(call.body.messages or (), parts, strict=True)
    ]
    return Result(
        thread,
        THREADS.collection(call),
        creates=True,
        changes=changes,
        children=partial(puts, call.namespace, messages),
    )


def _message(call: Call[InitialThread, None], message: NewMessage, own: Own) -> Object:
    """Return the record of a message, which is as old as its thread unless it says more."""
    record = new_message(call, message)
    created_at = own.time(call.namespace.clock)
    record |= {"created_at": created_at, "completed_at": created_at}
    return record if own.id is None else record | {"id": own.id}


KIND = ObjectKind(
    name="threads",
    naming=Naming("a thread", "thread"),
    model=InitialThread,
    create=_create,
    parts=Parts("messages", Naming("a message", "msg")),
)
