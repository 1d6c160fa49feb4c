"""The steps that finish a response, whatever decided it."""

import contextlib
from functools import partial

from mockserver.api import API_VERSION
from mockserver.http import sse
from mockserver.http.response import Response
from mockserver.http.sse import Stream
from mockserver.pipeline.exchange import Exchange
from mockserver.state import ids
from mockserver.verification import journal
from mockserver.verification.journal import JournalEntry, JournalHeaders
from mockserver.verification.retry_log import Attempt, requested_wait


def inject_faults(exchange: Exchange) -> None:
    """Inject the faults that wait for the handler: into its response."""
    for _, action, context in exchange.decision.applied:
        exchange.response = action.change_response(exchange.response, context)


def set_api_headers(exchange: Exchange) -> None:
    """Set the headers of the real service that carry meaning [recorded]."""
    response, decision = exchange.response, exchange.decision
    if not exchange.entropy:
        exchange.entropy = exchange.namespace.next_entropy(exchange.hashes.best())
    headers = response.headers
    if response.openai_headers:
        headers["openai-organization"] = "mockserver"
        headers["openai-processing-ms"] = str(ids.processing_ms(exchange.entropy))
        headers["openai-version"] = API_VERSION
    headers["x-request-id"] = ids.request_id(exchange.entropy)
    if decision.limit_state is not None:
        headers.update(decision.limit_state.headers)


def set_stub_headers(exchange: Exchange) -> None:
    """Set the headers that stubs ask for, over those of the same names; apply their delay."""
    response, decision = exchange.response, exchange.decision
    response.delay = decision.delay
    for _, action, context in decision.applied:
        if action.headers is not None:
            response.set_headers(action.rendered_headers(context))


def note_attempt(exchange: Exchange) -> None:
    """Add an injected fault, or what came after one, to the retry log."""
    namespace, response, fault = exchange.namespace, exchange.response, exchange.decision.fault
    if fault is None and not namespace.retry_log.awaiting:
        return
    operation, request_hash = exchange.route.operation, exchange.hashes.raw()
    now = namespace.clock.elapsed()
    attempt = Attempt(
        at=now,
        answered=None if response.takes_time else now,
        fault=fault,
        status=response.seen_status,
        retry_after=requested_wait(response.headers) if fault else None,
        created=exchange.created_id,
    )
    operation_id = operation.operation_id if operation else None
    namespace.retry_log.add(request_hash, operation_id, exchange.key, attempt)
    if response.takes_time and response.reaches_client:
        response.on_start = lambda: setattr(attempt, "answered", namespace.clock.elapsed())
    if response.only_delays:
        note = partial(namespace.retry_log.note_delivered, request_hash, attempt)
        response.on_complete += (lambda completed: note() if completed else None,)


def write_journal_entry(exchange: Exchange) -> None:
    """Write the exchange into the journal; the entry of what takes time is closed when it ends."""
    namespace, response = exchange.namespace, exchange.response
    operation, decision, request = exchange.route.operation, exchange.decision, exchange.request
    namespace.journal.count(operation.operation_id if operation else journal.UNKNOWN)
    is_unexpected = decision.by == journal.UNEXPECTED
    if not namespace.journal.keeps_entries and not is_unexpected:
        return
    number, body = next(journal.numbers), request.body
    completed = None if response.takes_time else True
    sent = response.body if isinstance(response.body, bytes) else b""
    entry = JournalEntry(
        number,
        namespace.clock.now(),
        request.method,
        request.path,
        request.query,
        operation.operation_id if operation else None,
        exchange.key,
        body if len(body) <= journal.MAX_BODY_BYTES else body[: journal.MAX_BODY_BYTES],
        response.seen_status,
        sent if len(sent) <= journal.MAX_BODY_BYTES else sent[: journal.MAX_BODY_BYTES],
        decision.by,
        decision.matched,
        decision.skipped,
        decision.fault,
        completed,
    )
    namespace.journal.add(entry, JournalHeaders(number, request.headers, response.shown_headers))
    if is_unexpected:
        namespace.keep_unexpected(entry)
    if completed is None:
        _close_when_over(response, number, namespace.journal)


def _close_when_over(response: Response, number: int, entries: journal.Journal) -> None:
    if isinstance(response.body, bytes):
        response.on_complete += (lambda completed: entries.close(number, completed=completed),)
        return
    sent = bytearray()
    response.body = _recorded(response.body, sent)
    response.on_complete += (
        lambda completed: entries.close(number, completed=completed, response=bytes(sent)),
    )


def _recorded(stream: Stream, sent: bytearray) -> Stream:
    """Yield the events of a stream, and keep the beginning of what goes out."""
    with contextlib.closing(stream):
        for event in stream:
            if len(sent) < journal.MAX_BODY_BYTES:
                sent += sse.encode(event)[: journal.MAX_BODY_BYTES - len(sent)]
            yield event
