"""A table of every fault, as seen on a raw socket and by OpenAI's client.

`pytest tests/sdk/test_fault_table.py` prints it.
"""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

import openai
import pytest

from mockserver import BackgroundServer
from mockserver.faults.catalogue import faults
from tests.faults.raw import Seen, ask
from tests.support import Api

QUICK = {"latency": "latency; ms=100", "slow_body": "slow_body; bytes_per_second=2000"}
"""Options that make the slow faults faster."""

NAMES = [name for name, fault in faults().items() if fault.kind != "stream"]
"""The faults of a plain response; what those of streams do is shown by streams."""


@dataclass(frozen=True)
class Row:
    """The effect of one fault on the wire and on the client; waits are in seconds.

    `received` is the number of bytes received on the raw socket.
    """

    wire: str
    error: str
    attempts: int
    waits: tuple[float, ...] = ()
    received: int = 0

    def __str__(self) -> str:
        waits = ", ".join(f"{wait:.2f} s" for wait in self.waits) or "-"
        return f"{self.wire:18}{self.received:>6}   {self.error:24}{self.attempts:>10}   {waits}"


EXPECTED = {
    "invalid_api_key": Row("401", "AuthenticationError", 1),
    "no_api_key": Row("401", "AuthenticationError", 1),
    "missing_scope": Row("401", "AuthenticationError", 1),
    "unsupported_country": Row("403", "PermissionDeniedError", 1),
    "invalid_beta": Row("400", "BadRequestError", 1),
    "model_not_found": Row("400", "BadRequestError", 1),
    "unsupported_model": Row("400", "BadRequestError", 1),
    "rate_limit_exceeded": Row("429", "RateLimitError", 3),
    "tokens_rate_limit": Row("429", "RateLimitError", 3),
    "insufficient_quota": Row("429", "RateLimitError", 3),
    "server_error": Row("500", "InternalServerError", 3),
    "overloaded": Row("503", "InternalServerError", 3),
    "bad_gateway": Row("502", "InternalServerError", 3),
    "gateway_timeout": Row("504", "InternalServerError", 3),
    "html_error": Row("520", "InternalServerError", 3),
    "not_found": Row("404", "NotFoundError", 1),
    "conflict": Row("409", "ConflictError", 3),
    "request_timeout": Row("408", "APIStatusError", 3),
    "payload_too_large": Row("413", "APIStatusError", 1),
    "sunset": Row("404", "NotFoundError", 1),
    "latency": Row("200", "-", 1),
    "hang": Row("nothing, open", "APITimeoutError", 3),
    "connection_reset": Row("nothing, RST", "APIConnectionError", 3),
    "empty_reply": Row("nothing, FIN", "APIConnectionError", 3),
    "truncated_body": Row("200 cut, FIN", "APIConnectionError", 3),
    "wrong_content_length": Row("200 cut, open", "APITimeoutError", 3),
    "malformed_json": Row("200", "JSONDecodeError", 1),
    "slow_body": Row("200", "-", 1),
    "garbage_status_line": Row("no HTTP, FIN", "APIConnectionError", 3),
}
"""The same for every version of the SDK from 1.109 on."""


def on_the_wire(seen: Seen) -> str:
    if not seen.received:
        return f"nothing, {seen.ending}"
    if seen.status is None:
        return f"no HTTP, {seen.ending}"
    cut = len(seen.body) < seen.announced
    return f"{seen.status} cut, {seen.ending}" if cut else str(seen.status)


def new_client(server: BackgroundServer, name: str) -> openai.OpenAI:
    return openai.OpenAI(base_url=server.base_url, api_key=f"sk-table-{name}", timeout=0.7)


def row(server: BackgroundServer, name: str, client: openai.OpenAI) -> Row:
    fault = QUICK.get(name, name)
    seen = ask(server.url, f"sk-wire-{name}", fault)
    api = Api(server.url, client.api_key)
    with client:
        try:
            client.beta.assistants.create(model="gpt-4o", extra_headers={"X-Mock-Fault": fault})
            error = "-"
        except Exception as raised:  # noqa: BLE001  any exception of the SDK
            error = type(raised).__name__
    time.sleep(0.05)  # a late response is noted after it is sent
    [request] = api.get("/_mock/report").json["requests"]
    waits = tuple(one["waited"] for one in request["attempts"] if one["waited"] is not None)
    return Row(on_the_wire(seen), error, request["count"], waits, len(seen.received))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_what_a_client_sees_of_every_fault(
    server: BackgroundServer, capsys: pytest.CaptureFixture[str]
) -> None:
    clients = [new_client(server, name) for name in NAMES]
    with new_client(server, "loading") as client:
        client.beta.assistants.list()  # so that no thread below waits for an import
    with ThreadPoolExecutor(len(clients)) as pool:
        seen_rows = pool.map(partial(row, server), NAMES, clients)
        rows = dict(zip(NAMES, seen_rows, strict=True))
    with capsys.disabled():
        print(f"\n\nopenai {openai.__version__}")
        wire = f"{'on the wire':18}{'bytes':>6}"
        print(f"{'fault':22}{wire}   {'the client raises':24}{'attempts':>10}   between them")
        for name, seen in rows.items():
            print(f"{name:22}{seen}")

    assert {
        name: Row(seen.wire, seen.error, seen.attempts) for name, seen in rows.items()
    } == EXPECTED
    waits: list[Any] = [wait for seen in rows.values() for wait in seen.waits]
    assert all(wait >= 0.37 for wait in waits)  # half a second, less a quarter of it
