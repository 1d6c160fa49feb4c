"""What may come between a request and its default answer: faults that it asks for, and stubs."""

import sys
from functools import partial
from typing import Any

from mockserver.api.shared.errors import ApiError
from mockserver.api.shared.known_models import Models
from mockserver.expressions.conditions import Asked, show
from mockserver.expressions.templates import Context
from mockserver.faults.catalogue import NO_MODEL
from mockserver.http import credentials
from mockserver.loading.fault_rules import compile_action
from mockserver.pipeline.exchange import Answer, Exchange
from mockserver.problems import FixtureError
from mockserver.state import ids
from mockserver.stubs import perform
from mockserver.stubs.rate_limiter import Quota
from mockserver.stubs.registry import Rules
from mockserver.stubs.stub import Action
from mockserver.verification.journal import UNEXPECTED

FAULT_HEADER = "X-Mock-Fault"

FAULT_MODEL = "fault:"
"""What a model's name begins with that is no model, but asks for a fault."""

LONGEST_RULE = 2000
"""The longest fault that a request may ask for, in characters."""

STAND_IN_MODEL = "gpt-4o"
"""The model of a request whose model asked for a fault that lets the handler do its work."""


class Interference:
    """The steps of the pipeline that shape an answer, or replace it."""

    def __init__(self, rules: Rules, models: Models) -> None:
        self._rules = rules
        self._models = models

    def ask_header(self, exchange: Exchange) -> Answer | None:
        """Let the request's own header fail it."""
        text = exchange.headers.get(FAULT_HEADER)
        if text is None:
            return None
        action = self._action(text, FAULT_HEADER)
        exchange.read_document()  # templates may ask for what it says
        exchange.decided_by = FAULT_HEADER
        return self._perform(exchange, action, exchange.asked())

    def ask_model(self, exchange: Exchange) -> Answer | None:
        """Let a model's name fail a request, where code cannot set a header."""
        document = exchange.document
        model = document.get("model") if type(document) is dict else None
        if type(model) is not str or not model.startswith(FAULT_MODEL):
            return None
        action = self._action(model.removeprefix(FAULT_MODEL), "model")
        exchange.decided_by = model
        asked = exchange.asked()
        exchange.document = {**document, "model": STAND_IN_MODEL}
        return self._perform(exchange, action, asked)

    def ask_stubs(self, exchange: Exchange) -> Answer | None:
        """Let the first stub that matches decide."""
        namespace = exchange.namespace
        is_strict = namespace.strictness.unmatched_requests != "ignore"
        if not is_strict and not self._rules.any_for(namespace):
            return None
        asked = exchange.asked()
        outcome = self._rules.decide(namespace, asked, exchange.meaning)
        exchange.passed_over = tuple(
            (f"{over.stub.name} ({over.stub.source})", over.why) for over in outcome.passed_over
        )
        if outcome.quota is not None:
            exchange.quota_headers = outcome.quota.headers
        decision = outcome.decision
        if decision is None:
            self._be_strict(exchange, asked)
            return None
        exchange.matched = True
        if exchange.strike is None:
            exchange.decided_by = f"{decision.stub.name} ({decision.stub.source})"
        if decision.action.kind == "rate_limit" and outcome.quota is not None:
            exchange.fault = exchange.fault or "rate_limit"
            raise _over(outcome.quota, asked)
        return self._perform(exchange, decision.action, asked, outcome.chance)

    def _action(self, text: str, source: str) -> Action:
        if len(text) > LONGEST_RULE:
            problems = f"{source}: {len(text)} characters are no fault: write NAME; option=value; …"
            raise ApiError("unknown_fault", param=source, problems=problems)
        try:
            return compile_action(text, source, self._models)
        except FixtureError as error:
            problems = "; ".join(map(str, error.problems))
            raise ApiError("unknown_fault", param=source, problems=problems) from None

    def _perform(
        self, exchange: Exchange, action: Action, asked: Asked, chance: bytes = b""
    ) -> Answer | None:
        """Do what an action says, or note what of it is to be done later."""
        if action.kind == "fault" and exchange.strike is not None:
            return None  # what the request asked for itself comes first
        namespace = exchange.namespace
        # What is meant counts: by its bytes, one request written in two ways would be two.
        exchange.chance = exchange.chance or namespace.draw(exchange.meaning())
        chance = chance or exchange.chance
        context = Context(asked, namespace.clock.now(), int(namespace.seed), chance)
        context.request_id = ids.request_id(exchange.chance)
        context.key = credentials.mask(exchange.key or "")
        if action.delay is not None:
            exchange.delay += action.delay.draw(int.from_bytes(chance[7:14]) / 2**56)
        if action.kind == "default":
            return None
        if action.kind == "patch":
            exchange.status = action.status
            exchange.patch = partial(perform.patched, action=action, context=context)
            exchange.dresses = perform.dresses(action, context)
            return None
        if action.kind != "fault":
            return perform.whole_answer(action, context)
        exchange.fault = action.fault
        strike = partial(perform.struck, action=action, context=context)
        if action.strikes_after:
            exchange.strike = strike
            return None
        return strike(None)

    def _be_strict(self, exchange: Exchange, asked: Asked) -> None:
        """Tell of a request that no stub expects, or refuse it."""
        level = exchange.namespace.strictness.unmatched_requests
        if level == "ignore":
            return
        nearest = self._nearest(exchange, asked)
        if level == "error":
            exchange.decided_by = UNEXPECTED
            raise ApiError("unexpected_request", nearest=nearest)
        print(
            f"mockserver: no stub expects {exchange.method} {exchange.path}: {nearest}",
            file=sys.stderr,
        )

    def _nearest(self, exchange: Exchange, asked: Asked) -> str:
        """Tell of the stubs that came nearest, condition by condition."""
        lines = [f"{stub}: {why}" for stub, why in exchange.passed_over]
        for miss in self._rules.near_misses(exchange.namespace, asked):
            failed = [
                f"{condition} (it was {show(value)})"
                for condition, held, value in miss.conditions
                if not held
            ]
            lines.append(f"{miss.stub.name} ({miss.stub.source}): {'; '.join(failed)}")
        return " | ".join(lines) or "there is no stub for this operation"


def _over(quota: Quota, asked: Asked) -> ApiError:
    """Make the refusal of a request over its rate limit, with the true numbers."""
    body: Any = asked.body
    model = body.get("model") if isinstance(body, dict) else None
    return ApiError(
        "rate_limit_exceeded",
        model=model if isinstance(model, str) and model else NO_MODEL,
        unit=quota.unit,
        limit=quota.limit.requests,
        used=quota.used,
        wait=quota.wait,
    )
