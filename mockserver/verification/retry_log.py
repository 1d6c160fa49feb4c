"""The retry log: each request that a fault was injected into, and its retries."""

from collections import OrderedDict, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count, pairwise
from typing import NamedTuple

from mockserver.verification.attempt import Attempt, Sure

MAX_REQUESTS = 1000
"""How many requests of a namespace are kept; the oldest is dropped first."""

MAX_ATTEMPTS = 100
"""How many attempts of a request are kept: the first ones, and the newest."""

EARLY_TOLERANCE_SECONDS = 0.01
"""How much too early a retry may come without counting as early: clocks have coarse steps."""

PATIENCE_SECONDS = 60.0
"""How long after a failure, and after the wait that it requested, a request may be its retry."""

DELIBERATE_SECONDS = 0.1
"""The shortest pause that code makes on purpose; a loop without one comes back sooner."""

QUICK_SECONDS = 1.0
"""How soon one request has to follow another in order to belong to one run of them."""

RUN_LENGTH = 5
"""How many equal requests in a run are no longer separate probes, but retries."""

_numbers = count(1)


class Sent(NamedTuple):
    """What was sent: the hash of the request, and what else the log needs to know of it.

    `segments` are those of the path after its mount.
    """

    request_hash: bytes
    operation: str | None
    key: str | None
    method: str
    segments: tuple[str, ...]


@dataclass(slots=True)
class RetriedRequest:
    """A request that a fault was injected into, and all attempts of it that are told for sure.

    `created` has the ids of the objects that the attempts created. `count` counts all attempts,
    also those that are no longer kept. `follows` names an earlier request that this one may be a
    retry of, by its number and the count that it had. `run` is the place in a run of such requests,
    from 1 on. `was_followed` says that another request may be a retry of this one, `was_sent_again`
    that the same request came later, whoever sent it, and `was_looked_up` that the client asked
    for what is there, after the newest attempt.
    """

    sent: Sent
    attempts: list[Attempt] = field(default_factory=list)
    created: list[str] = field(default_factory=list)
    count: int = 0
    follows: tuple[int, int] | None = None
    run: int = 1
    was_followed: bool = False
    was_sent_again: bool = False
    was_looked_up: bool = False
    number: int = field(default_factory=lambda: next(_numbers))

    @property
    def last(self) -> Attempt:
        """The newest attempt."""
        return self.attempts[-1]

    @property
    def faults(self) -> list[str]:
        """The faults that were injected, each once."""
        return list(dict.fromkeys(one.fault for one in self.attempts if one.fault is not None))

    @property
    def sure(self) -> Sure:
        """How sure it is that all attempts are of one request: as sure as of the least sure."""
        return max(attempt.sure for attempt in self.attempts)

    def add(self, attempt: Attempt) -> None:
        """Add one more attempt."""
        self.count += 1
        self.was_followed = self.was_sent_again = self.was_looked_up = False
        if attempt.created is not None and len(self.created) < MAX_REQUESTS:
            self.created.append(attempt.created)
        if len(self.attempts) < MAX_ATTEMPTS:
            self.attempts.append(attempt)
        else:
            self.attempts[-1] = attempt

    @property
    def outcome(self) -> str:
        """The outcome so far, which is that of the newest attempt."""
        if self.last.delivered:
            return "answered late"
        if self.last.fault is None or self.last.is_told:
            return "got through" if (self.last.status or 0) < 400 else "refused"
        if self.last.is_in_flight():
            return "in progress"
        if self._was_settled_by_looking_up():
            return "looked up"
        if self.was_sent_again:
            return "sent again"
        if self.count > 1:
            return "gave up"
        if self.last.is_broken:
            return "never looked up"
        return "never retried" if self._should_be_retried() else "not retried"

    def waits(self) -> Iterator[tuple[Attempt, Attempt, float]]:
        """Yield each attempt with its retry and the wait between them, in seconds.

        Where no response reached the client it waited since it had sent the attempt, at the most.
        """
        for before, after in pairwise(self.attempts):
            yield before, after, after.at - (before.answered or before.at)

    def early_retries(self) -> list[tuple[Attempt, float]]:
        """Return the attempts whose retry came before the time that they requested, and when."""
        return [(before, wait) for before, _, wait in self.waits() if is_early(before, wait)]

    def _should_be_retried(self) -> bool:
        """Return whether a client does wrong that leaves it at one attempt.

        A client may give up where it is asked to wait long: the official ones do.
        """
        wait = self.last.retry_after or 0.0
        return self.last.deserves_retry is True and wait <= PATIENCE_SECONDS and not self.follows

    def _was_settled_by_looking_up(self) -> bool:
        """Return whether the client could see that the work of a lost response was done."""
        last = self.last
        is_lost = last.status is None or last.status >= 500 or last.is_broken
        is_create = (self.sent.operation or "").startswith("create")
        return self.was_looked_up and is_lost and (not is_create or last.created is not None)


