"""The verdict on a client: what it did wrong after a fault, how sure that is, and the remedy."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from mockserver.verification.attempt import Attempt, Sure
from mockserver.verification.retry_log import RUN_LENGTH, RetriedRequest, is_early

NO_WAIT_SECONDS = 0.05
"""A shorter wait before a retry is none."""

STORM_ATTEMPTS = 10
STORM_SECONDS = 10.0
"""More attempts than this in so many seconds are a storm; those made as requested do not count."""

REMEDIES = {
    "created_twice": "look up what exists before you create again after a lost response",
    "retried_too_early": "wait for as long as retry-after-ms or retry-after says",
    "retried_what_cannot_succeed": "do not retry this: correct the request, or raise the error",
    "retry_storm": "limit the number of retries, and double the wait before each",
    "no_backoff": "wait before each retry, longer each time; a test that replaces sleep can move "
    "the clock instead (POST /_mock/clock): that counts as waiting",
    "never_looked_up": "a run goes on when its stream breaks off: read it (getRun) until it ends, "
    "or cancel it",
    "run_again": "a run goes on when its stream breaks off, and its thread is busy: read it "
    "(getRun) instead of asking again",
    "never_retried": "retry it after a wait; where its work may be done, look up first",
}
"""What a client can do wrong, by code, and what to do about it."""


@dataclass(frozen=True, slots=True)
class ClientProblem:
    """Something that the client did wrong with `request`; `what` is a sentence on it."""

    code: str
    what: str
    sure: Sure
    request: RetriedRequest

    @property
    def remedy(self) -> str:
        """What to do about it."""
        return REMEDIES[self.code]

    @property
    def sentence(self) -> str:
        """The problem in one line, such as `never retried: createAssistant after overloaded`."""
        return f"{self.code.replace('_', ' ')}: {self.what}"


def find_calls(requests: Iterable[RetriedRequest]) -> list[list[RetriedRequest]]:
    """Return the requests in groups: in each, every one may be a retry of the one before it.

    They are one request, and so a group of one, where the last met no fault, or where there are so
    many that nobody sends them one by one. A request that was retried as such has no other retry.
    """
    groups: dict[int, list[RetriedRequest]] = {}
    for request in requests:
        before, count = request.follows or (0, 0)
        group = groups.get(before)
        if group is not None and group[-1].count == count:
            group.append(request)
            groups[request.number] = groups.pop(before)
        else:
            groups[request.number] = [replace(request, follows=None)]
    joined = [[_join(group)] if _is_one_request(group) else group for group in groups.values()]
    return [group for group in joined if any(request.faults for request in group)]


def judge(call: Sequence[RetriedRequest]) -> Iterator[ClientProblem]:
    """Yield what a client did wrong with one of the groups of `find_calls`."""
    for request in call:
        yield from _judge_request(request)
    if len(call) > 1:
        yield from _judge_between(call)


def _is_one_request(group: Sequence[RetriedRequest]) -> bool:
    before, last = group[:-1], group[-1].last
    went_on = last.fault is None and all(one.last.deserves_retry is not False for one in before)
    return went_on or any(one.run >= RUN_LENGTH - 1 and one.count > 1 for one in group)


def _join(group: Sequence[RetriedRequest]) -> RetriedRequest:
    """Return all attempts of a group as those of one request."""
    if len(group) == 1:
        return group[0]
    joined = replace(group[-1], attempts=[], created=[], count=0, follows=None)
    for request in group:
        for number, attempt in enumerate(request.attempts):
            is_link = number == 0 and request is not group[0]
            joined.add(replace(attempt, sure=Sure.LIKELY) if is_link else attempt)
        joined.count += request.count - len(request.attempts)
    joined.was_sent_again, joined.was_looked_up = group[-1].was_sent_again, group[-1].was_looked_up
    return joined


def _judge_request(request: RetriedRequest) -> Iterator[ClientProblem]:
    what, why = request.sent.operation or "a request", " and ".join(request.faults)
    sure = request.sure
    if len(request.created) > 1:
        yield ClientProblem("created_twice", _created(what, request.created, why), sure, request)
    if early := request.early_retries():
        text = _came_early(what, *early[0]) + _more(early)
        yield ClientProblem("retried_too_early", text, sure, request)
    in_vain = [before for before, _, _ in request.waits() if before.deserves_retry is False]
    if in_vain:
        status = in_vain[0].status or "no response"
        text = f"{what} after {in_vain[0].fault or 'a refusal'} ({status}){_more(in_vain)}"
        yield ClientProblem("retried_what_cannot_succeed", text, sure, request)
    waits = _waits_of_its_own(request)
    # One quick retry is good practice; two that no header declares may as well be probes.
    least = 2 if sure is Sure.CERTAIN else 3
    if len(waits) >= least and median(waits) < NO_WAIT_SECONDS:
        text = f"{what} {request.count} times, {median(waits):.3f} s apart, after {why}"
        yield ClientProblem("no_backoff", text, sure, request)
    if _is_storm(request):
        text = f"{what} {request.count} times, after {why}"
        yield ClientProblem("retry_storm", text, sure, request)
    again = [after for before, after, _ in request.waits() if before.is_broken]
    if again and len(request.created) < 2:
        text = f"{what} again after {why}, without a look at its run{_more(again)}"
        yield ClientProblem("run_again", text, sure, request)
    if request.outcome in ("never retried", "never looked up"):
        code = request.outcome.replace(" ", "_")
        yield ClientProblem(code, f"{what} after {why}", sure, request)


def _judge_between(call: Sequence[RetriedRequest]) -> Iterator[ClientProblem]:
    """Yield what is wrong whether requests are retries of each other or not."""
    what = call[0].sent.operation or "a request"
    created = [object_id for request in call for object_id in request.created]
    if len(created) > 1 and all(len(request.created) < 2 for request in call):
        why = " and ".join(dict.fromkeys(fault for one in call for fault in one.faults))
        yield ClientProblem("created_twice", _created(what, created, why), Sure.POSSIBLE, call[-1])
    for before, after in pairwise(call):
        waited = after.attempts[0].at - (before.last.answered or before.last.at)
        if is_early(before.last, waited):
            text = _came_early(what, before.last, waited)
            yield ClientProblem("retried_too_early", text, Sure.POSSIBLE, after)


def _waits_of_its_own(request: RetriedRequest) -> list[float]:
    """Return the waits before retries that were right, and whose time the client chose itself."""
    return [
        wait
        for before, _, wait in request.waits()
        if before.retry_after is None and before.deserves_retry is not False
    ]


def _is_storm(request: RetriedRequest) -> bool:
    """Return whether too many attempts came in a short time that no response asked for."""
    times = [request.attempts[0].at]
    for before, after, wait in request.waits():
        if before.retry_after is None or is_early(before, wait):
            times.append(after.at)
    ends = zip(times, times[STORM_ATTEMPTS:], strict=False)
    return any(end - begin <= STORM_SECONDS for begin, end in ends)


def _created(what: str, created: Sequence[str], why: str) -> str:
    times = "" if len(created) == 2 else f"{len(created)} objects: "
    return f"{what} created {times}{', '.join(created)}, after {why}"


def _came_early(what: str, before: Attempt, waited: float) -> str:
    return f"{what} after {waited:.2f} s, {before.fault} requested {before.retry_after:.3g} s"


def _more(found: Sequence[object]) -> str:
    return f", {len(found)} times in all" if len(found) > 1 else ""
