"""The life of a request, from its bytes to the bytes of its answer.

`Pipeline.steps` is the whole of it, in order. Nothing here knows how bytes
reach a socket.
"""

import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from multidict import MultiMapping

from mockserver import credentials, ids, wire
from mockserver.api import OPERATIONS, catalogue
from mockserver.api.operation import Call, Operation
from mockserver.api.validation import check_id, validate
from mockserver.errors import ApiError, quoted_list
from mockserver.namespace import Namespace, Namespaces
from mockserver.routing import Route, Router
from mockserver.settings import Settings

BODY_LIMIT = 26_214_400
"""The largest body, in bytes (25 MiB)."""


@dataclass(slots=True)
class Answer:
    """What goes back: a status, a body, and headers beyond those of every answer.

    `anonymous` leaves out the headers by which the API's inner side shows itself.
    """

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    anonymous: bool = False


@dataclass(slots=True)
class Exchange:
    """One request on its way through the pipeline, and what is known of it so far.

    `path` is raw, as on the request line; `body_error` names the error that a body
    has earned which could not be read. `decided_by` names what made the answer, for
    people.
    """

    method: str
    path: str
    query: str
    headers: MultiMapping[str]
    body: bytes
    body_error: str | None = None
    route: Route = field(init=False)
    key: str | None = None
    namespace: Namespace = field(init=False)
    document: Any = None
    identity: bytes | None = None
    decided_by: str = "error"

    @property
    def operation(self) -> Operation:
        """The operation asked for; steps that use it come after the one that finds it."""
        assert self.route.operation is not None  # noqa: S101
        return self.route.operation

    def fingerprint(self) -> bytes:
        """Hash what makes this very request, but not its key or the API's mount.

        A valid body counts by what it means, so that two clients that write it
        differently ask the same; any other counts by its bytes.
        """
        if self.identity is not None:
            return self.identity
        query = self.query.encode("utf-8", "surrogateescape")
        return ids.digest(self.route.signature, query, self.body, size=16)


Step = Callable[[Exchange], Answer | None]


class Pipeline:
    """Answers requests, one step after the other; the first answer is the answer."""

    def __init__(self, settings: Settings, namespaces: Namespaces) -> None:
        self._settings = settings
        self._namespaces = namespaces
        self._router = Router(OPERATIONS)
        self._models = catalogue.any_model() if settings.any_model else catalogue.shipped()
        self._deployments = catalogue.deployments()
        self.steps: tuple[Step, ...] = (
            self._look_up,
            self._open_namespace,
            *([self._sunset] if settings.sunset else []),
            self._require_operation,
            self._authenticate,
            self._require_beta_header,
            self._parse_body,
            self._handle,
        )

    def answer(self, exchange: Exchange) -> Answer:
        """Answer one request. Whatever happens, there is an answer."""
        try:
            for step in self.steps:
                answer = step(exchange)
                if answer is not None:
                    break
            else:
                raise AssertionError("the last step always answers")
        except ApiError as error:
            answer = _refusal(error)
        except Exception:  # noqa: BLE001  a bug of ours: told on stderr, and in the API's own words
            traceback.print_exc(file=sys.stderr)
            exchange.decided_by = "bug"
            request_id = ids.request_id(exchange.fingerprint())
            answer = _refusal(ApiError("server_error", request_id=request_id))
        self._sign(exchange, answer)
        return answer

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

    def _require_operation(self, exchange: Exchange) -> None:
        route = exchange.route
        if route.operation is not None:
            return
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
        if exchange.operation.body is None:
            return
        if not exchange.body:
            exchange.document = {}
            return
        try:
            exchange.document = wire.loads(exchange.body)
        except wire.TooDeepError:
            raise ApiError("json_too_deep", levels=wire.MAX_DEPTH) from None
        except wire.NotJSONError:
            raise ApiError("not_json") from None

    def _handle(self, exchange: Exchange) -> Answer:
        operation, namespace, route = exchange.operation, exchange.namespace, exchange.route
        for name, prefix in operation.prefixes.items():
            check_id(name, route.path_ids[name], prefix)
        body = query = None
        if operation.body:
            body = validate(operation.body, exchange.document)
            # What is meant counts: clients may write the same request differently.
            meaning = wire.canonical(body, default=vars)
            exchange.identity = ids.digest(route.signature, meaning, size=16)
        if operation.query:
            query = validate(operation.query, _parameters(exchange.query))
        call: Call[Any, Any] = Call(
            operation,
            namespace,
            self._deployments if route.mount.azure else self._models,
            route.path_ids,
            body,
            query,
            exchange.fingerprint(),
        )
        result = operation.handler(call)
        if isinstance(result, bytes):
            encoded = result
        else:
            encoded = wire.dumps(result)
            if operation.saves:
                kept = namespace.collection(operation.saves)
                kept.put(result["id"], result["created_at"], encoded)
                if operation.creates:
                    namespace.made(call.identity)
        exchange.decided_by = "default"
        return Answer(200, encoded, {"Content-Type": "application/json"})

    # ── What every answer carries ────────────────────────────────────────────────

    def _sign(self, exchange: Exchange, answer: Answer) -> None:
        """Put on the headers of the real service that carry meaning [recorded]."""
        chance = exchange.namespace.draw(exchange.fingerprint())
        headers = answer.headers
        if not answer.anonymous:
            headers["openai-organization"] = "mockserver"
            headers["openai-processing-ms"] = str(ids.processing_ms(chance))
            headers["openai-version"] = "2020-10-01"
        headers["x-request-id"] = ids.request_id(chance)


def _parameters(query: str) -> dict[str, str]:
    return dict(parse_qsl(query, keep_blank_values=True)) if query else {}


def _refusal(error: ApiError) -> Answer:
    front_door = error.entry.form == "front_door"
    if front_door:
        headers = {"Content-Type": "application/json; charset=utf-8", "Vary": "Origin"}
    else:
        headers = {"Content-Type": "application/json"}
    return Answer(error.status, error.body(), headers | error.headers, anonymous=front_door)


def _beta_version(headers: MultiMapping[str]) -> str | None:
    """Read the version of the Assistants API that a request asks for.

    v2 wins over v1 in one header; any other value counts as none [inferred].
    """
    lines = headers.getall("OpenAI-Beta", [])
    asked = {part.strip() for line in lines for part in line.split(",")}
    return next((v for v in ("v2", "v1") if f"assistants={v}" in asked), None)
