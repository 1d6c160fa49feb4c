"""The steps that finish a response, whatever decided it."""

from functools import partial

from mockserver.faults.catalogue import stream_faults
from mockserver.faults.in_stream import with_faults
from mockserver.http.response import Response
from mockserver.http.sse import Stream
from mockserver.pipeline.exchange import Exchange
from mockserver.pipeline.outgoing import Outgoing
from mockserver.verification import journal
from mockserver.verification.attempt import (
    Attempt,
    deserves_retry,
    requested_wait,
    retry_count,
)
from mockserver.verification.journal import JournalEntry
from mockserver.verification.retry_log import Sent

NO_STREAM = "matched, but the response is no stream, so the fault does not apply"
NOT_REACHED = "matched, but the stream was over before the place of its fault"


def inject_faults(exchange: Exchange) -> None:
    """Inject the faults that wait for the handler: into its response."""
    response, decision = exchange.response, exchange.decision
    stream = None if isinstance(response.body, bytes) else response.body
    if stream is not None:
        response.body = with_faults(stream, response.inject)
    for source, action, context in decision.applied:
        if action.applies_to(exchange.response):
            exchange.response = action.change_response(exchange.response, context)
            continue
        decision.fault = None
        decision.withdraw(source)
        decision.skipped += ((source, NO_STREAM),)
        if decision.by == source:
            decision.by = "default"
    if stream is not None:
        _follow_stream(exchange, stream)


def _follow_stream(exchange: Exchange, stream: Stream) -> None:
    """Note what becomes of a stream: its faults are injected when their place comes."""
    response, decision = exchange.response, exchange.decision
    if isinstance(response.body, bytes):  # which a fault has put in its place
        stream.close()
        return
    journal = exchange.namespace.journal
    outgoing = exchange.outgoing = Outgoing(journal.max_bytes if journal.keeps_entries else 0)
    planned = decision.fault if decision.fault in stream_faults() else None
    if planned is not None:
        decision.fault = None
    response.body = outgoing.follow(response.body, stream)
    response.on_injection += (outgoing.inject, partial(setattr, decision, "fault"))

    def end(completed: bool) -> None:
        stream.close()
        if planned is not None and outgoing.fault is None:
            sources = [one.source for one in decision.applied if one.action.fault_name == planned]
            decision.skipped += ((sources[0], NOT_REACHED),)

    response.on_complete += (end,)


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
    log, outgoing = namespace.retry_log, exchange.outgoing
    if fault is None and not log.awaiting and outgoing is None:
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
        thread=exchange.created_in,
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
    if fault is not None or log.awaiting:
        log.add(sent, attempt)
    if outgoing is not None:
        response.on_injection += (partial(log.note_injection, sent, attempt),)
    if response.takes_time:
        _follow_attempt(exchange, sent, attempt)


def _follow_attempt(exchange: Exchange, sent: Sent, attempt: Attempt) -> None:
    """Note when a response that takes time begins to go out, and how it ends."""
    namespace, response, outgoing = exchange.namespace, exchange.response, exchange.outgoing

    def note_end(completed: bool) -> None:
        attempt.is_under_way = False
        if outgoing is not None and outgoing.fault is not None:
            attempt.is_told = outgoing.is_told
            attempt.is_broken = not attempt.is_told and stream_faults()[outgoing.fault].breaks
            if attempt.is_told:
                namespace.retry_log.forget(sent, attempt)
        elif completed and response.only_delays:
            attempt.delivered = True
            namespace.retry_log.forget(sent, attempt)

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
    sent = _shown_body(response)
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
        _close_when_over(exchange, number)


def _shown_body(response: Response) -> bytes:
    """Return what the journal keeps of a body; of a stream nothing yet."""
    if response.about is not None:
        return response.about
    return response.body if isinstance(response.body, bytes) else b""


def _close_when_over(exchange: Exchange, number: int) -> None:
    response, outgoing = exchange.response, exchange.outgoing
    entries, decision = exchange.namespace.journal, exchange.decision
    if outgoing is None:
        response.on_complete += (lambda completed: entries.close(number, completed=completed),)
        return

    def inject(fault: str) -> None:
        entries.change(number, bytes(outgoing.sent), fault=fault, fault_at=outgoing.fault_at)

    def end(completed: bool) -> None:
        went_out = completed and not outgoing.is_cut
        sent = bytes(outgoing.sent)
        entries.change(number, sent, completed=went_out, skipped=decision.skipped)

    response.on_injection += (inject,)
    response.on_complete += (end,)
