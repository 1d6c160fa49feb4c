"""What a stub's action does to the answer."""

import re
import time
from collections.abc import Callable, Mapping
from copy import deepcopy
from email.utils import formatdate
from functools import partial
from typing import Any

from mockserver import wire
from mockserver.exchange import Answer
from mockserver.faults.catalogue import Fault, faults
from mockserver.faults.transport import TransportFault
from mockserver.stubs.compiled import Action
from mockserver.stubs.render import Context, as_text

JSON = "application/json"

STAND_IN = b'{\n  "object": "stand_in",\n  "note": "%s"\n}' % (b"never to be read whole. " * 16)
"""What is spoiled where a fault of the transport strikes before there is an answer."""

_NOT_IN_A_HEADER = re.compile(r"[^\t\x20-\x7e\xa0-\xff]")


def whole_answer(action: Action, context: Context) -> Answer:
    """Make the answer of an action that leaves the handler out: json or text."""
    if action.kind == "text":
        text = "" if action.content is None else as_text(action.content(context))
        answer = Answer(200, text.encode(), {"Content-Type": "text/plain; charset=utf-8"})
    else:
        value = None if action.content is None else action.content(context)
        answer = Answer(200, wire.dumps(value), {"Content-Type": JSON})
    if action.status is not None:
        answer.status = action.status
    return answer


def struck(done: Answer | None, action: Action, context: Context) -> Answer:
    """Give what a fault makes of an answer; `done` is None where it strikes before there is one."""
    fault = faults()[action.fault or ""]
    if isinstance(fault, TransportFault):
        answer = done or Answer(200, STAND_IN, {"Content-Type": JSON})
        answer.delivery = partial(fault.deliver, **action.options)
        answer.arrives = fault.arrives
        answer.harmless = fault.needs_handler
        if action.content is not None:
            answer.body = wire.dumps(action.content(context))
            answer.headers["Content-Type"] = JSON
    else:
        answer = _refusal(fault, action, context)
    if action.status is not None:
        answer.status = action.status
    return answer


def _refusal(fault: Fault, action: Action, context: Context) -> Answer:
    if fault.error is None:
        answer = Answer(fault.status, (fault.text or "").encode(), anonymous=True)
    else:
        answer = Answer.refusal(fault.refusal(context))
    answer.headers.update(fault.headers)
    answer.headers.update(_retry_headers(action.options))
    if action.content is not None:
        value = merge(wire.loads(answer.body) if fault.error else {}, action.content(context))
        answer.body = wire.dumps(value)
        answer.headers["Content-Type"] = JSON
    return answer


_RETRY_HEADERS: dict[str, tuple[str, Callable[[Any], str]]] = {
    "retry_after": ("retry-after", "{:g}".format),
    "retry_after_ms": ("retry-after-ms", "{:g}".format),
    "retry_after_date": ("retry-after", lambda s: formatdate(time.time() + s, usegmt=True)),
    "should_retry": ("x-should-retry", lambda should: str(should).lower()),
}


def _retry_headers(options: Mapping[str, Any]) -> dict[str, str]:
    said = {name: value for name, value in options.items() if value is not None}
    return {
        header: write(said[name])
        for name, (header, write) in _RETRY_HEADERS.items()
        if name in said
    }


def patched(answer: Any, action: Action, context: Context) -> Any:
    """Merge an action's patch into the default answer, and drop what it wants dropped."""
    if action.content is not None:
        answer = merge(answer, action.content(context))
    if action.drop:
        answer = deepcopy(answer)
    for path in action.drop:
        _drop(answer, path)
    return answer


def dress(answer: Answer, action: Action, context: Context) -> Answer:
    """Put an action's headers on an answer that is complete; a null header is taken off."""
    if action.headers is not None:
        for name, value in action.headers(context).items():
            for known in [known for known in answer.headers if known.lower() == name.lower()]:
                del answer.headers[known]
            if value is not None:
                answer.headers[name] = _NOT_IN_A_HEADER.sub("?", as_text(value))
    return answer


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
