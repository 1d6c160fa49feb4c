"""The life of a request, from its bytes to the bytes of its answer.

`Pipeline.steps` is the whole of it, in order. Nothing here knows how bytes
reach a socket.
"""

import sys
import traceback
from collections.abc import Callable
from functools import partial
from typing import Any

from multidict import MultiMapping

from mockserver.api import API_VERSION, OPERATIONS
from mockserver.api.shared import known_models
from mockserver.api.shared.errors import ApiError, quoted_list
from mockserver.api.shared.known_models import Models
from mockserver.api.shared.operation import Call, Object
from mockserver.api.shared.routing import Router, parameters
from mockserver.api.shared.validation import check_id, validate
from mockserver.http import credentials, json_codec
from mockserver.pipeline.exchange import Answer, Exchange
from mockserver.pipeline.overrides import Interference
from mockserver.settings import Settings
from mockserver.state import ids
from mockserver.state.namespace import Namespace, Namespaces
from mockserver.stubs.registry import Rules
from mockserver.verification import journal
from mockserver.verification.retry_log import Try, asked_to_wait

BODY_LIMIT = 26_214_400
"""The largest body, in bytes (25 MiB)."""

NOT_PATCHED = "matched, but the request was refused: a patch is for the default answer alone"

Step = Callable[[Exchange], Answer | None]


class Pipeline:
    """Answers requests, one step after the other; the first answer is the answer."""

    def __init__(
        self, settings: Settings, namespaces: Namespaces, rules: Rules, models: Models
    ) -> None:
        self._settings = settings
        self._namespaces = namespaces
        self._router = Router(OPERATIONS)
        self._models = models
        self._deployments = known_models.deployments()
        self._interference = Interference(rules, self._models)
        self.steps: tuple[Step, ...] = (
            self._look_up,
            self._open_namespace,
            self._interference.ask_header,
            *([self._sunset] if settings.sunset else []),
            self._require_operation,
            self._authenticate,
            self._require_beta_header,
            self._parse_body,
            self._interference.ask_model,
            self._interference.ask_stubs,
            self._handle,
        )

    def answer(self, exchange: Exchange) -> Answer:
        """Answer one request. Whatever happens, there is an answer."""
        try:
            answer = self._decide(exchange)
            self._sign(exchange, answer)
            for dress in answer.dresses:
                dress(answer)
            if exchange.fault is not None or exchange.namespace.strikes.any_open:
                _note_strike(exchange, answer)
        except Exception:  # noqa: BLE001  a bug of ours: told on stderr, and in the API's own words
            traceback.print_exc(file=sys.stderr)
            exchange.decided_by = "bug"
            request_id = ids.request_id(exchange.fingerprint())
            answer = Answer.refusal(ApiError("server_error", request_id=request_id))
            self._sign(exchange, answer)
        self._journal(exchange, answer)
        return answer

    def _decide(self, exchange: Exchange) -> Answer:
        """Go through the steps; what a fault does to their answer comes last."""
        try:
            for step in self.steps:
                answer = step(exchange)
                if answer is not None:
                    break
            else:
                raise AssertionError("the last step always answers")
        except ApiError as error:
            answer = Answer.refusal(error)
            if exchange.patch is not None:  # it was for the answer that was asked for
                exchange.passed_over += ((exchange.decided_by, NOT_PATCHED),)
                exchange.decided_by = "error"
        return answer if exchange.strike is None else exchange.strike(answer)

    # ── The steps ────────────────────────────────────────────────────────────────

    def _look_up(self, exchange: Exchange) -> None:
        exchange.route = self._router.find(exchange.method, exchange.path)

    def _open_namespace(self, exchange: Exchange) -> None:
        key = exchange.key = credentials.find(exchange.headers, azure=exchange.route.mount.azure)
        if key is not None and credentials.is_well_formed(key):
            exchange.namespace = self._namespaces.get(key)
        else:
            exchange.namespace = self._namespaces.keyless

    def _sunset(self, exchange: Exchange) -> Answer | None:
        """Answer as the real service has since 2026-08-26: a bare 404 [reported]."""
        if not exchange.route.is_assistants_api:
            return None
        exchange.decided_by = "sunset"
        return Answer(404, b"", anonymous=True)

    def _require_operation(self, exchange: Exchange) -> Answer | None:
        """Refuse what no operation is for, unless a stub is."""
        route = exchange.route
        if route.operation is not None:
            return None
        if exchange.key is not None:
            exchange.read_document()
            answer = self._interference.ask_stubs(exchange)
            if answer is not None:
                return answer
        if route.allowed:
            raise ApiError(
                "method_not_supported",
                allowed=quoted_list(route.allowed, "and").replace("'", ""),
                headers={"Allow": ", ".join(route.allowed)},
            )
        if route.is_v1_only and _beta_version(exchange.headers) == "v1":
            raise ApiError("v1_endpoint")
        raise ApiError("invalid_url", method=exchange.method, path=exchange.path)

    def _authenticate(self, exchange: Exchange) -> None:
        if exchange.key is None:
            raise ApiError("no_api_key")
        if not credentials.is_well_formed(exchange.key):
            raise ApiError("invalid_api_key", key=credentials.mask(exchange.key))

    def _require_beta_header(self, exchange: Exchange) -> None:
        if not exchange.operation.beta or exchange.headers.get("OpenAI-Beta") == "assistants=v2":
            return
        version = _beta_version(exchange.headers)
        if version != "v2":
            raise ApiError("beta_header_v1" if version == "v1" else "beta_header_missing")

    def _parse_body(self, exchange: Exchange) -> None:
        if exchange.body_error is not None:
            raise ApiError(exchange.body_error, limit=BODY_LIMIT)
        if exchange.operation.body is None or exchange.document is not None:
            return
        if not exchange.body:
            exchange.document = {}
            return
        try:
            exchange.document = json_codec.loads(exchange.body)
        except json_codec.TooDeepError:
            raise ApiError("json_too_deep", levels=json_codec.MAX_DEPTH) from None
        except json_codec.NotJSONError:
            raise ApiError("not_json") from None

    def _handle(self, exchange: Exchange) -> Answer:
        operation, namespace, route = exchange.operation, exchange.namespace, exchange.route
        for name, prefix in operation.prefixes.items():
            check_id(name, route.path_ids[name], prefix)
        body = query = None
        if operation.body:
            body = validate(operation.body, exchange.document)
            # What is meant counts: clients may write the same request differently.
            meaning = json_codec.canonical(body, default=vars)
            exchange.identity = ids.digest(route.signature, meaning, size=16)
        if operation.query:
            query = validate(operation.query, parameters(exchange.query))
        call: Call[Any, Any] = Call(
            namespace,
            self._deployments if route.mount.azure else self._models,
            route.path_ids,
            body,
            query,
            exchange.fingerprint(),
        )
        made = result = operation.handler(call)
        if exchange.patch is not None:
            result = exchange.patch(json_codec.loads(made) if isinstance(made, bytes) else made)
        encoded = result if isinstance(result, bytes) else json_codec.dumps(result)
        if operation.saves and isinstance(made, dict) and isinstance(result, dict):
            encoded = _keep(namespace, operation.saves, made, result, encoded)
            if operation.creates:
                namespace.made(call.identity)
                exchange.made = str(result.get("id"))
        if not exchange.matched and exchange.fault is None:
            exchange.decided_by = "default"
        answer = Answer(exchange.status or 200, encoded, {"Content-Type": "application/json"})
        answer.dresses = exchange.dresses
        return answer

    # ── What every answer carries ────────────────────────────────────────────────

    def _sign(self, exchange: Exchange, answer: Answer) -> None:
        """Put on the headers of the real service that carry meaning [recorded]."""
        chance = exchange.chance or exchange.namespace.draw(exchange.fingerprint())
        headers = answer.headers
        answer.delay = exchange.delay
        if not answer.anonymous:
            headers["openai-organization"] = "mockserver"
            headers["openai-processing-ms"] = str(ids.processing_ms(chance))
            headers["openai-version"] = API_VERSION
        headers["x-request-id"] = ids.request_id(chance)
        if exchange.quota_headers is not None:
            headers.update(exchange.quota_headers)

    def _journal(self, exchange: Exchange, answer: Answer) -> None:
        namespace, operation = exchange.namespace, exchange.route.operation
        namespace.journal.count(operation.operation_id if operation else journal.UNKNOWN)
        is_unexpected = exchange.decided_by == journal.UNEXPECTED
        if not namespace.journal.keeps_entries and not is_unexpected:
            return
        number, body, answered = next(journal.numbers), exchange.body, answer.body
        entry = journal.Entry(
            number,
            namespace.clock.now(),
            exchange.method,
            exchange.path,
            exchange.query,
            operation.operation_id if operation else None,
            exchange.key,
            body if len(body) <= journal.BODY_KEPT else body[: journal.BODY_KEPT],
            answer.seen_status,
            answered if len(answered) <= journal.BODY_KEPT else answered[: journal.BODY_KEPT],
            exchange.decided_by,
            exchange.matched,
            exchange.passed_over,
            exchange.fault,
        )
        headers = journal.Headers(number, exchange.headers, answer.headers)
        namespace.journal.add(entry, headers)
        if is_unexpected:
            namespace.did_not_expect(entry)


