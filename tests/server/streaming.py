"""An operation that only these tests serve: it streams events, and can be made to wait."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pydantic import BaseModel

from mockserver import BackgroundServer, Settings
from mockserver.api import OPERATIONS
from mockserver.api.shared.call import Call
from mockserver.api.shared.operation import Operation
from mockserver.api.shared.results import Result
from mockserver.http.sse import Event, Stream
from mockserver.server.process import run, serve
from tests.support import Api


class TickQuery(BaseModel):
    """How many events there are, and the seconds before each."""

    events: int = 3
    pause: float = 0.0


def stream_ticks(call: Call[None, TickQuery]) -> Result:
    """Stream numbered events; each pull moves the namespace's clock by a second."""
    return Result(_ticks(call))


def _ticks(call: Call[None, TickQuery]) -> Stream:
    for number in range(call.query.events):
        call.namespace.clock.advance(1)
        yield Event("tick", b'{"number":%d}' % number, call.query.pause)
    yield Event("done", b"[DONE]")


TICKS = Operation("streamTicks", "Stream.", "GET", "/ticks", stream_ticks, query=TickQuery)


@contextmanager
def streaming_server(**settings: Any) -> Iterator[Api]:
    """Run a server that serves the stream beside the API."""
    chosen = Settings(**{"port": 0, "log": "none", **settings})
    with BackgroundServer(chosen, operations=(*OPERATIONS, TICKS)) as server:
        yield Api(server.url)


if __name__ == "__main__":
    run(serve(Settings(port=int(sys.argv[1])), print, (*OPERATIONS, TICKS)))
