"""Runs in fixtures: as `createRun` would make them, or played to their end."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator
from pydantic.json_schema import SkipJsonSchema
from pydantic_core import PydanticCustomError

from mockserver.api.runs.bodies import CreateRun
from mockserver.api.runs.operations import create_run
from mockserver.api.runs.records import RUNS
from mockserver.api.runs.steps import IncludeQuery
from mockserver.api.shared.call import Call
from mockserver.api.shared.results import Result
from mockserver.api.shared.validation import id_with_prefix
from mockserver.api.threads import THREADS
from mockserver.loading.objects.kind import Naming, ObjectKind, Own

MAX_RUNS_OF_A_THREAD = 500
"""How many runs of a thread fixtures may have: each reads all messages that are there before it."""


def _nobody_listens(value: Any) -> Any:
    raise PydanticCustomError("extra_forbidden", "unknown field")


class InitialRun(CreateRun):
    """The fields of a run: those of a request, the id of its thread, and how far it has come.

    Without a `status` it is what the request would have made. There is no client to stream it to.
    """

    stream: Annotated[SkipJsonSchema[None], BeforeValidator(_nobody_listens)] = None
    thread_id: Annotated[str, AfterValidator(id_with_prefix("thread"))]
    status: Literal["completed", "queued"] | None = None


def _create(call: Call[InitialRun, None], own: Own, parts: Sequence[Own]) -> Result:
    thread_id = call.path_ids["thread_id"] = call.body.thread_id
    has_thread = thread_id in call.namespace.collection(THREADS.kind)
    if has_thread and own.id is not None:  # one that comes again is not in its own way
        call.namespace.collection(RUNS, thread_id).delete(own.id)
    # The namespace of the call is a view of the real one: what is set here holds for this run.
    if call.body.status == "completed":
        call.namespace.run_polls = 0
    elif call.body.status == "queued":
        call.namespace.run_polls = max(call.namespace.run_polls, 1)
    creation: Call[Any, Any] = call
    return create_run(replace(creation, query=IncludeQuery()))


KIND = ObjectKind(
    name="runs",
    naming=Naming("a run", "run", own=("id", "created_at")),
    model=InitialRun,
    create=_create,
    refers_to={"thread_id": "threads", "assistant_id": "assistants"},
    at_most={"thread_id": MAX_RUNS_OF_A_THREAD},
    remedies={
        "thread_is_busy": (
            "thread_id",
            "give the run before it status: completed, or take another thread",
        ),
        "nothing_to_run_on": (
            "thread_id",
            "give the thread a message of role user, or the run or its assistant instructions",
        ),
    },
)
