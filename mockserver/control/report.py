"""The endpoints of the report: which faults were injected, and how the client reacted."""

from collections.abc import Sequence
from typing import Any

from mockserver.control.control_request import ControlRequest
from mockserver.control.server_state import ServerState
from mockserver.http import credentials
from mockserver.verification.attempt import Sure
from mockserver.verification.retry_log import RetriedRequest
from mockserver.verification.verdict import ClientProblem, find_calls, judge

OUTCOMES = (
    "got through",
    "answered late",
    "refused",
    "looked up",
    "sent again",
    "gave up",
    "not retried",
    "never retried",
    "never looked up",
    "in progress",
)
"""How a request can end. Only those that begin with `never` are problems."""


def get_report(state: ServerState, call: ControlRequest) -> dict[str, Any]:
    """Return what the client did wrong, the counts of each fault, and each retried request.

    `verdict` has the problems as sentences.
    """
    logs = [namespace.retry_log for namespace in state.selected(call.key)]
    calls = [found for log in logs for found in find_calls(log.requests)]
    requests = [request for found in calls for request in found if request.faults]
    problems = [problem for found in calls for problem in judge(found)]
    injected: dict[str, int] = {}
    for log in logs:
        for fault, times in log.injected.items():
            injected[fault] = injected.get(fault, 0) + times
    return {
        "problems": [_problem_as_json(problem) for problem in problems],
        "verdict": [problem.sentence for problem in problems],
        "faults": {
            fault: {
                "injected": times,
                **_counts(fault, [request for request in requests if fault in request.faults]),
            }
            for fault, times in injected.items()
        },
        "requests": [
            _request_as_json(request, Sure.POSSIBLE if len(found) > 1 else request.sure)
            for found in calls
            for request in found
            if request.faults
        ],
    }


def delete_report(state: ServerState, call: ControlRequest) -> dict[str, Any]:
    """Clear the report."""
    for namespace in state.selected(call.key):
        namespace.retry_log.clear()
    return {}


def _counts(fault: str, requests: Sequence[RetriedRequest]) -> dict[str, Any]:
    """Count the outcomes of the requests that one fault was injected into.

    In `retry_after`, `requested` counts responses that requested a wait. `honoured` counts those
    after which the client waited as requested and retried, `early` those that it did not wait for.
    """
    outcomes = [request.outcome for request in requests]
    was_retried = [
        attempt is not request.last
        for request in requests
        for attempt in request.attempts
        if attempt.fault == fault
        and attempt.retry_after is not None
        and attempt.answered is not None
    ]
    retried = sum(was_retried)
    early = sum(
        before.fault == fault for request in requests for before, _ in request.early_retries()
    )
    return {
        "requests": len(requests),
        "retried": sum(request.count > 1 for request in requests),
        "attempts": sum(request.count for request in requests),
        **{outcome.replace(" ", "_"): outcomes.count(outcome) for outcome in OUTCOMES},
        "created_twice": sum(len(request.created) > 1 for request in requests),
        "retry_after": {"requested": len(was_retried), "honoured": retried - early, "early": early},
    }


def _problem_as_json(problem: ClientProblem) -> dict[str, Any]:
    request = problem.request
    return {
        "code": problem.code,
        "what": problem.what,
        "remedy": problem.remedy,
        "sure": problem.sure.word,
        "operation": request.sent.operation,
        "key": _hidden_key(request),
    }


def _request_as_json(request: RetriedRequest, sure: Sure) -> dict[str, Any]:
    """Return a request; `sure` says how sure it is that its attempts are these and no others."""
    waits = [None, *(wait for _, _, wait in request.waits())]
    return {
        "operation": request.sent.operation,
        "key": _hidden_key(request),
        "outcome": request.outcome,
        "sure": sure.word,
        "created": request.created,
        "attempts": [
            {
                "fault": attempt.fault,
                "status": attempt.status,
                "waited": None if waited is None else round(waited, 3),
                "requested_wait": attempt.retry_after,
                "created": attempt.created,
            }
            for attempt, waited in zip(request.attempts, waits, strict=True)
        ],
        "count": request.count,
    }


def _hidden_key(request: RetriedRequest) -> str | None:
    return None if request.sent.key is None else credentials.hide(request.sent.key)