def is_early(before: Attempt, wait: float) -> bool:
    """Return whether a client came back before an attempt's response had asked it to."""
    return (
        before.answered is not None  # otherwise the response was never received
        and before.retry_after is not None
        and wait < before.retry_after - EARLY_TOLERANCE_SECONDS
    )


class RetryLog:
    """The requests of a namespace that faults were injected into, with their attempts.

    `injected` counts the injections of each fault by name. `awaiting` has the requests that may be
    sent again, by their hash: several that are equal may be under way side by side.
    """

    def __init__(self) -> None:
        self.injected: dict[str, int] = {}
        self.requests: deque[RetriedRequest] = deque(maxlen=MAX_REQUESTS)
        self.awaiting: OrderedDict[bytes, list[RetriedRequest]] = OrderedDict()

    def add(self, sent: Sent, attempt: Attempt) -> None:
        """Add an attempt of a request; without a fault only where it may be a retry."""
        if attempt.fault is not None:
            self.injected[attempt.fault] = self.injected.get(attempt.fault, 0) + 1
        else:
            self._note_look_up(sent)
        awaiting = self.awaiting.get(sent.request_hash, [])
        before, attempt.sure = _find_before(awaiting, attempt)
        for other in awaiting:
            other.was_sent_again |= other is not before and not other.last.is_in_flight()
        if before is None:
            if attempt.fault is not None:
                self._begin(RetriedRequest(sent), attempt)
        elif attempt.sure is Sure.POSSIBLE:
            self._follow(before, RetriedRequest(sent), attempt)
        else:
            before.add(attempt)
            if attempt.fault is None:
                self._forget(before)

    def note_injection(self, sent: Sent, attempt: Attempt, fault: str) -> None:
        """Note that a fault is injected into the stream of an attempt, be that added or not."""
        self.injected[fault] = self.injected.get(fault, 0) + 1
        attempt.fault = fault
        known = next((one for one in self.requests if one.last is attempt), None)
        if known is None:
            self._begin(RetriedRequest(sent), attempt)
        else:
            self._expect_more(known)

    def forget(self, sent: Sent, attempt: Attempt) -> None:
        """Note that the client received the response after all: the next request is no retry."""
        for request in list(self.awaiting.get(sent.request_hash, ())):
            if request.last is attempt:
                self._forget(request)

    def clear(self) -> None:
        """Remove all requests and counts."""
        self.injected.clear()
        self.requests.clear()
        self.awaiting.clear()

    def _begin(self, request: RetriedRequest, attempt: Attempt) -> None:
        """Keep a request with its first attempt."""
        attempt.sure = Sure.CERTAIN
        request.add(attempt)
        self.requests.append(request)
        if attempt.fault is not None:
            self._expect_more(request)

    def _expect_more(self, request: RetriedRequest) -> None:
        """Expect that a request is sent again."""
        awaiting = self.awaiting.setdefault(request.sent.request_hash, [])
        if request not in awaiting:
            awaiting.append(request)
        del awaiting[:-MAX_ATTEMPTS]
        if len(self.awaiting) > MAX_REQUESTS:
            self.awaiting.popitem(last=False)

    def _follow(self, before: RetriedRequest, request: RetriedRequest, attempt: Attempt) -> None:
        """Keep a request of its own that may be a retry of one before it."""
        before.was_followed = before.was_sent_again = True
        request.follows = before.number, before.count
        if attempt.at - (before.last.answered or before.last.at) <= QUICK_SECONDS:
            request.run = before.run + 1
        if attempt.retry_count is None:  # otherwise its own retry may still come, and says so
            self._forget(before)
        self._begin(request, attempt)

    def _forget(self, request: RetriedRequest) -> None:
        """Expect no more attempts of a request."""
        request_hash = request.sent.request_hash
        self.awaiting[request_hash].remove(request)
        if not self.awaiting[request_hash]:
            del self.awaiting[request_hash]

    def _note_look_up(self, sent: Sent) -> None:
        """Note that a client asks for what is there, by a request that met no fault."""
        for requests in self.awaiting.values():
            for request in requests:
                if not request.was_looked_up and _looks_up(sent, request):
                    request.was_looked_up = not request.last.is_in_flight()


