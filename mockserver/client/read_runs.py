"""What the journal says of runs whose thread was deleted: as much as the client has read."""

from collections.abc import Iterable, Mapping
from typing import Any

from mockserver.client.received_request import ReceivedRequest

_KINDS = {"thread.run": "runs", "thread.run.step": "run_steps", "thread.message": "messages"}

Records = dict[str, dict[str, Any]]


def with_deleted(
    state: Mapping[str, Any], requests: Iterable[ReceivedRequest]
) -> dict[str, list[Any]]:
    """Return the runs of a state with their steps and messages, and those that it lost.

    `requests` are those of the journal, whose responses had them.
    """
    read = _read(sorted(requests, key=lambda request: request.number))
    stored: dict[str, list[Any]] = {kind: list(state.get(kind, ())) for kind in _KINDS.values()}
    known = {record["id"] for record in stored["runs"]}
    for kind, name in (("runs", "id"), ("run_steps", "run_id"), ("messages", "run_id")):
        stored[kind] += [one for one in read[kind].values() if one.get(name) not in known]
    return stored


def _read(requests: Iterable[ReceivedRequest]) -> dict[str, Records]:
    """Return the last that was read of each object, by kind and id; the requests in their order.

    Each call of a function is a step of its own, with the output that was submitted for it.
    """
    found: dict[str, Records] = {kind: {} for kind in _KINDS.values()}
    calls: dict[str, tuple[Any, dict[str, Any]]] = {}
    outputs: dict[str, Any] = {}
    for request in requests:
        for one in _objects(request):
            kind = _KINDS.get(str(one.get("object")))
            if kind is not None and isinstance(one.get("id"), str):
                found[kind][one["id"]] = one
                run_id = one.get("run_id") if kind == "run_steps" else one["id"]
                calls |= {call["id"]: (run_id, call) for call in _calls(one)}
        if request.status == 200 and isinstance(request.body, dict):
            for one in _dicts(request.body.get("tool_outputs")):
                outputs[str(one.get("tool_call_id"))] = one.get("output")
    found["run_steps"] = {
        call_id: {"run_id": run_id, "step_details": {"tool_calls": [_answered(call, outputs)]}}
        for call_id, (run_id, call) in calls.items()
    }
    return found


def _answered(call: dict[str, Any], outputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return a call with its output, where one was submitted."""
    output = outputs.get(call["id"], call["function"].get("output"))
    return {**call, "function": {**call["function"], "output": output}}


def _calls(record: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the calls of functions of a step, or those that a run waits for."""
    details = record.get("step_details")
    if isinstance(action := record.get("required_action"), dict):
        details = action.get("submit_tool_outputs")
    return [
        call
        for call in _dicts(details.get("tool_calls") if isinstance(details, dict) else None)
        if isinstance(call.get("id"), str) and isinstance(call.get("function"), dict)
    ]


def _objects(request: ReceivedRequest) -> list[dict[str, Any]]:
    """Return the objects of a response: one, those of a list, or those of a stream's events."""
    response = request.response
    if isinstance(response, list):
        return _dicts([event.get("data") for event in _dicts(response)])
    if not isinstance(response, dict) or response.get("object") != "list":
        return _dicts([response])
    listed = _dicts(response.get("data"))
    return listed if request.parameters.get("order") == ["asc"] else listed[::-1]


def _dicts(values: Any) -> list[dict[str, Any]]:
    return [one for one in values if isinstance(one, dict)] if isinstance(values, list) else []
