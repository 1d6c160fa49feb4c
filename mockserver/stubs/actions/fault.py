"""`fault`: a named fault, injected before the handler runs or after it."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import Field

from mockserver.expressions.templates import Context, Rendered
from mockserver.faults import catalogue
from mockserver.faults.error_fault import ErrorFault
from mockserver.faults.stream import StreamFault
from mockserver.faults.transport import TransportFault
from mockserver.http import json_codec
from mockserver.http.response import JSON, Response
from mockserver.stubs.actions.action import Action, CommonFields, Writing, compile_common
from mockserver.stubs.actions.merge import merge

_STAND_IN_BODY = b'{\n  "object": "stand_in",\n  "note": "%s"\n}' % (
    b"never to be read whole. " * 16
)
"""The body for a transport fault that is injected before the handler runs."""


class Fields(CommonFields):
    """The keys of this action in a fixture."""

    fault: str | None = None
    inject: Literal["before", "after"] | None = Field(
        default=None,
        description="when a fault is injected: before the request is handled, or after",
    )
    body: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultAction(Action):
    """Injects a fault.

    `body` renders a body. It is merged into the body of an error, and replaces the body of a
    transport fault. With `after` the handler runs first.
    """

    fault: ErrorFault | TransportFault | StreamFault
    options: Mapping[str, Any] = field(default_factory=dict)
    after: bool = False
    body: Rendered | None = None

    @property
    def fault_name(self) -> str:
        """The name of the fault that the action injects."""
        return self.fault.name

    def applies_to(self, response: Response) -> bool:
        """Return whether the fault applies to a response: some are for streams alone."""
        return isinstance(self.fault, ErrorFault) or self.fault.applies_to(response)

    def respond(self, context: Context) -> Response | None:
        """Return the failed response; None if the fault is injected after the handler."""
        return None if self.after else self._fail(None, context)

    def change_response(self, response: Response, context: Context) -> Response:
        """Return the failed response, or the response itself if the fault is injected before."""
        return self._fail(response, context) if self.after else response

    def _fail(self, response: Response | None, context: Context) -> Response:
        if not isinstance(self.fault, ErrorFault):
            failure = response or Response(200, _STAND_IN_BODY, {"Content-Type": JSON})
            self.fault.spoil(failure, self.options)
        else:
            failure = self.fault.response(context, self.options)
        if self.body is not None:
            own = self.fault.error_body(failure)
            failure.body = json_codec.dumps(merge(own, self.body(context)))
            failure.headers["Content-Type"] = JSON
        if self.status is not None:
            failure.status = self.status
        return failure


def claims(keys: AbstractSet[str]) -> list[str]:
    """Return `fault` if it is among the keys of an action."""
    return ["fault"] if "fault" in keys else []


def build(fields: Fields, writing: Writing) -> Action:
    """Return the compiled fault; an unknown one is reported and becomes a default action."""
    common = compile_common(fields, writing)
    name, options = fields.fault or "", fields.model_extra or {}
    values = catalogue.check(
        name, options, fields.inject, writing.place, writing.report, writing.fault_keys
    )
    body = None
    if fields.body is not None:
        body = writing.compile("body", fields.body)
    fault = catalogue.faults().get(name)
    if fault is None:
        return Action(**common)
    if body is not None and isinstance(fault, StreamFault):
        remedy = "remove it, or use a stub with json or text"
        writing.report((*writing.place, "body"), f"{name} has no body of its own", remedy)
    after = fields.inject == "after" or fault.needs_handler
    return FaultAction(**common, fault=fault, options=values, after=after, body=body)
