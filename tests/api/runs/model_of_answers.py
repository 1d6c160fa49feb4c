"""What the model of a conversation says: bodies with ids still to be learned, and refusals."""

import json
import re
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from tests.api.runs.model_of_runs import Id, Kept, Object, text_part

KeptT = TypeVar("KeptT", bound=Kept)
Query = dict[str, Any]
REASONING = ("o3-mini",)
MODELS = ("gpt-4o", "gpt-4o-mini", *REASONING)


class RefusedError(Exception):
    """The answer to a request that is refused."""

    def __init__(
        self, message: str, param: str | None = None, code: str | None = None, status: int = 400
    ) -> None:
        super().__init__(message)
        self.status = status
        error = {"message": message, "type": "invalid_request_error", "param": param, "code": code}
        self.body = {"error": error}


def not_found(kind: str, object_id: str) -> RefusedError:
    return RefusedError(f"No {kind} found with id '{object_id}'.", status=404)


def wrong_id(param: str, got: str, prefix: str) -> RefusedError:
    message = f"Invalid '{param}': '{got}'. Expected an ID that begins with '{prefix}'."
    return RefusedError(message, param, "invalid_value")


def learn(expected: Any, shown: Any, taken: set[str]) -> None:
    """Take from a response the ids that are not known yet; each has its form and is new."""
    if isinstance(expected, Id):
        if not expected.value:
            assert re.fullmatch(f"{expected.prefix}_[A-Za-z0-9]{{24}}", shown), shown
            assert shown not in taken, shown
            expected.value = shown
            taken.add(shown)
    elif isinstance(expected, dict) and isinstance(shown, dict):
        for name, value in expected.items():
            if name in shown:
                learn(value, shown[name], taken)
    elif isinstance(expected, list) and isinstance(shown, list):
        for value, one in zip(expected, shown, strict=False):
            learn(value, one, taken)


def written(value: Any) -> str:
    """Return the body with this value, as the service lays it out."""
    return json.dumps(value, indent=2, ensure_ascii=False, default=lambda made: made.value)


# ── Lists ────────────────────────────────────────────────────────────────────────


def in_order(objects: Sequence[Kept]) -> list[Kept]:
    """Return objects oldest first, and those of one second as they came."""
    return sorted(objects, key=lambda one: int(one.object["created_at"]))


def find(objects: Sequence[KeptT], object_id: str, kind: str) -> KeptT:
    for one in objects:
        if one.id == object_id and not one.is_deleted:
            return one
    raise not_found(kind, object_id)


def check_cursors(objects: Sequence[Kept], query: Query, kind: str, prefix: str) -> None:
    for name in ("after", "before"):
        given = query.get(name)
        if given is None:
            continue
        if not given.startswith(prefix):
            raise wrong_id(name, given, prefix)
        if not any(one.id == given for one in objects):
            raise not_found(kind, given)


def page(
    objects: Sequence[Kept], query: Query, keep: Callable[[Kept], bool] = lambda one: True
) -> Object:
    """Return a page of a list. Its cursors may name what was deleted."""
    line = in_order(objects)
    if query.get("order", "desc") == "desc":
        line.reverse()
    ids = [one.id for one in line]
    after, before = query.get("after"), query.get("before")
    first = 0 if after is None else ids.index(after) + 1
    last = len(line) if before is None else ids.index(before)
    listed = [one for one in line[first : max(last, first)] if not one.is_deleted and keep(one)]
    limit = query.get("limit", 20)
    nearest = listed[-limit:] if before is not None and after is None else listed[:limit]
    return {
        "object": "list",
        "data": [one.object for one in nearest],
        "first_id": nearest[0].object["id"] if nearest else None,
        "last_id": nearest[-1].object["id"] if nearest else None,
        "has_more": len(listed) > limit,
    }


# ── What objects show ────────────────────────────────────────────────────────────


def shown_part(part: Object) -> Object:
    if part["type"] == "text":
        return text_part(part["text"])
    kind = part["type"]
    return {"type": kind, kind: {**part[kind], "detail": part[kind].get("detail") or "auto"}}


def shown_tool(tool: Object) -> Object:
    if tool["type"] != "function":
        return tool
    empty = {"description": None, "parameters": {"type": "object", "properties": {}}}
    return {
        "type": "function",
        "function": {"name": tool["function"]["name"], **empty, "strict": False},
    }


def only_functions(tools: list[Object]) -> bool:
    return all(tool["type"] == "function" for tool in tools)


def text_of(one: Kept) -> str:
    parts = [part for part in one.object["content"] if part["type"] == "text"]
    return "\n".join(part["text"]["value"] for part in parts)


def default_answer(name: str | None, messages: list[Kept]) -> str:
    """Return what a run says that has no script."""
    asked = [text_of(one) for one in messages if one.object["role"] == "user"]
    name = name or "The assistant"
    if not asked:
        return f"{name} has no question to answer."
    quoted = asked[-1] if len(asked[-1]) <= 200 else asked[-1][:200] + "…"
    return f'{name} was asked: "{quoted}" This is the answer of a mock, which asks no model.'


def check_model(body: Object, model: str) -> Any:
    """Return the effort of a run's body, once it is known to go with the model."""
    if model not in MODELS:
        raise RefusedError(
            f"The requested model '{model}' does not exist.", "model", "model_not_found"
        )
    reasons, effort = model in REASONING, body.get("reasoning_effort")
    for name in ("temperature", "top_p"):
        if reasons and body.get(name) is not None:
            text = f"Unsupported parameter: '{name}' is not supported with this model."
            raise RefusedError(text, "model", "unsupported_model")
    if not reasons and effort is not None:
        raise RefusedError(
            "Unsupported parameter: 'reasoning_effort' is not supported with this model.",
            "reasoning_effort",
            "unsupported_parameter",
        )
    return effort