def _note_strike(exchange: Exchange, answer: Answer) -> None:
    """Note what a fault did, or what came after one did."""
    operation = exchange.route.operation
    namespace, request = exchange.namespace, exchange.as_sent()
    now, is_late = namespace.clock.elapsed(), answer.delay > 0 or answer.delivery is not None
    one = Try(
        at=now,
        answered=None if is_late else now,
        fault=exchange.fault,
        status=answer.seen_status,
        retry_after=asked_to_wait(answer.headers) if exchange.fault else None,
        made=exchange.made,
    )
    strikes = namespace.strikes
    strikes.note(request, operation.operation_id if operation else None, exchange.key, one)
    if is_late and answer.arrives:
        answer.begun = lambda: setattr(one, "answered", namespace.clock.elapsed())
    if answer.harmless:
        answer.delivered = partial(strikes.delivered, request, one)


def _keep(namespace: Namespace, kind: str, made: Object, shown: Object, encoded: bytes) -> bytes:
    """Store an object as it goes out; a patch may have changed what it is kept under."""
    kept = namespace.collection(kind)
    object_id, created_at = shown.get("id"), shown.get("created_at")
    if type(object_id) is not str:
        object_id = made["id"]
    elif object_id != made["id"]:
        kept.delete(made["id"])
    if type(created_at) is not int:
        known = kept.created_at(object_id)
        created_at = namespace.clock.now() if known is None else known
    return kept.put(object_id, created_at, encoded)


def _beta_version(headers: MultiMapping[str]) -> str | None:
    """Read the version of the Assistants API that a request asks for.

    v2 wins over v1 in one header; any other value counts as none [inferred].
    """
    lines = headers.getall("OpenAI-Beta", [])
    asked = {part.strip() for line in lines for part in line.split(",")}
    return next((v for v in ("v2", "v1") if f"assistants={v}" in asked), None)
