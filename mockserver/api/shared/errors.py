"""Errors in the form of the real service: the catalogue, and the exception that writes them.

The texts are data, in `fixtures/errors.yaml`. Code names an entry, and supplies the values of its
placeholders.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from mockserver import shipped_data
from mockserver.api.shared.layout import PLAIN, Layout
from mockserver.http import json_codec
from mockserver.http.response import JSON, Response

Source = Literal["recorded", "sister", "inferred"]
"""The origin of a text; see `SOURCES`."""

SOURCES = {
    "recorded": "the exact words, from recordings of the real service",
    "sister": "the exact words of another endpoint of the same API, adapted to this one",
    "inferred": "derived from the specification and from similar texts; not recorded",
}
"""The meaning of each value of `source`, for people."""


@dataclass(frozen=True, slots=True)
class ErrorEntry:
    """One error of the catalogue. The head of `fixtures/errors.yaml` explains the fields."""

    message: str
    code: str | None
    source: Source
    status: int = 400
    type: str = "invalid_request_error"
    param: str | None = None
    hint: str = ""
    form: Literal["api", "gateway", "azure"] = "api"


@cache
def error_catalogue() -> dict[str, ErrorEntry]:
    """Return every error that the server can send, by name."""
    return {name: ErrorEntry(**fields) for name, fields in shipped_data.load("errors.yaml").items()}


class ApiError(Exception):
    """An error response of the API.

    `name` is an entry of the catalogue. `param` is the invalid field, where the entry does not set
    one. `values` are the values of the entry's placeholders. `headers` are added to the response.
    """

    def __init__(
        self,
        name: str,
        /,
        *,
        param: str | None = None,
        headers: dict[str, str] | None = None,
        **values: object,
    ) -> None:
        self.entry = error_catalogue()[name]
        self.name = name
        self.headers = headers or {}
        self.param = param if param is not None else self.entry.param
        self.message = self.entry.message.format(param=self.param, **values)
        super().__init__(self.message)

    @property
    def status(self) -> int:
        """The HTTP status of the response."""
        return self.entry.status

    def body(self, layout: Layout = PLAIN) -> bytes:
        """Return the encoded envelope: four keys, always in this order [recorded].

        Azure's own gateway has two keys [recorded].
        """
        if self.entry.form == "azure":
            short = {"error": {"code": self.entry.code, "message": self.message}}
            return json.dumps(short, separators=(",", ":")).encode()
        envelope: dict[str, Any] = {
            "error": {
                "message": self.message,
                "type": self.entry.type,
                "param": self.param,
                "code": self.entry.code,
            }
        }
        if self.entry.form == "gateway":
            return json.dumps(envelope, indent=4, ensure_ascii=False).encode() + b"\n"
        if layout.has_detail:
            envelope["detail"] = {"message": self.message, "code": self.entry.code}
        return json_codec.dumps(envelope) + layout.ending

    def response(self, layout: Layout = PLAIN) -> Response:
        """Return the HTTP response for this error, in the layout of its operation."""
        if self.entry.form == "gateway":
            headers = _GATEWAY_HEADERS | self.headers
            return Response(self.status, self.body(), headers, api_headers=False)
        headers = {**_API_HEADERS, **layout.headers, **self.headers}
        return Response(self.status, self.body(layout), headers)


_API_HEADERS = {"Content-Type": JSON}
_GATEWAY_HEADERS = {"Content-Type": "application/json; charset=utf-8", "Vary": "Origin"}


def quoted_list(values: Sequence[str], last: str) -> str:
    """Return `'a'`, `'a' and 'b'` or `'a', 'b', and 'c'`; `last` is the word before the last."""
    quoted = [f"'{value}'" for value in values]
    if len(quoted) < 3:
        return f" {last} ".join(quoted)
    return ", ".join(quoted[:-1]) + f", {last} {quoted[-1]}"
