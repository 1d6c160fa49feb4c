"""The faults of the transport on a stream."""

import json
from typing import Any

import pytest

from mockserver.faults.catalogue import TRANSPORT
from tests.api.conversation import thread
from tests.api.streams import begin
from tests.conftest import Start
from tests.faults.raw import Line, request_bytes
from tests.faults.streams import HEADER, TEXT, WHOLE, content, entry, events, run_of, see
from tests.support import Api, until


@pytest.mark.parametrize("fault", TRANSPORT, ids=lambda fault: fault.name)
@pytest.mark.parametrize("version", ["HTTP/1.0", "HTTP/1.1"])
@pytest.mark.parametrize("items", [({"say": TEXT},), ({"say": "a"}, {"wait": "1h"}, {"say": "b"})])
def test_a_fault_of_the_transport_applies_to_a_stream_too(
    start: Start, capfd: pytest.CaptureFixture[str], fault: Any, version: str, items: Any
) -> None:
    api = start()
    path, body = begin(api, thread(api, "a"), *items)
    line_of_text = f"{fault.name}{'' if fault.needs_handler else '; inject=after'}"
    if fault.name == "slow_body":
        line_of_text += "; bytes_per_second=100000"
    if fault.name == "latency":
        line_of_text += "; ms=1"
    request = request_bytes(str(api.key), body, {HEADER: line_of_text}, f"POST {path}")
    with Line(api.url) as line:
        line.send(request.replace(b"HTTP/1.1", version.encode(), 1))
        seen = line.see(0.3)
        assert api.get("/v1/models").status == 200  # nothing blocks the others
    endings = {"connection_reset": "RST", "hang": "open"}
    if fault.name in endings:
        assert (seen.received, seen.ending) == (b"", endings[fault.name])
    until(lambda: entry(api)["response"]["completed"] is not None)
    api.post("/_mock/clock", {"advance": "2h"})
    until(lambda: api.get(run_of(api)).json["status"] in ("completed", "expired"))
    assert "Traceback" not in capfd.readouterr().err


@pytest.mark.parametrize("after_bytes", [1, 500, 3000])
def test_a_reset_may_follow_a_number_of_bytes_of_a_stream(api: Api, after_bytes: int) -> None:
    seen = see(api, f"connection_reset; after_bytes={after_bytes}; inject=after")

    assert (len(seen.received), seen.ending) == (after_bytes, "RST")


def test_latency_may_lie_between_the_events(api: Api) -> None:
    seen = see(api, "latency; ms=0; between_ms=10")

    assert events(seen) == [*WHOLE]
    assert seen.took >= 0.01 * content(seen).count(b"event: ")


def test_an_error_may_take_the_place_of_a_stream(api: Api) -> None:
    seen = see(api, "overloaded; inject=after")

    assert seen.status == 503
    assert json.loads(seen.body)["error"]["type"]
    until(lambda: api.get(run_of(api)).json["status"] == "completed")
