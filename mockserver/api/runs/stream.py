"""A run that is streamed: its script is played at once, and its events are sent as it goes.

Each transition is stored before its events are sent, so that outputs of tools may come while the
stream is open. Between two events anything may happen to the run, so it is read anew for each
transition. A client that leaves does not end the run: reads move it on again.
"""

from collections.abc import Iterable

from mockserver.api.runs.engine import Playback
from mockserver.api.runs.events import DONE, Recorder
from mockserver.api.runs.records import RUNS
from mockserver.http import json_codec
from mockserver.http.sse import Event, Stream, pause
from mockserver.state.changes import commit
from mockserver.state.namespace import Namespace

LOOKS_AFTER_SECONDS = 0.02
"""How soon a stream looks again whether the clock has moved on that its script waits for."""


def open_stream(
    namespace: Namespace,
    thread_id: str,
    run_id: str,
    recorder: Recorder,
) -> Stream:
    """Return the stream of a run that is stored; reads do not move it until that is closed.

    The events that the recorder has come first.
    """
    stream = _play(namespace, thread_id, run_id, recorder)
    next(stream)  # up to here it has begun, so that closing it ends it
    return stream


def _play(namespace: Namespace, thread_id: str, run_id: str, recorder: Recorder) -> Stream:
    streams = namespace.streams
    streams[run_id] = streams.get(run_id, 0) + 1
    try:
        yield pause(0)
        yield from recorder.take()
        yield from _transitions(namespace, thread_id, run_id, recorder)
    finally:
        streams[run_id] -= 1
        if not streams[run_id]:
            del streams[run_id]
    yield DONE


def _transitions(
    namespace: Namespace, thread_id: str, run_id: str, recorder: Recorder
) -> Iterable[Event]:
    now = None
    while True:
        encoded = namespace.collection(RUNS, thread_id).get(run_id)
        if encoded is None:  # it was deleted together with its thread
            return
        run = json_codec.loads(encoded)
        playback = Playback(namespace, thread_id, run_id, run, listener=recorder, now=now)
        if not playback.is_going_on:  # another request has ended it
            recorder.run(run)
            yield from recorder.take()
            return
        moved = playback.advance()
        commit(namespace, playback.changes())
        now = playback.now if playback.is_speaking else None
        yield from recorder.take()
        if not playback.is_going_on:
            return
        if not moved:
            yield pause(LOOKS_AFTER_SECONDS)
