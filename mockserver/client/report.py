"""The report on a client, as a test inspects it and as people read it."""

from collections.abc import Iterable, Mapping
from typing import Any

__tracebackhide__ = True


class Report(dict[str, Any]):
    """The report of the control API, a dict with its parts as attributes.

    `str` of it is the report for people.
    """

    @property
    def problems(self) -> list[dict[str, Any]]:
        """What the client did wrong: dicts of `code`, `what`, `remedy`, `sure` and more.

        It is empty for a client that did nothing wrong.
        """
        problems: list[dict[str, Any]] = self["problems"]
        return problems

    @property
    def verdict(self) -> list[str]:
        """The problems as sentences."""
        verdict: list[str] = self["verdict"]
        return verdict

    @property
    def faults(self) -> dict[str, dict[str, Any]]:
        """The injected faults by name, each with counts of what came after it."""
        faults: dict[str, dict[str, Any]] = self["faults"]
        return faults

    @property
    def requests(self) -> list[dict[str, Any]]:
        """The requests that faults were injected into, each with its outcome and attempts."""
        requests: list[dict[str, Any]] = self["requests"]
        return requests

    def check(self, *codes: str) -> None:
        """Check that there is no problem, or none with one of these codes.

        Raises:
            AssertionError: there is one; the message has each with its remedy.
        """
        found = [one for one in self.problems if not codes or one["code"] in codes]
        if found:
            raise AssertionError("\n".join(["the client did wrong after a fault:", *_lines(found)]))

    def __str__(self) -> str:
        injected = sum(counts["injected"] for counts in self.faults.values())
        outcomes = [request["outcome"] for request in self.requests]
        found = [f"{outcomes.count(one)} {one}" for one in dict.fromkeys(outcomes)]
        ends = f": {', '.join(found)}" if found else ""
        lines = [
            f"{_counted(injected, 'fault')} in {_counted(len(outcomes), 'request')}{ends}",
            _counted(len(self.problems), "problem"),
            *_lines(self.problems),
        ]
        return "\n".join(lines)


def _lines(problems: Iterable[Mapping[str, Any]]) -> list[str]:
    lines = []
    for one in problems:
        doubt = "" if one["sure"] == "certain" else f" ({one['sure']})"
        lines.append(f"{one['code']}: {one['what']}{doubt}")
        lines.append(f"    {one['remedy']}")
    return lines


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
