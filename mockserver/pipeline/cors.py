"""Lets pages in a browser call the API, from the origins that were named; never the control API."""

import re
from collections.abc import Callable

from mockserver.pipeline.exchange import Answer, Exchange

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
        origin = exchange.headers.get("Origin")
        everyone = ANY in self._origins
        is_allowed = origin is not None and (everyone or origin in self._origins)
        answer = _preflight(exchange) if is_allowed else None
        if answer is None:
            answer = self._api(exchange)
            if is_allowed:
                _set(answer, "Access-Control-Expose-Headers", ANY)
        if everyone:
            _set(answer, "Access-Control-Allow-Origin", ANY)
        else:  # caches have to know, also of answers to others
            _set(answer, "Vary", "Origin")
            if is_allowed:
                _set(answer, "Access-Control-Allow-Origin", str(origin))
        return answer


def _set(answer: Answer, name: str, value: str) -> None:
    """Set a header in the place of one that a stub has set, however that is written."""
    for other in [other for other in answer.headers if other.lower() == name.lower()]:
        del answer.headers[other]
    answer.headers[name] = value


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
