"""What may override the default response: faults that a request asks for, and stubs."""

from functools import partial

from multidict import istr

from mockserver.api.shared.errors import ApiError
from mockserver.api.shared.known_models import Models
from mockserver.expressions.request_view import RequestView
from mockserver.expressions.templates import Context
from mockserver.faults.catalogue import stream_faults
from mockserver.http import credentials
from mockserver.http.masking import mask_path
from mockserver.http.response import Response
from mockserver.loading.fault_rules import compile_action
from mockserver.messages import Tell
from mockserver.pipeline.exchange import Applied, Exchange
from mockserver.problems import FixtureError
from mockserver.stubs.actions.action import Action
from mockserver.stubs.actions.fault import FaultAction
from mockserver.stubs.actions.run import RunScript
from mockserver.stubs.registry import StubRegistry
from mockserver.verification.journal import UNEXPECTED

FAULT_HEADER = istr("X-Mock-Fault")
"""The header that asks for a fault; an `istr` is found faster in headers than a `str`."""

FAULT_MODEL_PREFIX = "fault:"
"""What a model's name begins with that is no model, but asks for a fault."""

MAX_FAULT_LENGTH = 2000
"""The longest fault that a request may ask for, in characters."""

STAND_IN_MODEL = "gpt-4o"
"""The model of a request whose model asked for a fault that lets the handler do its work."""


class Overrides:
    """The steps of the pipeline that change a response, or replace it."""

    def __init__(self, registry: StubRegistry, models: Models, tell: Tell) -> None:
        self._registry = registry
        self._models = models
        self._tell = tell

    def fault_from_header(self, exchange: Exchange) -> Response | None:
        """Inject the fault that the request's own header asks for."""
        text = exchange.request.headers.get(FAULT_HEADER)
        if text is None:
            return None
        action = self._compile(text, FAULT_HEADER)
        exchange.read_body_early()  # the fault's words may need the model
        exchange.decision.by = FAULT_HEADER
        return self._apply(exchange, FAULT_HEADER, action, exchange.view())

    def fault_from_model(self, exchange: Exchange) -> Response | None:
        """Inject the fault that the model's name asks for, where code cannot set a header."""
        body = exchange.body
        model = body.get("model") if type(body) is dict else None
        if type(model) is not str or not model.startswith(FAULT_MODEL_PREFIX):
            return None
        action = self._compile(model.removeprefix(FAULT_MODEL_PREFIX), "model")
        exchange.decision.by = model
        view = exchange.view()
        exchange.body = {**body, "model": STAND_IN_MODEL}
        return self._apply(exchange, model, action, view)

    def match_unserved(self, exchange: Exchange) -> Response | None:
        """Let stubs answer where nothing is served, for a request with a key."""
        if exchange.route.operation is not None or exchange.key is None:
            return None
        exchange.read_body_early()
        return self.match_stub(exchange)

    def match_stub(self, exchange: Exchange) -> Response | None:
        """Let the first stub that matches decide."""
        namespace, decision = exchange.namespace, exchange.decision
        is_strict = namespace.strictness.unmatched_requests != "ignore"
        operation = exchange.route.operation
        operation_id = operation.operation_id if operation else None
        if not is_strict and not self._registry.has_any(namespace, operation_id):
            return None
        view = exchange.view()
        found = self._registry.look_up(
            namespace, view, lambda: exchange.hashes.parsed(exchange.body)
        )
        decision.skipped, decision.limit_state = found.skipped, found.limit_state
        if found.match is None:
            for part in self._registry.subjects(namespace, view.operation):
                view.about.value(part)  # as it is now, for the near misses of the journal
            self._refuse_unexpected(exchange, view)
            return None
        stub, action, entropy = found.match
        decision.matched = True
        if decision.fault is None:
            decision.by = str(stub)
        elif isinstance(action, FaultAction):
            return None  # the fault that the request asked for itself comes first
        if isinstance(action, RunScript) or action.fault_name in stream_faults():
            # A run that is not made, or not streamed, takes no turn of its stub.
            decision.take_back = partial(self._registry.take_back, namespace, stub)
        return self._apply(exchange, str(stub), action, view, entropy)

    def _compile(self, text: str, source: str) -> Action:
        if len(text) > MAX_FAULT_LENGTH:
            problems = f"{source}: {len(text)} characters are no fault: write NAME; option=value; …"
            raise ApiError("unknown_fault", param=source, problems=problems)
        try:
            return compile_action(text, source, self._models)
        except FixtureError as error:
            problems = "; ".join(map(str, error.problems))
            raise ApiError("unknown_fault", param=source, problems=problems) from None

    def _apply(
        self,
        exchange: Exchange,
        source: str,
        action: Action,
        view: RequestView,
        entropy: bytes = b"",
    ) -> Response | None:
        """Have an action apply to an exchange; return its response where it has one at once."""
        namespace, decision = exchange.namespace, exchange.decision
        # By its value: by its bytes, one request that is written in two ways would be two.
        exchange.entropy = exchange.entropy or namespace.next_entropy(
            exchange.hashes.parsed(exchange.body)
        )
        entropy = entropy or exchange.entropy
        context = Context(
            view,
            namespace.clock.now(),
            int(namespace.seed),
            entropy,
            request_id=exchange.route.mount.service.request_id(exchange.entropy),
            key=credentials.mask(exchange.key or ""),
        )
        if action.delay is not None:
            decision.delay += action.delay.sample(int.from_bytes(entropy[7:14]) / 2**56)
        decision.fault = decision.fault or action.fault_name
        decision.applied += (Applied(source, action, context),)
        return action.respond(context)

    def _refuse_unexpected(self, exchange: Exchange, view: RequestView) -> None:
        """Refuse a request that no stub expects, or warn of it, as strictness says."""
        level = exchange.namespace.strictness.unmatched_requests
        if level == "ignore":
            return
        nearest = self._nearest(exchange, view)
        if level == "error":
            exchange.decision.by = UNEXPECTED
            raise ApiError("unexpected_request", nearest=nearest)
        request = exchange.request
        self._tell(
            "warning",
            f"mockserver: no stub expects {request.method} {mask_path(request.path)}: {nearest}",
        )

    def _nearest(self, exchange: Exchange, view: RequestView) -> str:
        """Return the stubs that came nearest as text, condition by condition."""
        lines = [f"{stub}: {why}" for stub, why in exchange.decision.skipped]
        for miss in self._registry.near_misses(exchange.namespace, view):
            failed = [
                f"{condition} (it was {condition.show(value)})"
                for condition, matched, value in miss.conditions
                if not matched
            ]
            lines.append(f"{miss.stub}: {'; '.join(failed)}")
        return " | ".join(lines) or "there is no stub for this operation"
