"""Lets pages in a browser call the API, from the origins that were named; never the control API."""

import re
from collections.abc import Callable

from mockserver.exchange import Answer, Exchange

ANY = "*"

MAX_AGE = 600
"""How long a browser may remember what it was allowed, in seconds."""

_NAMES = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~, -]+")


class Cors:
    """Puts around an API what a browser asks before it shows a page an answer.

    Errors and faults are marked as well: a page that may not read them sees nothing but a
    failed fetch. What is written here is what the Fetch standard asks for.
    """

    def __init__(self, origins: tuple[str, ...], api: Callable[[Exchange], Answer]) -> None:
        """`origins` are as browsers send them, `http://localhost:3000`, or `*` for all."""
        self._origins = origins
        self._api = api

    def __call__(self, exchange: Exchange) -> Answer:
        """Answer a request, or the question whether it may be sent, which never reaches the API."""
        origin = self._allowed(exchange.headers.get("Origin"))
        if origin is None:
            return self._api(exchange)
        answer = _preflight(exchange)
        if answer is None:
            answer = self._api(exchange)
            answer.headers["Access-Control-Expose-Headers"] = ANY
        answer.headers["Access-Control-Allow-Origin"] = origin
        if origin != ANY:
            answer.headers["Vary"] = "Origin"
        return answer

    def _allowed(self, origin: str | None) -> str | None:
        if origin is not None and ANY in self._origins:
            return ANY
        return origin if origin in self._origins else None


def _preflight(exchange: Exchange) -> Answer | None:
    """Allow what is asked for; None where nothing is asked."""
    method = exchange.headers.get("Access-Control-Request-Method", "")
    if exchange.method != "OPTIONS" or not _NAMES.fullmatch(method):
        return None
    headers = {"Access-Control-Allow-Methods": method, "Access-Control-Max-Age": str(MAX_AGE)}
    names = exchange.headers.get("Access-Control-Request-Headers", "")
    if _NAMES.fullmatch(names):
        headers["Access-Control-Allow-Headers"] = names
    return Answer(204, b"", headers)
