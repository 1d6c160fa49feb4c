"""Clients that fail, and what the report says of them."""

from collections.abc import Callable
from typing import Any

from tests.faults.raw import Line, request_bytes
from tests.support import Api

CREATE = {"model": "gpt-4o", "name": "Tutor"}

Send = Callable[..., int]


def fail(api: Api, fault: str, **rule: Any) -> None:
    assert api.post("/_mock/faults", {"fault": fault, "on": "create*", **rule}).status == 200


def count_header(count: int | None) -> dict[str, str]:
    return {} if count is None else {"x-stainless-retry-count": str(count)}


def create(api: Api, count: int | None = None) -> int | None:
    """Create on a connection of its own; `count` is what the client says of its retries."""
    try:
        return api.post("/v1/assistants", CREATE, headers=count_header(count)).status
    except ConnectionError:
        return None


def stream(api: Api, path: str, body: Any) -> int | None:
    """Post, and return the status; None where a stream was broken off, or said that it was."""
    with Line(api.url) as line:
        line.send(request_bytes(str(api.key), body, {"Connection": "close"}, f"POST {path}"))
        seen = line.see(0.3)
    is_whole = seen.body.endswith(b"0\r\n\r\n") and b"event: error" not in seen.body
    return seen.status if is_whole or b"chunked" not in seen.received else None


def report(api: Api) -> Any:
    return api.get("/_mock/report").json


def found(api: Api) -> list[tuple[str, str]]:
    return [(one["code"], one["sure"]) for one in report(api)["problems"]]


def outcomes(api: Api) -> list[tuple[str, int, str]]:
    return [(one["outcome"], one["count"], one["sure"]) for one in report(api)["requests"]]
