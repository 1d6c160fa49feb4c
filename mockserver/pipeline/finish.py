"""The steps that finish a response, whatever decided it."""

import contextlib

from mockserver.faults.in_stream import with_faults
from mockserver.http import sse
from mockserver.http.response import Response
from mockserver.http.sse import Stream
from mockserver.pipeline.exchange import Exchange
from mockserver.verification import journal
from mockserver.verification.attempt import (
    Attempt,
    deserves_retry,
    requested_wait,
    retry_count,
)
from mockserver.verification.journal import JournalEntry
from mockserver.verification.retry_log import Sent

NO_STREAM = "matched, but the response is no stream, so there is nothing to strike"


def inject_faults(exchange: Exchange) -> None:
    """Inject the faults that wait for the handler: into its response."""
    response, decision = exchange.response, exchange.decision
    if not isinstance(response.body, bytes):
        response.body = with_faults(response.body)
    for source, action, context in decision.applied:
        if action.strikes(exchange.response):
            exchange.response = action.change_response(exchange.response, context)
            continue
        decision.fault = None
        decision.skipped += ((source, NO_STREAM),)
        if decision.by == source:
            decision.by = "default"


def set_api_headers(exchange: Exchange) -> None:
    """Set the headers of the service itself."""
    response, decision = exchange.response, exchange.decision
    if not exchange.entropy:
        exchange.entropy = exchange.namespace.next_entropy(exchange.hashes.best())
    headers = response.headers
    service = exchange.route.mount.service
    if response.api_headers:
        service.set_headers(headers, exchange.entropy)
    headers["x-request-id"] = service.request_id(exchange.entropy)
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
    request, operation = exchange.request, exchange.route.operation
    now = namespace.clock.elapsed()
    attempt = Attempt(
        at=now,
        answered=None if response.takes_time else now,
        fault=fault,
        status=response.seen_status,
        retry_after=requested_wait(response.headers) if fault else None,
        created=exchange.created_id,
        deserves_retry=deserves_retry(response.seen_status, response.headers, response.body),
        retry_count=retry_count(request.headers),
        line=request.line,
        is_under_way=response.takes_time,
    )
    sent = Sent(
        exchange.hashes.raw(),
        operation.operation_id if operation else None,
        exchange.key,
        request.method,
        exchange.route.segments,
    )
    namespace.retry_log.add(sent, attempt)
    if response.takes_time:
        _follow_attempt(exchange, sent, attempt)


def _follow_attempt(exchange: Exchange, sent: Sent, attempt: Attempt) -> None:
    """Note when a response that takes time begins to go out, and how it ends."""
    namespace, response = exchange.namespace, exchange.response

    def note_end(completed: bool) -> None:
        attempt.is_under_way = False
        if completed and response.only_delays:
            namespace.retry_log.note_delivered(sent, attempt)

    if response.reaches_client:
        response.on_start = lambda: setattr(attempt, "answered", namespace.clock.elapsed())
    response.on_complete += (note_end,)


def write_journal_entry(exchange: Exchange) -> None:
    """Write the exchange into the journal; the entry of what takes time is closed when it ends."""
    namespace, response = exchange.namespace, exchange.response
    operation, decision, request = exchange.route.operation, exchange.decision, exchange.request
    operation_id = operation.operation_id if operation else None
    namespace.journal.count(operation_id or journal.UNKNOWN)
    is_unexpected = decision.by == journal.UNEXPECTED
    if not namespace.journal.keeps_entries and not is_unexpected:
        return
    number = next(journal.numbers)
    completed = None if response.takes_time else True
    body = request.body if request.body_error is None else None
    sent = response.body if isinstance(response.body, bytes) else b""
    about = exchange.about.found if exchange.about else None
    entry = JournalEntry(
        number,
        namespace.clock.now(),
        request.method,
        request.path,
        request.query,
        operation_id,
        exchange.key,
        request.headers,
        body,
        response.seen_status,
        response.shown_headers,
        sent,
        decision.by,
        decision.matched,
        decision.skipped,
        decision.fault,
        journal.content_bytes(request.body, sent, about),
        completed,
        decision.hint,
        about,
    )
    namespace.journal.add(entry)
    if is_unexpected:
        namespace.journal.add_unexpected(entry)
    if completed is None:
        _close_when_over(response, number, namespace.journal)


def _close_when_over(response: Response, number: int, entries: journal.Journal) -> None:
    if isinstance(response.body, bytes):
        response.on_complete += (lambda completed: entries.close(number, completed=completed),)
        return
    sent = bytearray()
    response.body = _recorded(response.body, sent, entries.max_bytes)
    response.on_complete += (
        lambda completed: entries.close(number, completed=completed, response=bytes(sent)),
    )


def _recorded(stream: Stream, sent: bytearray, limit: int) -> Stream:
    """Yield the events of a stream, and keep what goes out.

    Beyond `limit` bytes nothing more is added: it is too much for the journal as it is.
    """
    with contextlib.closing(stream):
        for event in stream:
            if len(sent) <= limit:
                sent += sse.encode(event)
            yield event
