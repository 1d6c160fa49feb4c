"""The verdict on the client: what faults struck, and what it made of them."""

from collections.abc import Sequence
from typing import Any

from mockserver.control.call import Call, World
from mockserver.http import credentials
from mockserver.verification.retry_log import Case


def get_report(world: World, call: Call) -> dict[str, Any]:
    """Give a verdict in sentences, the counts of each fault, and each struck request."""
    logs = [namespace.strikes for namespace in world.selected(call.key)]
    cases = [case for log in logs for case in log.cases]
    struck: dict[str, int] = {}
    for log in logs:
        for fault, times in log.struck.items():
            struck[fault] = struck.get(fault, 0) + times
    return {
        "verdict": [sentence for case in cases for sentence in _sentences(case)],
        "faults": {
            fault: {"struck": times, **_counts(fault, [c for c in cases if fault in _faults(c)])}
            for fault, times in struck.items()
        },
        "requests": [_shown_case(case) for case in cases],
    }


def delete_report(world: World, call: Call) -> dict[str, Any]:
    """Forget what faults did."""
    for namespace in world.selected(call.key):
        namespace.strikes.clear()
    return {}


def _faults(case: Case) -> list[str]:
    return list(dict.fromkeys(one.fault for one in case.tries if one.fault is not None))


def _counts(fault: str, cases: Sequence[Case]) -> dict[str, Any]:
    """Count what became of the requests that one fault struck.

    Of the times that its answers asked to wait, `honoured` are those after which the
    client came back, and not too early; after the rest it did not come back.
    """
    outcomes = [case.outcome for case in cases]
    asked = [
        (one, one is not case.tries[-1])
        for case in cases
        for one in case.tries
        if one.fault == fault and one.retry_after is not None and one.answered is not None
    ]
    came_back = sum(came for _, came in asked)
    early = sum(by == fault for case in cases for _, _, by in case.early())
    return {
        "requests": len(cases),
        "retried": sum(case.count > 1 for case in cases),
        "tries": sum(case.count for case in cases),
        "got_through": outcomes.count("got through"),
        "answered_late": outcomes.count("answered late"),
        "refused": outcomes.count("refused"),
        "gave_up": outcomes.count("gave up"),
        "never_retried": outcomes.count("never retried"),
        "created_twice": sum(len(case.made) > 1 for case in cases),
        "retry_after": {"asked": len(asked), "honoured": came_back - early, "early": early},
    }


def _sentences(case: Case) -> list[str]:
    what, why = case.operation or "a request", " and ".join(_faults(case))
    told = []
    if len(case.made) > 1:
        times = "twice" if len(case.made) == 2 else f"{len(case.made)} times"
        told.append(f"created {times}: {what} made {', '.join(case.made)}, after {why}")
    if case.outcome == "gave up":
        told.append(f"gave up: {what} after {case.count} tries, on {why}")
    if case.outcome == "never retried":
        told.append(f"never retried: {what} after {why}")
    for waited, asked, fault in case.early():
        wait = f"{waited:.2f} s, asked for {asked:.3g} s by {fault}"
        told.append(f"came back early: {what} after {wait}")
    return told


def _shown_case(case: Case) -> dict[str, Any]:
    waits = [(None, None), *case.waits()]
    return {
        "operation": case.operation,
        "key": None if case.key is None else credentials.hide(case.key),
        "outcome": case.outcome,
        "created": case.made,
        "tries": [
            {
                "fault": one.fault,
                "status": one.status,
                "waited": None if waited is None else round(waited, 3),
                "asked_to_wait": one.retry_after,
                "created": one.made,
            }
            for one, (waited, _) in zip(case.tries, waits, strict=True)
        ],
        "count": case.count,
    }
