"""What a test asks and asserts about the runs of its key: how they ended, what they were given."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mockserver.client.call_assertions import MAX_LISTED, CallAssertions, check_times, in_words
from mockserver.client.read_runs import with_deleted
from mockserver.client.received_request import format_requests
from mockserver.client.seen_runs import ENDS, Run, ToolOutput, format_runs, parsed, runs_of
from mockserver.expressions.conditions import compile_part
from mockserver.expressions.operators import OPERATORS, paired
from mockserver.expressions.paths import follow
from mockserver.problems import Place, closest, place_text

__tracebackhide__ = True

SUBMIT = "submitToolOuputsToRun"
"""OpenAI's name of the operation that submits outputs."""

Outputs = str | Mapping[str, Any] | Sequence[str | Mapping[str, Any]]
"""Functions by name, each with a condition on its output, or names alone; or a list of these."""

_Test = Callable[[ToolOutput], bool]


class RunAssertions(CallAssertions):
    """The runs of one key: to list them, and to assert about them.

    Those of a thread that was deleted are known from the journal, as far as the client has read
    them.
    """

    def runs(self, thread: str | None = None) -> list[Run]:
        """Return this key's runs, or those of a thread by its id, oldest first.

        A run moves only when the client reads it, so one that nobody polls stays as it is.
        """
        state = self._call("GET", "state")
        if self._deleted_threads():
            state = with_deleted(state, self.requests())
        return runs_of(state, thread)

    def assert_run_ended(
        self,
        status: str = "completed",
        times: int | None = None,
        *,
        thread: str | None = None,
        code: str | None = None,
        reason: str | None = None,
    ) -> None:
        """Assert that `times` runs have ended so; without `times`, at least one.

        `status` is completed, failed, incomplete, expired or cancelled. `code` is that of the error
        of a failed run, such as `rate_limit_exceeded`, and `reason` says why one is incomplete.

        Raises:
            AssertionError: they have not; the message lists the runs and what became of them.
        """
        if status not in ENDS:
            raise ValueError(f"status: no run ends {status!r}: {closest(str(status), ENDS)}")
        if times is not None:
            check_times(times, least=0)
        runs = self.runs(thread)
        count = sum(
            run.status == status
            and code in (None, run.error_code)
            and reason in (None, run.incomplete_reason)
            for run in runs
        )
        if count > 0 if times is None else count == times:
            return
        expected = "at least once" if times is None else in_words(times)
        why = "".join(f" with {one}" for one in (code, reason) if one is not None)
        raise AssertionError(
            f"expected a run to end {status}{why} {expected}, but it happened {in_words(count)}\n"
            f"{self._shown(runs)}"
        )

    def assert_outputs(
        self, expected: Outputs, *, thread: str | None = None, exactly: bool = False
    ) -> None:
        """Assert what was submitted as outputs: `{"get_weather": {"contains": "sunny"}}`.

        `expected` has names of functions, each with its output: the text, operators on the text as
        in the `when` of a stub, or fields of an output that is JSON. A name alone is any output.
        Calls of the same function are a list: `[{"get_weather": "Sun"}, {"get_weather": "Rain"}]`.
        The order does not matter, and there may be others, unless `exactly` these are expected.

        Raises:
            AssertionError: one was not submitted; the message lists those that were.
            ValueError: `expected` is not valid.
        """
        wanted = _compiled(expected)
        runs = self.runs(thread)
        submitted = [one for run in runs for one in run.outputs if one.output is not None]
        met = paired([test for _, test in wanted], submitted)
        too_many = exactly and len(submitted) > len(wanted)
        if len(met) == len(wanted) and not too_many:
            return
        lines = [f"expected {'exactly ' if exactly else ''}these outputs to be submitted:"]
        lines += [
            f"  {words}{'' if at in met else '  <- missing'}"
            for at, (words, _) in enumerate(wanted)
        ]
        if too_many:
            lines.append("  and no others")
        refused = [one for one in self.requests(SUBMIT, limit=MAX_LISTED) if one.status != 200]
        if refused:
            lines += ["submitted and not taken:", format_requests(refused)]
        raise AssertionError("\n".join([*lines, self._shown(runs)]))

    def _shown(self, runs: Sequence[Run]) -> str:
        """Return runs as text, and why something of them may be missing."""
        lines = ["the runs:", format_runs(runs)] if runs else ["there are no runs"]
        if deleted := self._deleted_threads():
            lines.append(
                f"deleteThread was called {in_words(deleted)}: of its runs only that is known "
                "which the client has read"
            )
        return "\n".join(lines)

    def _deleted_threads(self) -> int:
        return self.counts().get("deleteThread", 0)


def _compiled(expected: object) -> list[tuple[str, _Test]]:
    """Return each expected output as words, and as its test."""
    is_list = isinstance(expected, list | tuple)
    several: Sequence[Any] = expected if isinstance(expected, list | tuple) else [expected]
    wanted: list[tuple[str, _Test]] = []
    for at, one in enumerate(several):
        place: Place = ("expected", at) if is_list else ("expected",)
        if isinstance(one, str):
            wanted.append((one, _test(one, lambda text: True)))
        elif isinstance(one, Mapping) and all(isinstance(name, str) for name in one):
            wanted += [
                (f"{name}: {condition!r}", _test(name, _condition(condition, (*place, name))))
                for name, condition in one.items()
            ]
        else:
            remedy = "use the name of a function, or {NAME: OUTPUT}"
            raise ValueError(f"{place_text(place)}: no expected output: {one!r}: {remedy}")
    return wanted


def _test(name: str, condition: Callable[[str], bool]) -> _Test:
    return lambda one: one.name == name and condition(one.output or "")


def _condition(wanted: Any, place: Place) -> Callable[[str], bool]:
    """Return the test of an output: of its text, or where it is JSON, of its fields.

    Raises:
        ValueError: the condition is not valid.
    """
    problems: list[str] = []

    def report(where: Place, what: str, remedy: str) -> None:
        problems.append(f"{place_text(where)}: {what}: {remedy}")

    plain = dict(wanted) if isinstance(wanted, Mapping) else wanted
    are_fields = isinstance(plain, dict) and not (plain and plain.keys() <= OPERATORS)
    of_value = are_fields or isinstance(plain, list) or plain is None
    conditions = list(compile_part("body" if of_value else "message", plain, place, report))
    if problems:
        raise ValueError("\n".join(problems))

    def meets(text: str) -> bool:
        value = parsed(text) if of_value else text
        return all(one.test(follow(value, one.steps)) for one in conditions)

    return meets
