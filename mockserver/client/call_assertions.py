"""What a test asks and asserts about the requests that its key has received."""

import json
import math
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal
from urllib.parse import urlencode

from mockserver import real_time
from mockserver.client.received_request import MAX_POLLS, ReceivedRequest, format_requests
from mockserver.client.report import Report

__tracebackhide__ = True

Operation = str | Sequence[str]
"""An operation by its operationId, a glob such as `create*`, or several of these: any of them."""

POLL_SECONDS = 0.01
"""How long `wait_for` sleeps between two requests to the server."""

MAX_LISTED = 20
"""How many requests the message of a failed assertion lists."""


class CallAssertions(ABC):
    """The requests of one key: to list them, to assert about them, and to wait for them.

    `body`, `headers` and `query` select requests by conditions, as in the `when` of a stub: the
    fields named, or operators in the place of a value, such as `{"name": {"starts_with": "Math"}}`.
    """

    @abstractmethod
    def _call(self, method: str, path: str, body: object = None) -> dict[str, Any]: ...

    def requests(
        self,
        operation: Operation | None = None,
        status: int | Literal["none"] | None = None,
        limit: int | None = None,
        *,
        body: Any = None,
        headers: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
    ) -> list[ReceivedRequest]:
        """Return this key's requests from the journal, newest first.

        `status="none"` selects the requests whose response never reached the client.
        """
        when = given(body=body, headers=headers, query=query)
        wanted = _selection(operation, when) | given(status=status, limit=limit)
        if "when" in wanted:
            entries = self._find(wanted)["requests"]
        else:
            entries = self._call("GET", f"requests?{urlencode(wanted)}")["requests"]
        return [ReceivedRequest.from_entry(entry) for entry in entries]

    def counts(self) -> dict[str, int]:
        """Return the number of requests for each operation, also of those no longer kept."""
        counts: dict[str, int] = self._call("GET", "requests?limit=0")["counts"]
        return counts

    def assert_called(
        self,
        operation: Operation,
        times: int | None = None,
        *,
        body: Any = None,
        headers: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
    ) -> None:
        """Assert that an operation was requested `times` times; without `times`, at least once.

        Without conditions this counts all requests, and with conditions those of the journal. It
        fails as well where the result depends on requests that the journal no longer has.

        Raises:
            AssertionError: it was not; the message lists the requests that were received.
        """
        if times is not None:
            check_times(times, least=0)
        when = given(body=body, headers=headers, query=query)
        count, unknown = self._count(operation, when)
        is_met = count > 0 if times is None else count == times and not unknown
        if not is_met:
            expected = "at least once" if times is None else in_words(times)
            raise AssertionError(
                f"expected {_named(operation, when)} to be called {expected}, but it was called "
                f"{in_words(count)}{_doubt(unknown)}\n{self._listed(operation, when)}"
            )

    def assert_not_called(
        self,
        operation: Operation,
        *,
        body: Any = None,
        headers: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
    ) -> None:
        """Assert that an operation was never requested, or never with these conditions.

        Raises:
            AssertionError: it was; the message lists the requests that were received.
        """
        self.assert_called(operation, times=0, body=body, headers=headers, query=query)

    def assert_calls(
        self, calls: Sequence[Operation | Mapping[str, Any]], *, exactly: bool = False
    ) -> None:
        """Assert that these calls came in this order.

        A call is an operation, a list of which any is meant, or an object such as the `when` of a
        stub: `{"operation": "createAssistant", "body": {"name": "Ada"}}`. Other calls may come
        before, after and between them, unless `exactly` these are expected.

        Raises:
            AssertionError: they did not; the message marks the first one that is missing, and lists
                the requests that were received.
        """
        whens = [_as_when(call, at) for at, call in enumerate(_as_calls(calls))]
        found = [self._find({"when": when, "limit": 0}) for when in whens]
        everything = self._find({"limit": 0})
        missing = _first_missing([one["numbers"] for one in found], everything["numbers"], exactly)
        unknown = everything["unknown"] if exactly else sum(one["unknown"] for one in found)
        if missing is None and not (exactly and unknown):
            return
        lines = [f"expected {'exactly ' if exactly else ''}these calls in this order:"]
        for at, when in enumerate(whens):
            mark = "  <- missing after those above" if at == missing else ""
            lines.append(f"  {at + 1}. {_named(when.pop('operation', 'a request'), when)}{mark}")
        if missing == len(whens):
            lines.append("  and no others")
        raise AssertionError("\n".join(lines) + f"{_doubt(unknown)}\n{self._all()}")

    def wait_for(
        self,
        operation: Operation,
        times: int = 1,
        timeout: float = 5.0,
        *,
        body: Any = None,
        headers: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
    ) -> None:
        """Wait until an operation was requested at least `times` times; `timeout` is in seconds.

        It blocks the thread: use `aio.wait_for` if the requests come from the same event loop.

        Raises:
            AssertionError: the timeout is over; the message lists the requests that were received.
        """
        when = given(body=body, headers=headers, query=query)
        for pause in self._until(operation, times, timeout, when):
            time.sleep(pause)

    def report(self) -> Report:
        """Return the report: which faults were injected, and how the client reacted."""
        return Report(self._call("GET", "report"))

    def assert_resilient(self) -> None:
        """Raise an AssertionError with all of `report().problems` unless there are none."""
        self.report().check()

    def assert_no_duplicates(self) -> None:
        """Raise an AssertionError if a request made its object twice after a lost response."""
        self.report().check("created_twice")

    def _until(
        self, operation: Operation, times: int, timeout: float, when: Mapping[str, Any]
    ) -> Iterator[float]:
        """Yield how long to sleep, in seconds, before each further check of the count."""
        check_times(times, least=1)
        _check_seconds(timeout)
        end = real_time.monotonic() + timeout
        while (found := self._count(operation, when))[0] < times:
            if real_time.monotonic() >= end:
                count, unknown = found
                raise AssertionError(
                    f"expected {_named(operation, when)} to be called {in_words(times)} within "
                    f"{timeout:g} s, but it was called {in_words(count)}{_doubt(unknown)}\n"
                    f"{self._listed(operation, when)}"
                )
            yield POLL_SECONDS

    def _count(self, operation: Operation, when: Mapping[str, Any]) -> tuple[int, int]:
        """Return how many requests meet the conditions, and how many cannot be compared."""
        wanted = _selection(operation, when) | {"limit": 0}
        if "when" in wanted:
            found = self._find(wanted)
            return len(found["numbers"]), found["unknown"]
        counts: dict[str, int] = self._call("GET", f"requests?{urlencode(wanted)}")["counts"]
        return counts.get(wanted["operation"], 0), 0

    def _find(self, wanted: Mapping[str, Any]) -> dict[str, Any]:
        return self._call("POST", "requests/find", wanted)

    def _listed(self, operation: Operation, when: Mapping[str, Any]) -> str:
        """Return the requests for an operation as text, and why some do not meet the conditions."""
        wanted = _selection(operation, when) | {"limit": MAX_LISTED}
        if "when" not in wanted:
            return self._all()
        found = self._find(wanted)
        entries = [*found["requests"], *found["missed"]]
        return format_requests(map(ReceivedRequest.from_entry, entries)) if entries else self._all()

    def _all(self) -> str:
        return format_requests(self.requests(limit=MAX_POLLS), MAX_LISTED)


