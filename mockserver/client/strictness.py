"""What strictness has found, as an error or a warning of the test."""

import warnings
from collections.abc import Container, Mapping
from typing import Any

from mockserver.client.received_request import ReceivedRequest, format_requests

__tracebackhide__ = True


def judge(unmet: Mapping[str, Any], not_required: Container[str] = ()) -> None:
    """Raise an error or warn, as the level says, where strictness was violated.

    `unmet` is the verdict of the server. `not_required` has the ids of stubs that may stay unused.

    Raises:
        AssertionError: no stub expected a request, or a stub was never matched.
    """
    if unmet["level"] == "ignore":
        return
    names = [
        name
        for stub_id, name in unmet["never_matched"].items()
        if stub_id not in not_required and name in unmet["unused_stubs"]
    ]
    entries = unmet["unexpected_requests"]
    if not entries and not names:
        return
    lines = ["strictness violated:"]
    if entries:
        requests = format_requests(map(ReceivedRequest.from_entry, entries))
        lines += ["no stub expected these requests:", requests]
    lines += [f"stub never matched: {name}" for name in names]
    if unmet["level"] == "error":
        raise AssertionError("\n".join(lines))
    warnings.warn("\n".join(lines), stacklevel=3)
