"""What a stub's action does to the answer."""

import re
from collections.abc import Callable, Mapping
from copy import deepcopy
from functools import partial
from typing import Any

from mockserver.expressions.templates import Context, as_text
from mockserver.faults.catalogue import Fault, faults
from mockserver.faults.retry import retry_headers
from mockserver.faults.transport import TransportFault
from mockserver.http import json_codec
from mockserver.pipeline.exchange import Answer
from mockserver.stubs.stub import Action
from mockserver.verification.retry_log import asked_to_wait

JSON = "application/json"

STAND_IN = b'{\n  "object": "stand_in",\n  "note": "%s"\n}' % (b"never to be read whole. " * 16)
"""What is spoiled where a fault of the transport strikes before there is an answer."""

_NOT_IN_A_HEADER = re.compile(r"[^\t\x20-\x7e\xa0-\xff]")


def whole_answer(action: Action, context: Context) -> Answer:
    """Make the answer of an action that leaves the handler out: json or text."""
    if action.kind == "text":
        text = "" if action.content is None else as_text(action.content(context))
        answer = Answer(
            200, text.encode("utf-8", "replace"), {"Content-Type": "text/plain; charset=utf-8"}
        )
    else:
        value = None if action.content is None else action.content(context)
        answer = Answer(200, json_codec.dumps(value), {"Content-Type": JSON})
    if action.status is not None:
        answer.status = action.status
    answer.dresses = dresses(action, context)
    return answer


def struck(done: Answer | None, action: Action, context: Context) -> Answer:
    """Give what a fault makes of an answer; `done` is None where it strikes before there is one."""
    fault = faults()[action.fault or ""]
    if isinstance(fault, TransportFault):
        answer = done or Answer(200, STAND_IN, {"Content-Type": JSON})
        answer.delivery = partial(fault.deliver, **action.options)
        answer.arrives = fault.arrives(**action.options)
        answer.harmless = fault.needs_handler
        if action.content is not None:
            answer.body = json_codec.dumps(action.content(context))
            answer.headers["Content-Type"] = JSON
    else:
        answer = _refusal(fault, action, context)
    if action.status is not None:
        answer.status = action.status
    answer.dresses += dresses(action, context)
    return answer


def _refusal(fault: Fault, action: Action, context: Context) -> Answer:
    retry = retry_headers(action.options)
    if fault.error is None:
        answer = Answer(fault.status, (fault.text or "").encode(), anonymous=True)
    else:
        answer = Answer.refusal(fault.refusal(context, asked_to_wait(retry)))
    answer.headers.update(fault.headers)
    answer.headers.update(retry)
    if action.content is not None:
        value = merge(json_codec.loads(answer.body) if fault.error else {}, action.content(context))
        answer.body = json_codec.dumps(value)
        answer.headers["Content-Type"] = JSON
    return answer


def patched(answer: Any, action: Action, context: Context) -> Any:
    """Merge an action's patch into the default answer, and drop what it wants dropped."""
    if action.content is not None:
        answer = merge(answer, action.content(context))
    if action.drop:
        answer = deepcopy(answer)
    for path in action.drop:
        _drop(answer, path)
    return answer


def dresses(action: Action, context: Context) -> tuple[Callable[[Answer], None], ...]:
    """Give what puts an action's headers on an answer that is complete, if it has any."""
    if action.headers is None:
        return ()
    return (partial(_dress, headers=action.headers(context)),)


def _dress(answer: Answer, headers: Mapping[str, Any]) -> None:
    """Put headers in the place of those of the same names; a null header is taken off."""
    for name, value in headers.items():
        for known in [known for known in answer.headers if known.lower() == name.lower()]:
            del answer.headers[known]
        if value is not None:
            answer.headers[name] = _NOT_IN_A_HEADER.sub("?", as_text(value))


def merge(value: Any, patch: Any) -> Any:
    """Merge deep: objects key by key; null is a value, and arrays are replaced whole."""
    if not isinstance(value, dict) or not isinstance(patch, dict):
        return patch
    return value | {key: merge(value.get(key), inner) for key, inner in patch.items()}


def _drop(value: Any, path: tuple[str, ...]) -> None:
    for step in path[:-1]:
        value = value.get(step) if isinstance(value, dict) else None
    if isinstance(value, dict):
        value.pop(path[-1], None)
