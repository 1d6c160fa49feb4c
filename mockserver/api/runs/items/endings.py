"""`fail`, `incomplete`, `expire` and `cancel`: the ends of a run, with all that is open."""

import re
from typing import TYPE_CHECKING, Any, Literal, get_args

from pydantic import Field

from mockserver.api.runs.items.item import ScriptItem
from mockserver.api.shared.results import Object
from mockserver.api.shared.validation import Strict
from mockserver.api.shared.wrong import wrong
from mockserver.problems import closest

if TYPE_CHECKING:
    from mockserver.api.runs.engine import Playback

DEFAULT_MESSAGES = {
    "server_error": "Sorry, something went wrong.",
    "rate_limit_exceeded": "You exceeded your current quota, please check your plan and billing "
    "details.",
    "invalid_prompt": "The prompt is invalid.",
}
"""The message of each code where a script has none [inferred]."""

ErrorCode = Literal["server_error", "rate_limit_exceeded", "invalid_prompt"]
Why = Literal["max_completion_tokens", "max_prompt_tokens", "content_filter"]
_CODE = re.compile(r"[a-z_]+")


class Failure(Strict):
    """The error of a run that fails."""

    code: ErrorCode = Field(
        default="server_error",
        description="server_error (the default), rate_limit_exceeded or invalid_prompt",
    )
    message: str | None = Field(default=None, description="instead of the words for the code")


class Reason(Strict):
    """Why a run is incomplete."""

    reason: Why = Field(description="max_completion_tokens, max_prompt_tokens or content_filter")


class Nothing(Strict):
    """An item that says all by its name."""


def _read_failure(value: Any) -> Any:
    """Return the code and message of an error that may be one of them alone."""
    if not isinstance(value, str):
        return value
    if value in DEFAULT_MESSAGES:
        return {"code": value}
    if _CODE.fullmatch(value):
        raise wrong("unknown code", closest(value, tuple(DEFAULT_MESSAGES)))
    return {"message": value}


def _read_reason(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if value not in get_args(Why):
        raise wrong("unknown reason", closest(value, get_args(Why)))
    return {"reason": value}


def _fail(playback: "Playback", value: Object) -> None:
    code = value.get("code") or "server_error"
    message = value.get("message")
    playback.end(
        "failed", code=code, message=DEFAULT_MESSAGES[code] if message is None else message
    )


FAIL = ScriptItem(
    "fail",
    "ends the run `failed`, with a code and a message",
    "fail: {code: rate_limit_exceeded, message: Slow down.}",
    Failure,
    _fail,
    read=_read_failure,
    written=str | Failure,
    beside=("code", "message"),
    needs_value=False,
    ends=True,
)
INCOMPLETE = ScriptItem(
    "incomplete",
    "ends the run `incomplete`; a message that is open is cut off",
    "incomplete: max_completion_tokens",
    Reason,
    lambda playback, value: playback.end("incomplete", reason=value["reason"]),
    read=_read_reason,
    written=Why | Reason,
    ends=True,
)
EXPIRE = ScriptItem(
    "expire",
    "ends the run `expired`",
    "expire",
    Nothing,
    lambda playback, value: playback.end("expired"),
    needs_value=False,
    ends=True,
)
CANCEL = ScriptItem(
    "cancel",
    "ends the run `cancelled`",
    "cancel",
    Nothing,
    lambda playback, value: playback.end("cancelled"),
    needs_value=False,
    ends=True,
)
