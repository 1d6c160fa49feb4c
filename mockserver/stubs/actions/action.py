"""What every action is: hooks into the life of a request, of which the default does nothing."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from pydantic import Field

from mockserver.expressions.templates import Context, Rendered, as_text, compile_value
from mockserver.http.response import Response
from mockserver.problems import Place, Report
from mockserver.stubs.delay import Delay, DelayShape, compile_delay
from mockserver.stubs.shape import ActionFields

_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e\xa0-\xff]*")
_FRAMING = ("connection", "content-length", "transfer-encoding")


class CommonFields(ActionFields):
    """What may stand beside most actions."""

    status: Annotated[int, Field(ge=200, le=599)] | None = None
    headers: dict[str, str | int | None] | None = None
    delay: DelayShape | None = None


@dataclass(frozen=True, slots=True)
class Writing:
    """Where an action is written, and who hears of what is wrong with it.

    `fault_keys` names, for messages, what may stand beside the options of a fault; None where the
    action is written in a stub.
    """

    place: Place
    report: Report
    fault_keys: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that a stub does. This one is the default: nothing is replaced or changed.

    `headers` renders headers for the response, `delay` holds it back.
    """

    status: int | None = None
    headers: Rendered | None = None
    delay: Delay | None = None

    changes_value: ClassVar[bool] = False
    """Whether it is for the default response alone, and does not apply to a refusal."""

    @property
    def fault_name(self) -> str | None:
        """The fault that it injects."""
        return None

    def respond(self, context: Context) -> Response | None:
        """Return a response in the place of the handler's; None lets the handler do its work."""
        return None

    def change_value(self, value: Any, context: Context) -> Any:
        """Return what is stored and sent instead of the handler's own value."""
        return value

    def change_response(self, response: Response, context: Context) -> Response:
        """Return what is sent instead of a response that is decided."""
        return response

    def rendered_headers(self, context: Context) -> dict[str, str | None]:
        """Return the headers that it sets; None removes one."""
        if self.headers is None:
            return {}
        rendered: dict[str, Any] = self.headers(context)
        return {k: None if value is None else as_text(value) for k, value in rendered.items()}


def compile_common(fields: CommonFields, writing: Writing) -> dict[str, Any]:
    """Return the arguments of an action that its status, headers and delay are."""
    return {
        "status": fields.status,
        "headers": _compile_headers(fields, (*writing.place, "headers"), writing.report),
        "delay": compile_delay(fields.delay, (*writing.place, "delay"), writing.report),
    }


def _compile_headers(fields: CommonFields, place: Place, report: Report) -> Rendered | None:
    if fields.headers is None:
        return None
    for name, value in fields.headers.items():
        if not _HEADER_NAME.fullmatch(name):
            report((*place, name), "not a header's name", "letters, digits and dashes")
        if name.lower() in _FRAMING:
            remedy = "leave it out; the fault wrong_content_length lies about a length"
            report((*place, name), "says how the answer is sent, not what it is", remedy)
        if isinstance(value, str) and not _HEADER_VALUE.fullmatch(value):
            report((*place, name), "not a header's value", "one line of plain text")
    return compile_value(fields.headers, place, report)
