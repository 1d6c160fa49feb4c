"""A thread's active run: it locks the thread, and reads of the thread move it on."""

from typing import Any

from mockserver.api.runs.engine import Playback
from mockserver.api.runs.records import ACTIVE, RUNS
from mockserver.api.shared.call import Call
from mockserver.api.shared.errors import ApiError
from mockserver.api.shared.results import Changes
from mockserver.http import json_codec
from mockserver.state.namespace import Namespace

THREADS = "threads"

_STATUS = b'\n  "status": '
_ACTIVE = tuple(b'%b"%b"' % (_STATUS, status.encode()) for status in ACTIVE)


def require_thread(call: Call[Any, Any]) -> str:
    """Return the id of the thread that a path names.

    Raises:
        ApiError: there is no such thread.
    """
    thread_id = call.path_ids["thread_id"]
    if thread_id not in call.namespace.collection(THREADS):
        raise ApiError("thread_not_found", id=thread_id)
    return thread_id


def active_run(namespace: Namespace, thread_id: str) -> Playback | None:
    """Return the run that a thread is busy with, or None.

    As a rule it is the newest, but a clock that was set back makes a new run older than those
    before it.
    """
    runs = namespace.collection(RUNS, thread_id)
    for run_id in reversed(runs):
        encoded = runs.get(run_id) or b""
        if _says_active(encoded):
            return Playback(namespace, thread_id, run_id, json_codec.loads(encoded))
    return None


def _says_active(encoded: bytes) -> bool:
    """Return whether a run is active, without decoding it: a thread may have had many.

    A key of the run itself is indented by two spaces, and texts have no line breaks.
    """
    return encoded.startswith(_ACTIVE, encoded.find(_STATUS))


def free(call: Call[Any, Any], thread_id: str, error: str) -> Changes:
    """Check that no run is active in a thread; one whose time is over is ended by that.

    Raises:
        ApiError: a run is active; the error is the one named.
    """
    playback = active_run(call.namespace, thread_id)
    if playback is None:
        return ()
    if not playback.expire_if_due():
        raise ApiError(error, thread=thread_id, run=playback.run_id)
    return playback.changes()


def move_on(call: Call[Any, Any], thread_id: str) -> Changes:
    """Have a read of a thread move its active run on by one transition."""
    playback = active_run(call.namespace, thread_id)
    return () if playback is None else read(playback)


def read(playback: Playback) -> Changes:
    """Have a read of a run move it on by one transition, unless a stream does so.

    A run whose time is over has expired, also where nobody reads its stream.
    """
    is_streamed = playback.run_id in playback.namespace.streams
    has_moved = playback.expire_if_due() if is_streamed else playback.advance()
    return playback.changes() if has_moved else ()