def _looks_up(sent: Sent, request: RetriedRequest) -> bool:
    """Return whether a request asks for what another one made, or deals with it.

    That is a read of the object, or of the list that it belongs to. A run whose stream broke off
    goes on: to read anything of its thread will do, and so will to cancel it.
    """
    wanted, last = request.sent, request.last
    if wanted.method == "GET" or (sent.method, sent.segments) == (wanted.method, wanted.segments):
        return False
    if last.is_broken:  # its path names its run and its thread, unless it made them
        run, thread = last.created or wanted.segments[-2], last.thread or wanted.segments[1]
        return run in sent.segments or (sent.method != "POST" and thread in sent.segments)
    lists = (wanted.segments, wanted.segments[:-1])
    return sent.method == "GET" and sent.segments in lists


def _find_before(
    awaiting: Sequence[RetriedRequest], attempt: Attempt
) -> tuple[RetriedRequest | None, Sure]:
    """Return the request that an attempt continues, or that it may follow, and how sure it is."""
    if attempt.retry_count:  # the official clients say which attempt it is
        known = [one for one in awaiting if one.last.retry_count == attempt.retry_count - 1]
        # Side by side: a retry on a kept connection is that of the request on it.
        known.sort(key=lambda one: (one.last.is_in_flight(), not one.last.shares_line(attempt)))
        return (known[0] if known else None), Sure.LIKELY if len(known) > 1 else Sure.CERTAIN
    for request in reversed(awaiting):
        if _may_follow(request, attempt):
            return request, _how_sure(request, attempt)
    return None, Sure.CERTAIN


def _may_follow(request: RetriedRequest, attempt: Attempt) -> bool:
    """Return whether one client may have sent both, one after the other, without looking up.

    Who opens a connection beside one that could be used is somebody else, or works side by side.
    """
    last = request.last
    wait = attempt.at - (last.answered or last.at)
    return (
        not request.was_followed
        and not request.was_looked_up
        and not last.is_in_flight()
        and (last.retry_count is None) == (attempt.retry_count is None)
        and (last.shares_line(attempt) or not last.line_is_open())
        and wait <= PATIENCE_SECONDS + (last.retry_after or 0.0)
    )


def _how_sure(request: RetriedRequest, attempt: Attempt) -> Sure:
    """Return how sure it is that an attempt is a retry, where its client does not say so.

    A pause on one connection is made by code, and so is one as long as was requested. Without a
    pause it may as well be the next call of a test; but not if that goes on and on.
    """
    last = request.last
    wait = attempt.at - (last.answered or last.at)
    if wait <= QUICK_SECONDS and request.run >= RUN_LENGTH - 1:
        return Sure.LIKELY
    if attempt.retry_count is not None or wait < DELIBERATE_SECONDS:
        return Sure.POSSIBLE
    requested = last.retry_after
    fits = requested is not None and requested <= wait <= 1.5 * requested + QUICK_SECONDS
    return Sure.LIKELY if fits or last.shares_line(attempt) else Sure.POSSIBLE
