"""A run that is streamed: its script is played at once, and its events are sent as it goes.

Each transition is stored before its events are sent, so that outputs of tools may come while the
stream is open. Between two events anything may happen to the run, so it is read anew for each
transition. A client that leaves does not end the run: reads move it on again.
"""

import math
from collections.abc import Iterator
from typing import Any

from mockserver.api.runs import records
from mockserver.api.runs.deltas import cut_short
from mockserver.api.runs.engine import Playback
from mockserver.api.runs.events import DONE, Recorder
from mockserver.api.runs.records import MESSAGES, RUNS, SCRIPT, STEPS
from mockserver.api.shared.results import Object
from mockserver.http import json_codec
from mockserver.http.sse import Event, Stream, pause
from mockserver.state.changes import commit
from mockserver.state.namespace import Namespace

LOOKS_AFTER_SECONDS = 0.02
"""How soon a stream looks again whether the clock has moved on that its script waits for."""

_ENDS_OF_STEPS = ("completed", "failed", "cancelled", "expired")


def open_stream(
    namespace: Namespace,
    thread_id: str,
    run_id: str,
    recorder: Recorder,
) -> Stream:
    """Return the stream of a run that is stored; reads do not move it until that is closed.

    The events that the recorder has come first.
    """
    stream = _Streamed(namespace, thread_id, run_id, recorder).play()
    next(stream)  # up to here it has begun, so that closing it ends it
    return stream


class _Streamed:
    """One stream of a run."""

    def __init__(
        self, namespace: Namespace, thread_id: str, run_id: str, recorder: Recorder
    ) -> None:
        self._namespace = namespace
        self._thread_id = thread_id
        self._run_id = run_id
        self._recorder = recorder

    def play(self) -> Stream:
        """Yield a pause, which is sent to nobody, and then the events to the last."""
        streams, run_id = self._namespace.streams, self._run_id
        streams[run_id] = streams.get(run_id, 0) + 1
        try:
            yield pause(0)
            yield from self._recorder.take()
            yield from self._transitions()
        finally:
            streams[run_id] -= 1
            if not streams[run_id]:
                del streams[run_id]
        yield DONE

    def _transitions(self) -> Iterator[Event]:
        namespace, recorder = self._namespace, self._recorder
        now: int | None = None
        left_at = namespace.clock.now()
        is_open: Object = {}
        while True:
            encoded = self._stored()
            if encoded is None:  # it was deleted together with its thread
                return
            run = json_codec.loads(encoded)
            if namespace.clock.now() != left_at:  # time went by while the last events were sent
                now = None
            playback = Playback(
                namespace, self._thread_id, self._run_id, run, listener=recorder, now=now
            )
            if not playback.is_going_on:  # another request has ended it
                self._tell_what_ended(is_open)
                if str(run.get("status")) != recorder.told:
                    recorder.run(run)
                yield from recorder.take()
                return
            moved = playback.advance()
            commit(namespace, playback.changes())
            is_open = run[SCRIPT]
            now = playback.now if playback.is_speaking else None
            left_at = namespace.clock.now()
            if now is None:
                yield from recorder.take()
            else:
                yield from self._while_speaking(is_open["message"], run.get("expires_at"), left_at)
            if not playback.is_going_on:
                return
            if not moved:
                yield pause(LOOKS_AFTER_SECONDS)

    def _stored(self) -> bytes | None:
        return self._namespace.collection(RUNS, self._thread_id).get(self._run_id)

    def _while_speaking(self, message_id: str, expires_at: Any, left_at: int) -> Iterator[Event]:
        """Yield the events of a message that is open, as long as nobody ends its run.

        Another request does so by changing the run, or by moving the clock, which stands at
        `left_at`, past its end. What was not said by then is no part of the message.
        """
        before, clock = self._stored(), self._namespace.clock
        ends_at = max(expires_at, left_at + 1) if type(expires_at) is int else math.inf
        message = self._load(MESSAGES, self._thread_id, message_id) or {}
        for event in self._recorder.take():
            if self._stored() is not before or clock.now() >= ends_at:
                self._cut_short(message_id, message.get("content"))
                return
            yield event

    def _cut_short(self, message_id: str, content: Any) -> None:
        """Leave of a message what was said, unless it has other content by now."""
        message = self._load(MESSAGES, self._thread_id, message_id)
        if message is not None and message.get("content") == content:
            message["content"] = cut_short(content, self._recorder.said.getvalue())
            put = records.put(self._namespace, MESSAGES, self._thread_id, message_id, message)
            commit(self._namespace, (put,))

    def _tell_what_ended(self, was_open: Object) -> None:
        """Tell how the message and the step ended that were open when the run went on."""
        message = self._load(MESSAGES, self._thread_id, was_open.get("message"))
        if message is not None and message.get("status") in ("completed", "incomplete"):
            self._recorder.message(message, message["status"])
        step = self._load(STEPS, self._run_id, was_open.get("step"))
        if step is not None and step.get("status") in _ENDS_OF_STEPS:
            self._recorder.step(step, step["status"])

    def _load(self, kind: str, parent: str, object_id: str | None) -> Object | None:
        return records.load(self._namespace.collection(kind, parent).get(object_id or ""))
