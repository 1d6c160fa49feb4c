"""Runs: create, list, retrieve, modify, cancel, and submit the outputs of tools."""

from functools import partial
from typing import Any

from mockserver.api.assistants import ASSISTANTS
from mockserver.api.messages import new_message
from mockserver.api.runs import records
from mockserver.api.runs.bodies import (
    CreateRun,
    CreateThreadAndRun,
    ModifyRun,
    RunOptions,
    SubmitToolOutputs,
    meaning,
)
from mockserver.api.runs.creation import new_run
from mockserver.api.runs.engine import Playback
from mockserver.api.runs.events import Recorder
from mockserver.api.runs.records import MESSAGES, RUNS, SCRIPT, calls_of, plain_run
from mockserver.api.runs.script import script_problem
from mockserver.api.runs.steps import IncludeQuery
from mockserver.api.runs.stream import open_stream
from mockserver.api.runs.threads_in_use import free, move_on, read, require_thread
from mockserver.api.shared.call import Call
from mockserver.api.shared.errors import ApiError
from mockserver.api.shared.operation import Operation
from mockserver.api.shared.pagination import ListQuery
from mockserver.api.shared.resource import Resource
from mockserver.api.shared.results import Changes, Object, Result
from mockserver.api.threads import THREADS, CreateThread, new_thread, thread_as_read
from mockserver.http import json_codec
from mockserver.http.sse import Stream
from mockserver.state.changes import Put
from mockserver.state.namespace import Namespace

POLL_HEADERS = {"openai-poll-after-ms": "10"}
"""On each read of a run, so that the SDKs' helpers poll soon; the real service sends none."""

NO_SCRIPT = (
    "no stub gave this run a script, so it follows the default one: add a stub with "
    "then: {run: [...]}"
)
"""The hint of a run that nobody wrote a script for."""

RESOURCE = Resource(
    kind=RUNS,
    prefix="run",
    path_id="run_id",
    not_found="run_not_found",
    deleted="",
    view=plain_run,
    parent="thread_id",
    problem=script_problem,
)


# ── Create ───────────────────────────────────────────────────────────────────────


def create_run(call: Call[CreateRun, IncludeQuery]) -> Result:
    """Create a run in a thread that no run is active in."""
    body, thread_id = call.body, require_thread(call)
    changes = free(call, thread_id, "thread_is_busy")
    messages = [*_stored_messages(call.namespace, thread_id)]
    added = [new_message(call, one, thread_id) for one in body.additional_messages or ()]
    run = new_run(
        call,
        body,
        _assistant(call, body),
        thread_id,
        messages + added,
        additional_instructions=body.additional_instructions,
    )
    changes += records.puts(call.namespace, added, thread_id)
    return _created(call, run, changes, include=call.query.include)


def create_thread_and_run(call: Call[CreateThreadAndRun, None]) -> Result:
    """Create a thread, and a run in it."""
    body = call.body
    new = body.thread or CreateThread()
    thread, stores = new_thread(call, new)
    messages = [new_message(call, one, thread["id"]) for one in new.messages or ()]
    run = new_run(call, body, _assistant(call, body), thread["id"], messages)
    encoded = json_codec.dumps(thread)
    put = Put(THREADS.collection(call), thread["id"], thread["created_at"], encoded, is_new=True)
    changes = (put, *stores, *records.puts(call.namespace, messages, thread["id"]))
    return _created(call, run, changes, thread=thread)


def _created(
    call: Call[Any, Any],
    run: Object,
    changes: Changes,
    *,
    thread: Object | None = None,
    include: Any = None,
) -> Result:
    """Return the result that stores and shows a new run; one without polls ends by that alone.

    A stream begins with the thread, where that is new too.
    """
    namespace, thread_id = call.namespace, run["thread_id"]
    collection = namespace.collection(RUNS, thread_id)
    streams = bool(call.body.stream)
    ends_at_once = namespace.run_polls == 0 and call.script is None and not streams
    after = partial(_end_at_once, namespace, run) if ends_at_once else None
    return Result(
        run,
        collection,
        creates=True,
        view=plain_run,
        changes=changes,
        children=after,
        hidden=(SCRIPT,),
        hint=NO_SCRIPT if call.script is None else "",
        stream=partial(_stream_of_new, namespace, run, thread, include) if streams else None,
    )


def _stream_of_new(
    namespace: Namespace, made: Object, thread: Object | None, include: Any, run_id: str
) -> Stream:
    """Return the stream of a run that was just stored; a stub may have changed it."""
    thread_id = made["thread_id"]
    recorder = Recorder(with_contents=include is not None)
    if thread is not None:
        recorder.add("thread.created", thread_as_read(thread))
    run = json_codec.loads(namespace.collection(RUNS, thread_id).get(run_id) or b"{}")
    recorder.run(run, "created")
    recorder.run(run)
    return open_stream(namespace, thread_id, run_id, recorder)


def _end_at_once(namespace: Namespace, run: Object, run_id: str) -> Changes:
    """Return the changes that bring a run to its end; its id may be a stub's."""
    thread_id = run["thread_id"]
    stored = namespace.collection(RUNS, thread_id).get(run_id) or b"{}"
    playback = Playback(namespace, thread_id, run_id, json_codec.loads(stored))
    playback.play_to_the_end()
    return playback.changes()


