"""The life of a request, from the open journal entry to the closed one.

`Pipeline.deciding` and `Pipeline.finishing` are the whole of it, in order. Nothing here knows how
bytes reach a socket.
"""

import traceback
from collections.abc import Callable

from mockserver import real_time
from mockserver.api.shared.errors import ApiError
from mockserver.api.shared.known_models import Models
from mockserver.api.shared.layout import PLAIN
from mockserver.api.shared.routing import Route
from mockserver.expressions.templates import TemplateError
from mockserver.http import credentials
from mockserver.http.request import Request
from mockserver.http.response import Response
from mockserver.messages import Tell
from mockserver.pipeline import checks, finish
from mockserver.pipeline.cors import Cors
from mockserver.pipeline.exchange import BUG, Decision, Exchange, RequestHashes
from mockserver.pipeline.handle import Handle
from mockserver.pipeline.overrides import Overrides
from mockserver.pipeline.sunset import Sunset
from mockserver.settings import Settings
from mockserver.state.namespaces import Namespaces
from mockserver.stubs.registry import StubRegistry

NOT_PATCHED = "matched, but the request was refused: it changes the default response alone"

DecidingStep = Callable[[Exchange], Response | None]
FinishingStep = Callable[[Exchange], None]


class Pipeline:
    """Answers requests, one step after the other.

    Of the deciding steps, the first that returns a response, or raises an `ApiError`, decides. The
    finishing steps then all apply. `log` is the last of them: the access log. `tell` gets the
    traceback of a bug.
    """

    def __init__(
        self,
        settings: Settings,
        namespaces: Namespaces,
        registry: StubRegistry,
        models: Models,
        tell: Tell,
        log: FinishingStep | None = None,
    ) -> None:
        overrides = Overrides(registry, models, tell)
        self._tell = tell
        self._namespaces = namespaces
        self.deciding: tuple[DecidingStep, ...] = (
            *([_begin] if settings.log == "json" else []),  # which tells how long it took
            self._open_namespace,
            overrides.fault_from_header,
            *([Sunset(settings.sunset)] if settings.sunset else []),
            overrides.match_unserved,
            checks.require_operation,
            checks.authenticate,
            checks.require_beta_header,
            checks.parse_body,
            overrides.fault_from_model,
            overrides.match_stub,
            Handle(models),
        )
        self.finishing: tuple[FinishingStep, ...] = (
            finish.inject_faults,
            finish.set_api_headers,
            finish.set_stub_headers,
            finish.note_attempt,
            *([Cors(settings.cors).set_headers] if settings.cors else []),
            finish.write_journal_entry,
            *([log] if log is not None else []),
        )

    def answer(self, request: Request, route: Route) -> Response:
        """Answer one request. Whatever happens, there is a response."""
        hashes = RequestHashes(request, route.signature)
        exchange = Exchange(request, route, self._namespaces.keyless, hashes, Decision())
        try:
            exchange.response = self._decide(exchange)
        except Exception:  # noqa: BLE001  a bug of ours: the client gets the API's own words
            exchange.response = self._failure(exchange)
        for step in self.finishing:
            try:
                step(exchange)
            except TemplateError as error:
                headers = exchange.response.headers
                exchange.response = _as_api_error(error, exchange).response()
                exchange.response.headers = headers | exchange.response.headers
            except Exception:  # noqa: BLE001  the same; the steps behind it still apply
                headers = exchange.response.headers
                exchange.response = self._failure(exchange)
                exchange.response.headers = headers | exchange.response.headers
        return exchange.response

    def _decide(self, exchange: Exchange) -> Response:
        try:
            for step in self.deciding:
                response = step(exchange)
                if response is not None:
                    return response
        except (ApiError, TemplateError) as error:
            refusal = _as_api_error(error, exchange)
            exchange.decision.hint = refusal.entry.hint
            _withdraw_patches(exchange)
            operation = exchange.route.operation
            return refusal.response(PLAIN if operation is None else operation.layout)
        raise AssertionError("the last deciding step always answers")

    def _open_namespace(self, exchange: Exchange) -> None:
        """Find the request's key, and the namespace that is the key's own."""
        service = exchange.route.mount.service
        key = credentials.find(exchange.request.headers, azure=service.takes_api_key_header)
        exchange.key = key
        if key is not None and credentials.is_well_formed(key):
            exchange.namespace = self._namespaces.get(key)

    def _failure(self, exchange: Exchange) -> Response:
        """Return OpenAI's own 500 for a bug of ours, and tell its traceback."""
        self._tell("error", traceback.format_exc())
        exchange.decision.by = BUG
        if not exchange.entropy:
            exchange.entropy = exchange.namespace.next_entropy(exchange.hashes.best())
        request_id = exchange.route.mount.service.request_id(exchange.entropy)
        headers = {"x-request-id": request_id}
        return ApiError("server_error", request_id=request_id, headers=headers).response()


def _begin(exchange: Exchange) -> None:
    """Note when the request had been read."""
    exchange.began = real_time.monotonic()


def _as_api_error(error: ApiError | TemplateError, exchange: Exchange) -> ApiError:
    """Return an error as the client gets it; a stub whose template is at fault is named."""
    if isinstance(error, ApiError):
        return error
    return ApiError("unusable_template", stub=exchange.decision.by, problem=str(error))


def _withdraw_patches(exchange: Exchange) -> None:
    """Drop the patches of a request that was refused: they are for the default response alone."""
    decision = exchange.decision
    decision.withdraw()
    patches = [applied for applied in decision.applied if applied.action.changes_value]
    decision.applied = tuple(one for one in decision.applied if one not in patches)
    for applied in patches:
        decision.skipped += ((applied.source, NOT_PATCHED),)
        if decision.by == applied.source:
            decision.by = "error"
