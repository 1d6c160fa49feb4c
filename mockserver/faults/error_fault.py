"""The faults that are error responses: one of OpenAI's errors, or a text."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from mockserver import durations
from mockserver.api.shared.errors import ApiError
from mockserver.expressions.templates import Context, Rendered, as_text
from mockserver.faults.options import FaultOption
from mockserver.faults.retry_headers import RETRY_OPTIONS, retry_headers
from mockserver.http import json_codec
from mockserver.http.response import Response
from mockserver.verification.attempt import requested_wait

NO_MODEL = "the model"
"""The words in an error's message for the model of a request that names none."""


@dataclass(frozen=True, slots=True)
class ErrorFault:
    """A row of `fixtures/faults.yaml`; the comment at its top explains the fields.

    `effect` is what the client sees. `values` renders the values of the placeholders in the error's
    message. `source` says where that message is from.
    """

    name: str
    effect: str
    status: int
    values: Rendered
    source: str
    error: str | None = None
    text: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    options: tuple[FaultOption, ...] = RETRY_OPTIONS

    kind: ClassVar = "error"
    needs_handler: ClassVar = False

    def response(self, context: Context, options: Mapping[str, Any]) -> Response:
        """Return the error response, with the headers that its options set."""
        retry = retry_headers(options)
        if self.error is None:
            response = Response(self.status, (self.text or "").encode(), api_headers=False)
        else:
            response = self._error(self.error, context, requested_wait(retry)).response()
        response.headers |= self.headers
        response.headers |= retry
        return response

    def error_body(self, response: Response) -> Any:
        """Return the value that a stub's `body` is merged into."""
        if self.error is None or not isinstance(response.body, bytes):
            return {}
        return json_codec.loads(response.body)

    def _error(self, error: str, context: Context, wait: float | None) -> ApiError:
        """Return the error; `wait`, in seconds, replaces the wait that its message states."""
        values: dict[str, Any] = self.values(context)
        texts: Any = {name: as_text(value) for name, value in values.items()}
        if "model" in texts:
            texts["model"] = texts["model"] or NO_MODEL
        if "wait" in texts and wait is not None:
            texts["wait"] = durations.as_go(wait)
        return ApiError(error, **texts)