def _assistant(call: Call[Any, Any], body: RunOptions) -> Object:
    encoded = call.namespace.collection(ASSISTANTS.kind).get(body.assistant_id)
    if encoded is None:
        raise ApiError(ASSISTANTS.not_found, id=body.assistant_id)
    record: Object = json_codec.loads(encoded)
    return {"name": None, "instructions": None, **ASSISTANTS.defaults} | record


def _stored_messages(namespace: Namespace, thread_id: str) -> list[Object]:
    return [json_codec.loads(one) for one in namespace.collection(MESSAGES, thread_id).records()]


# ── Read ─────────────────────────────────────────────────────────────────────────


def list_runs(call: Call[None, ListQuery]) -> Result:
    """Return one page of a thread's runs; the active one moves on."""
    return RESOURCE.listed_after(call, move_on(call, require_thread(call)))


def get_run(call: Call[None, None]) -> Result:
    """Return a run, which moves on by one state."""
    playback = _playback(call)
    return Result(lambda: plain_run(playback.run), changes=read(playback))


# ── Change ───────────────────────────────────────────────────────────────────────


def modify_run(call: Call[ModifyRun, None]) -> Result:
    """Replace the metadata of a run that is not in progress."""
    playback = _touched(call)
    run = playback.run
    if run.get("status") == "in_progress":
        raise ApiError("cannot_update", status=run.get("status"))
    if "metadata" in call.body.model_fields_set:
        run["metadata"] = call.body.metadata or {}
    return _changed(call, playback)


def cancel_run(call: Call[None, None]) -> Result:
    """Ask an open run to end; reads bring it to its end."""
    playback = _touched(call)
    run = playback.run
    if run.get("status") not in ("queued", "in_progress", "requires_action"):
        raise ApiError("cannot_cancel", status=run.get("status"))
    run["status"], run["required_action"] = "cancelling", None
    return _changed(call, playback)


def submit_tool_outputs(call: Call[SubmitToolOutputs, None]) -> Result:
    """Take the outputs that a run waits for: all of one step, in one request."""
    playback = _touched(call)
    run = playback.run
    if run.get("status") != "requires_action":
        raise ApiError("outputs_not_accepted", status=run.get("status"))
    action = run.get("required_action")
    waits_for = action.get("submit_tool_outputs") if isinstance(action, dict) else None
    expected = [call["id"] for call in calls_of(waits_for)]
    outputs = {one.tool_call_id or "": one.output for one in call.body.tool_outputs}
    got = [one.tool_call_id or "" for one in call.body.tool_outputs]
    if sorted(expected) != sorted(got):
        raise ApiError("other_outputs_expected", expected=expected, got=got)
    recorder = Recorder(with_contents=False) if call.body.stream else None
    playback.accept_outputs(outputs, call.script, recorder)
    result = _changed(call, playback)
    if recorder is not None:
        thread_id = call.path_ids["thread_id"]
        result.stream = lambda run_id: open_stream(call.namespace, thread_id, run_id, recorder)
    return result


def _touched(call: Call[Any, Any]) -> Playback:
    """Return the run that a path names; one whose time is over has expired."""
    playback = _playback(call)
    playback.expire_if_due()
    return playback


def _playback(call: Call[Any, Any]) -> Playback:
    thread_id = require_thread(call)
    return Playback(call.namespace, thread_id, call.path_ids["run_id"], RESOURCE.record(call))


def _changed(call: Call[Any, Any], playback: Playback) -> Result:
    return Result(
        playback.run,
        RESOURCE.collection(call),
        view=plain_run,
        changes=playback.changes_beside(),
        hidden=(SCRIPT,),
    )


RESOURCES = (RESOURCE,)

_PATH = "/threads/{thread_id:thread}/runs"

OPERATIONS = (
    Operation(
        "createThreadAndRun",
        "Create a thread, and a run in it.",
        "POST",
        "/threads/runs",
        create_thread_and_run,
        body=CreateThreadAndRun,
        meaning=meaning,
        beta=True,
    ),
    Operation(
        "listRuns",
        "Return a list of the runs of a thread.",
        "GET",
        _PATH,
        list_runs,
        query=ListQuery,
        beta=True,
    ),
    Operation(
        "createRun",
        "Create a run.",
        "POST",
        _PATH,
        create_run,
        body=CreateRun,
        meaning=meaning,
        query=IncludeQuery,
        beta=True,
    ),
    Operation(
        "getRun",
        "Retrieve a run.",
        "GET",
        _PATH + "/{run_id:run}",
        get_run,
        beta=True,
        headers=POLL_HEADERS,
    ),
    Operation(
        "modifyRun",
        "Modify a run.",
        "POST",
        _PATH + "/{run_id:run}",
        modify_run,
        body=ModifyRun,
        beta=True,
    ),
    Operation(
        "cancelRun",
        "Cancel a run.",
        "POST",
        _PATH + "/{run_id:run}/cancel",
        cancel_run,
        beta=True,
    ),
    Operation(
        "submitToolOuputsToRun",
        "Submit the outputs of the tools that a run asked for.",
        "POST",
        _PATH + "/{run_id:run}/submit_tool_outputs",
        submit_tool_outputs,
        body=SubmitToolOutputs,
        meaning=meaning,
        beta=True,
    ),
)