def _selection(operation: Operation | None, when: Mapping[str, Any]) -> dict[str, Any]:
    """Return what selects requests: an operation by its name, or a `when` that says more."""
    if operation is None or (isinstance(operation, str) and not set("*?[") & set(operation)):
        return given(operation=operation, when=when or None)
    names = operation if isinstance(operation, str) else list(operation)
    return {"when": {"operation": names, **when}}


def _as_calls(calls: object) -> Sequence[Any]:
    if isinstance(calls, list | tuple):
        return calls
    raise ValueError(f"calls: expected a list of calls, got {calls!r}")


def _as_when(call: object, at: int) -> dict[str, Any]:
    if isinstance(call, str | list | tuple):
        return {"operation": call if isinstance(call, str) else list(call)}
    if isinstance(call, Mapping):
        return dict(call)
    raise ValueError(f"calls[{at}]: expected an operation, or a `when` as a dict, got {call!r}")


def _check_seconds(timeout: object) -> None:
    if not isinstance(timeout, int | float) or not 0 <= timeout < math.inf:
        raise ValueError(f"timeout: expected a number of seconds from 0 on, got {timeout!r}")


def check_times(times: object, least: int) -> None:
    """Check a number of times.

    Raises:
        ValueError: it is no whole number, or less than `least`.
    """
    if type(times) is not int or times < least:
        raise ValueError(f"times: expected a whole number from {least} on, got {times!r}")


def given(**values: Any) -> dict[str, Any]:
    """Return the values that are not None."""
    return {name: value for name, value in values.items() if value is not None}


def in_words(times: int) -> str:
    """Return a number of times as text."""
    return "once" if times == 1 else f"{times} times"


def _named(operation: object, when: Mapping[str, Any]) -> str:
    """Return an operation with its conditions as text."""
    conditions = " and ".join(f"{part} {json.dumps(value)}" for part, value in when.items())
    return f"{operation} with {conditions}" if conditions else str(operation)


def _doubt(unknown: int) -> str:
    if not unknown:
        return ""
    return (
        f"; {unknown} more cannot be compared, since the journal no longer has all of them: "
        "start the server with a larger --journal, or reset() between the parts of the test"
    )


def _first_missing(
    found: Sequence[Sequence[int]], everything: Sequence[int], exactly: bool
) -> int | None:
    """Return the place of the first expected call that did not come in its turn; None if all did.

    `found` has, for each expected call, the numbers of the requests that meet it, `everything` the
    numbers of all requests, both in the order in which they came. With `exactly`, the place after
    the last one stands for a request too many.
    """
    turns = iter(everything)
    for at, numbers in enumerate(found):
        meets = set(numbers)
        in_turn = next(turns, None) in meets if exactly else any(one in meets for one in turns)
        if not in_turn:
            return at
    return len(found) if exactly and next(turns, None) is not None else None
