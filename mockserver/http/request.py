"""A request as it came over the wire."""

import asyncio
import weakref
from typing import NamedTuple
from urllib.parse import parse_qsl

from multidict import MultiMapping

from mockserver.http.form import Form

Line = weakref.ref[asyncio.Transport]
"""A client's connection. One connection has one reference, so `is` compares connections."""


class Request(NamedTuple):
    """One HTTP request. It never changes: what is found out about it is kept elsewhere.

    `path` and `query` are raw, as on the request line. Where the body could not be read,
    `body` is empty and `body_error` names the entry of `fixtures/errors.yaml` that says why.
    `line` is the connection that it came on; None where the client has gone. Of a form, `form` has
    the fields and files, and `body` their description as JSON.
    """

    method: str
    path: str
    query: str
    headers: MultiMapping[str]
    body: bytes = b""
    body_error: str | None = None
    line: Line | None = None
    form: Form | None = None


def query_values(query: str) -> dict[str, str | list[str]]:
    """Return the parameters of a query string, each a text, or a list if its name is repeated."""
    found: dict[str, list[str]] = {}
    for name, value in parse_qsl(query, keep_blank_values=True) if query else ():
        found.setdefault(name, []).append(value)
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}


def query_parameters(query: str) -> dict[str, str]:
    """Return the parameters of a query string; of a repeated name the last one counts."""
    return dict(parse_qsl(query, keep_blank_values=True)) if query else {}
