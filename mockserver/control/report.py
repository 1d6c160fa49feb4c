"""The endpoints of the report: which faults were injected, and how the client reacted."""

from collections.abc import Sequence
from typing import Any

from mockserver.control.control_request import ControlRequest
from mockserver.control.server_state import ServerState
from mockserver.http import credentials
from mockserver.verification.retry_log import RetriedRequest


def get_report(state: ServerState, call: ControlRequest) -> dict[str, Any]:
    """Return a verdict in sentences, the counts of each fault, and each retried request."""
    logs = [namespace.retry_log for namespace in state.selected(call.key)]
    requests = [request for log in logs for request in log.requests]
    injected: dict[str, int] = {}
    for log in logs:
        for fault, times in log.injected.items():
            injected[fault] = injected.get(fault, 0) + times
    return {
        "verdict": [sentence for request in requests for sentence in _sentences(request)],
        "faults": {
            fault: {
                "injected": times,
                **_counts(fault, [request for request in requests if fault in _faults(request)]),
            }
            for fault, times in injected.items()
        },
        "requests": [_request_as_json(request) for request in requests],
    }


def delete_report(state: ServerState, call: ControlRequest) -> dict[str, Any]:
    """Clear the report."""
    for namespace in state.selected(call.key):
        namespace.retry_log.clear()
    return {}


def _faults(request: RetriedRequest) -> list[str]:
    return list(
        dict.fromkeys(attempt.fault for attempt in request.attempts if attempt.fault is not None)
    )


def _counts(fault: str, requests: Sequence[RetriedRequest]) -> dict[str, Any]:
    """Count the outcomes of the requests that one fault was injected into.

    In `retry_after`, `requested` counts responses that requested a wait. `honoured` counts those
    after which the client waited as requested and retried, `early` those that it did not wait for.
    """
    outcomes = [request.outcome for request in requests]
    was_retried = [
        attempt is not request.attempts[-1]
        for request in requests
        for attempt in request.attempts
        if attempt.fault == fault
        and attempt.retry_after is not None
        and attempt.answered is not None
    ]
    retried = sum(was_retried)
    early = sum(by == fault for request in requests for _, _, by in request.early_retries())
    return {
        "requests": len(requests),
        "retried": sum(request.count > 1 for request in requests),
        "attempts": sum(request.count for request in requests),
        "got_through": outcomes.count("got through"),
        "answered_late": outcomes.count("answered late"),
        "refused": outcomes.count("refused"),
        "gave_up": outcomes.count("gave up"),
        "never_retried": outcomes.count("never retried"),
        "created_twice": sum(len(request.created) > 1 for request in requests),
        "retry_after": {"requested": len(was_retried), "honoured": retried - early, "early": early},
    }


def _sentences(request: RetriedRequest) -> list[str]:
    what, why = request.operation or "a request", " and ".join(_faults(request))
    sentences = []
    if len(request.created) > 1:
        times = "twice" if len(request.created) == 2 else f"{len(request.created)} times"
        sentences.append(
            f"created {times}: {what} created {', '.join(request.created)}, after {why}"
        )
    if request.outcome == "gave up":
        sentences.append(f"gave up: {what} after {request.count} attempts, on {why}")
    if request.outcome == "never retried":
        sentences.append(f"never retried: {what} after {why}")
    for waited, requested, fault in request.early_retries():
        wait = f"{waited:.2f} s, {fault} requested {requested:.3g} s"
        sentences.append(f"retried early: {what} after {wait}")
    return sentences


def _request_as_json(request: RetriedRequest) -> dict[str, Any]:
    waits = [(None, None), *request.waits()]
    return {
        "operation": request.operation,
        "key": None if request.key is None else credentials.hide(request.key),
        "outcome": request.outcome,
        "created": request.created,
        "attempts": [
            {
                "fault": attempt.fault,
                "status": attempt.status,
                "waited": None if waited is None else round(waited, 3),
                "requested_wait": attempt.retry_after,
                "created": attempt.created,
            }
            for attempt, (waited, _) in zip(request.attempts, waits, strict=True)
        ],
        "count": request.count,
    }
