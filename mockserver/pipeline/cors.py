"""Lets pages in a browser call the API, from the origins that were named; never the control API.

What is written here is what the Fetch standard asks for.
"""

import re
from collections.abc import Sequence

from mockserver.http.request import Request
from mockserver.http.response import Response
from mockserver.pipeline.exchange import Exchange

ANY_ORIGIN = "*"

PREFLIGHT_MAX_AGE_SECONDS = 600
"""How long a browser may remember what it was allowed."""

_NAMES = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~, -]+")


class Cors:
    """The origins whose pages may call the API.

    Errors and faults get the headers as well: a page that may not read them sees nothing but a
    failed fetch.
    """

    def __init__(self, origins: Sequence[str]) -> None:
        """`origins` are as browsers send them, `http://localhost:3000`, or `*` for all."""
        self._origins = origins
        self._any = ANY_ORIGIN in origins

    def answer_preflight(self, request: Request) -> Response | None:
        """Return what a request may do that a browser asks about; None where it asks nothing.

        The question is the browser's and no request of the API: it meets no stub and no journal.
        """
        if request.method != "OPTIONS" or not self._allows(request.headers.get("Origin")):
            return None
        method = request.headers.get("Access-Control-Request-Method", "")
        if not _NAMES.fullmatch(method):
            return None
        headers = {
            "Access-Control-Allow-Methods": method,
            "Access-Control-Max-Age": str(PREFLIGHT_MAX_AGE_SECONDS),
        }
        names = request.headers.get("Access-Control-Request-Headers", "")
        if _NAMES.fullmatch(names):
            headers["Access-Control-Allow-Headers"] = names
        response = Response(204, b"", headers)
        self._allow_origin(request, response)
        return response

    def set_headers(self, exchange: Exchange) -> None:
        """Set the headers that let a page read the response, over those that a stub has set."""
        if self._allows(exchange.request.headers.get("Origin")):
            exchange.response.set_headers({"Access-Control-Expose-Headers": "*"})
        self._allow_origin(exchange.request, exchange.response)

    def _allows(self, origin: str | None) -> bool:
        return origin is not None and (self._any or origin in self._origins)

    def _allow_origin(self, request: Request, response: Response) -> None:
        if self._any:
            response.set_headers({"Access-Control-Allow-Origin": ANY_ORIGIN})
            return
        response.set_headers({"Vary": "Origin"})  # caches have to know, also where it is refused
        origin = request.headers.get("Origin")
        if self._allows(origin):
            response.set_headers({"Access-Control-Allow-Origin": origin})
