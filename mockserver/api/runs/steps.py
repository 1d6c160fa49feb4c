"""The steps of a run: list and retrieve."""

from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from mockserver.api.runs.records import RUNS, STEPS, plain_step
from mockserver.api.runs.threads_in_use import move_on, require_thread
from mockserver.api.shared.call import Call
from mockserver.api.shared.errors import ApiError
from mockserver.api.shared.operation import Operation
from mockserver.api.shared.pagination import ListQuery
from mockserver.api.shared.resource import Resource
from mockserver.api.shared.results import Changes, Result

Include = Annotated[
    Literal["step_details.tool_calls[*].file_search.results[*].content"] | None,
    Field(alias="include[]"),
]


class IncludeQuery(BaseModel):
    """A query that may ask for the contents of search results."""

    include: Include = None


class ListSteps(ListQuery):
    """The query of `listRunSteps`."""

    include: Include = None


STEPS_OF_RUN = Resource(
    kind=STEPS,
    prefix="step",
    path_id="step_id",
    not_found="run_step_not_found",
    deleted="",
    view=plain_step,
    parent="run_id",
)
_WITH_CONTENTS = replace(STEPS_OF_RUN, view=None)


def list_run_steps(call: Call[None, ListSteps]) -> Result:
    """Return one page of a run's steps; the run moves on."""
    return _shown(call.query).listed_after(call, _of_run(call))


def get_run_step(call: Call[None, IncludeQuery]) -> Result:
    """Return a step; its run moves on."""
    return _shown(call.query).retrieved_after(call, _of_run(call))


def _shown(query: IncludeQuery | ListSteps) -> Resource:
    return STEPS_OF_RUN if query.include is None else _WITH_CONTENTS


def _of_run(call: Call[Any, Any]) -> Changes:
    thread_id, run_id = require_thread(call), call.path_ids["run_id"]
    if run_id not in call.namespace.collection(RUNS, thread_id):
        raise ApiError("run_not_found", id=run_id)
    return move_on(call, thread_id)


RESOURCES = (STEPS_OF_RUN,)

_PATH = "/threads/{thread_id:thread}/runs/{run_id:run}/steps"

OPERATIONS = (
    Operation(
        "listRunSteps",
        "Return a list of the steps of a run.",
        "GET",
        _PATH,
        list_run_steps,
        query=ListSteps,
        beta=True,
    ),
    Operation(
        "getRunStep",
        "Retrieve a step of a run.",
        "GET",
        _PATH + "/{step_id:step}",
        get_run_step,
        query=IncludeQuery,
        beta=True,
    ),
)
