"""The faults that a script has put in the middle of its stream."""

import contextlib
from collections.abc import Callable

from mockserver.faults.catalogue import stream_faults
from mockserver.http.sse import Stream


def with_faults(stream: Stream, inject: Callable[[str], None]) -> Stream:
    """Yield the events of a stream; a fault changes what is behind its mark.

    Where one is, `inject` is called with its name.
    """
    with contextlib.closing(stream):
        for event in stream:
            if event.fault is None:
                yield event
                continue
            name, options = event.fault
            fault = stream_faults().get(name)
            if fault is not None:
                yield from with_faults(fault.applied(stream, options, inject), inject)
                return
