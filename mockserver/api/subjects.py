"""What a request is about: the assistant, the thread and the messages that stubs ask about."""

from collections.abc import Iterator
from typing import Any

from mockserver.api.assistants import ASSISTANTS
from mockserver.api.runs.records import MESSAGES, RUNS
from mockserver.api.shared.message_content import text_of
from mockserver.api.shared.operation import Operation
from mockserver.api.threads import THREADS
from mockserver.expressions.request_view import MISSING, Subject
from mockserver.http import json_codec
from mockserver.state.collection import Collection
from mockserver.state.namespace import Namespace


def subjects_of(operation: Operation) -> frozenset[Subject]:
    """Return which subjects the requests of an operation have."""
    path, body = operation.prefixes, operation.body.model_fields if operation.body else {}
    found: set[Subject] = set()
    if "assistant_id" in path or "run_id" in path or "assistant_id" in body:
        found.add("assistant")
    if "thread_id" in path or "thread" in body:
        found.add("thread")
    if "thread_id" in path or "thread" in body or "messages" in body:
        found |= {"message", "messages"}
    return frozenset(found)


class Subjects:
    """Finds the subjects of one request, whose body may be anything: it is not validated yet."""

    def __init__(
        self, namespace: Namespace, operation: Operation, path_ids: dict[str, str], body: Any
    ) -> None:
        self._namespace = namespace
        self._has = subjects_of(operation)
        self._fields = operation.body.model_fields if operation.body else {}
        self._path_ids = path_ids
        self._body = body if isinstance(body, dict) else {}

    def __call__(self, part: Subject) -> Any:
        """Return a subject, or MISSING where there is none."""
        if part not in self._has:
            return MISSING
        find = {
            "assistant": self._assistant,
            "thread": self._thread,
            "message": self._message,
            "messages": self._messages,
        }
        return find[part]()

    def _assistant(self) -> Any:
        found = self._path_ids.get("assistant_id", self._body.get("assistant_id"))
        if "run_id" in self._path_ids:
            runs = self._namespace.collection(RUNS, self._thread_id)
            found = _field(_record(runs, self._path_ids["run_id"]), "assistant_id")
        return _record(self._namespace.collection(ASSISTANTS.kind), found)

    @property
    def _thread_id(self) -> str:
        return self._path_ids.get("thread_id", "")

    def _thread(self) -> Any:
        if "thread" in self._fields:  # the one that the request creates
            thread = self._body.get("thread")
            return thread if isinstance(thread, dict) else {}
        return _record(self._namespace.collection(THREADS.kind), self._thread_id)

    def _message(self) -> Any:
        """Return the text of the newest message of the user."""
        for message in reversed(self._new_messages()):
            if message.get("role") == "user":
                return _text(message.get("content"))
        for message in self._stored_messages():
            if message.get("role") == "user":
                return text_of(message.get("content"))
        return MISSING

    def _messages(self) -> int:
        return len(self._new_messages()) + len(self._stored())

    def _stored(self) -> Collection:
        return self._namespace.collection(MESSAGES, self._thread_id)

    def _stored_messages(self) -> Iterator[Any]:
        """Yield the stored messages of the thread, newest first."""
        stored = self._stored()
        for message_id in reversed([*stored]):
            yield _record(stored, message_id)

    def _new_messages(self) -> list[Any]:
        """Return the messages that the request adds."""
        body = self._body
        if "role" in self._fields:
            return [body]
        if "thread" in self._fields:
            body = self._thread()
        given = body.get("additional_messages" if "thread_id" in self._path_ids else "messages")
        return [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []


def _record(collection: Collection, object_id: Any) -> Any:
    """Return an object, or MISSING."""
    encoded = collection.get(object_id) if isinstance(object_id, str) else None
    return MISSING if encoded is None else json_codec.loads(encoded)


def _field(record: Any, name: str) -> Any:
    return record.get(name) if isinstance(record, dict) else None


def _text(content: Any) -> str:
    """Return the text of a content as it is sent: a text, or a list of parts."""
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    texts = [part.get("text") for part in parts if isinstance(part, dict)]
    return "\n".join(text for text in texts if isinstance(text, str))
