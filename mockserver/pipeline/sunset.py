"""The step that answers as the real service has since it shut the Assistants API down."""

from datetime import date

from mockserver import moments
from mockserver.http.response import Response
from mockserver.pipeline.exchange import Exchange


class Sunset:
    """Answers the paths that were shut down, always or from a moment on.

    `since` is True for always, or the moment in one of the forms of `moments.seconds`. It comes for
    each namespace by the namespace's own clock, and goes again where the clock is moved back.
    """

    def __init__(self, since: bool | str | date) -> None:
        self._since = float("-inf") if since is True else moments.seconds(since)

    def __call__(self, exchange: Exchange) -> Response | None:
        """Answer as the real service has since 2026-08-26: a bare 404 [reported]."""
        if not exchange.route.is_assistants_api or exchange.namespace.clock.now() < self._since:
            return None
        exchange.decision.by = "sunset"
        return Response(404, b"", api_headers=False)
