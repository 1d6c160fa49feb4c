"""The base class of actions: hooks into the handling of a request."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from mockserver.api.shared.delay import Delay, DelayShape
from mockserver.expressions.templates import Context, Outputs, Rendered, as_text, compile_value
from mockserver.http.response import Response
from mockserver.problems import Place, Report

_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e\xa0-\xff]*")
_FRAMING = ("connection", "content-length", "transfer-encoding")


_OneValue = str | int
HeaderValue = _OneValue | Annotated[list[_OneValue], Field(min_length=1)] | None
"""The value of a header, the values of one that is sent several times, or None to remove it."""


class CommonFields(BaseModel):
    """The keys that any action may have. Further keys may be options of a fault."""

    model_config = ConfigDict(extra="allow", strict=True, populate_by_name=False, defer_build=True)

    status: Annotated[int, Field(ge=200, le=599)] | None = None
    headers: dict[str, HeaderValue] | None = None
    delay: DelayShape | None = None


@dataclass(frozen=True, slots=True)
class Writing:
    """The place of an action in a document, and the function that reports its problems.

    `fault_keys` lists, for messages, the keys allowed besides the options of a fault; None if the
    action is in a stub. `path` has the segments of the stub's path that have a name, each by its
    index. `operations` are those of the stub, and `about` has the subjects that all of them have.
    """

    place: Place
    report: Report
    fault_keys: Sequence[str] | None = None
    path: Mapping[str, int] = field(default_factory=dict)
    operations: Collection[str] = ()
    about: Collection[str] = ()

    def compile(self, key: str, value: Any) -> Rendered:
        """Return a function that renders the value of a key of the action."""
        place = (*self.place, key)
        return compile_value(value, place, self.report, path=self.path, about=self.about)

    def compile_item(self, place: Place, value: Any, outputs: Outputs) -> Rendered:
        """Return a function that renders the value of an item of a script.

        Its problems are reported at the item, which may have been written in a shorter form.
        """

        def report(inner: Place, what: str, remedy: str) -> None:
            self.report(place, what, remedy)

        return compile_value(
            value, place, report, path=self.path, about=self.about, outputs=outputs
        )


@dataclass(frozen=True, slots=True)
class Action:
    """An action of a stub. This class is the default action: it replaces and changes nothing.

    `headers` renders headers for the response. `delay` delays it.
    """

    status: int | None = None
    headers: Rendered | None = None
    delay: Delay | None = None

    changes_value: ClassVar[bool] = False
    """Whether it changes only the default response, and not an error of the API."""

    @property
    def fault_name(self) -> str | None:
        """The name of the fault that the action injects; None if it injects none."""
        return None

    def applies_to(self, response: Response) -> bool:
        """Return whether a response is one that the action is for."""
        return True

    def respond(self, context: Context) -> Response | None:
        """Return a response in place of the handler's; None lets the handler run."""
        return None

    def script(self, context: Context) -> list[dict[str, Any]] | None:
        """Return the items that a run follows; None leaves that to the default."""
        return None

    def change_value(self, value: Any, context: Context) -> Any:
        """Return the value that is stored and sent in place of the handler's."""
        return value

    def change_response(self, response: Response, context: Context) -> Response:
        """Return the response that is sent in place of the one already decided."""
        return response

    def rendered_headers(self, context: Context) -> dict[str, str | list[str] | None]:
        """Return the headers that the action sets, with a list if one is sent several times.

        A value of None removes that header.
        """
        if self.headers is None:
            return {}
        return {name: _as_header(value) for name, value in self.headers(context).items()}


def _as_header(value: Any) -> str | list[str] | None:
    if isinstance(value, list):
        return [as_text(one) for one in value]
    return None if value is None else as_text(value)


def compile_common(fields: CommonFields, writing: Writing) -> dict[str, Any]:
    """Return the arguments of an action for its status, headers and delay."""
    return {
        "status": fields.status,
        "headers": _compile_headers(fields, writing),
        "delay": compile_delay(fields.delay, (*writing.place, "delay"), writing.report),
    }


def compile_delay(shape: Any, place: Place, report: Report) -> Delay | None:
    """Return the delay of a shape in a fixture; None if there is no shape."""
    if shape is None:
        return None
    delay = Delay.of(shape)
    if delay.problem is not None:
        report(place, *delay.problem)
    return delay


def _compile_headers(fields: CommonFields, writing: Writing) -> Rendered | None:
    if fields.headers is None:
        return None
    place, report = (*writing.place, "headers"), writing.report
    for name, value in fields.headers.items():
        if not _HEADER_NAME.fullmatch(name):
            report((*place, name), "not a header name", "use letters, digits and dashes")
        if name.lower() in _FRAMING:
            remedy = "remove it; for a wrong length, use the fault wrong_content_length"
            report((*place, name), "the server sets this header itself", remedy)
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, str) and not _HEADER_VALUE.fullmatch(one):
                remedy = "use one line of printable Latin-1 text"
                report((*place, name), "not a header value", remedy)
    return writing.compile("headers", fields.headers)
